/** Programmes: made and listed by owners of the whole deployment, each read by whoever may read in it. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { checkTimeZone } from '../decision/make-offer.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { EVERY_PROGRAMME } from '../store/records.js';
import { ProgrammeBody, ProgrammeList, ProgrammeView } from './admin-schemas.js';
import { viewProgramme } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireProgramme } from './programme-parameter.js';

const path = '/v1/programmes';
const tags = ['programmes'];
const security = [{ token: [] }];

export function programmeRoutes(app: App, { context }: RouteParts): void {
  const { store, authority, now } = context;

  app.post(
    path,
    {
      onRequest: requireRight(context, 'own', EVERY_PROGRAMME),
      schema: {
        tags,
        security,
        summary: 'Adds a programme: a tenant with offers, touchpoints and shoppers of its own',
        body: ProgrammeBody,
        response: { 201: ProgrammeView, ...problems('name_taken', ...bodyProblems, ...tokenProblems) },
      },
    },
    async (request, reply) => {
      const nowMs = now();
      checkTimeZone(request.body.timeZone);
      const programme = { ...request.body, createdAtMs: nowMs };
      const audit = auditEntry(request, nowMs, 'programme.add', programme.id);
      const isNew = await store.addProgramme(programme, manifestSigning(authority, nowMs), audit);
      if (!isNew) throw new TapsealError('name_taken', programme.id);
      return reply.code(201).send(viewProgramme(programme));
    },
  );

  app.get(
    path,
    {
      onRequest: requireRight(context, 'own', EVERY_PROGRAMME),
      schema: {
        tags,
        security,
        summary: 'All programmes of the deployment',
        response: { 200: ProgrammeList, ...problems(...tokenProblems) },
      },
    },
    async () => ({ programmes: (await store.listProgrammes()).map(viewProgramme) }),
  );

  app.get(
    PROGRAMME_PATH,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One programme, with its currency and time zone',
        params: ProgrammeParams,
        response: { 200: ProgrammeView, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => viewProgramme(await requireProgramme(store, request.params.programme)),
  );
}

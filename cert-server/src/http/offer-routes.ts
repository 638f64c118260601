/** Administration of offers. */
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from 'typebox';
import { makeOfferVersion } from '../decision/offer.js';
import { OfferAdminView, OfferBody, OfferList } from './admin-schemas.js';
import { viewOffer } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireProgramme } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/offers`;
const tags = ['offers'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: Name });

export function offerRoutes(app: App, { context }: RouteParts): void {
  const { store, now } = context;

  const view = async (programme: string, id: string): Promise<OfferAdminView> => {
    const record = await store.findOffer(programme, id);
    if (record === undefined) throw new TapsealError('offer_unknown', id);
    return viewOffer(record);
  };

  app.post(
    path,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary: 'Makes an offer, open at once at its touchpoints',
        params: ProgrammeParams,
        body: OfferBody,
        response: {
          201: OfferAdminView,
          ...problems(
            'programme_unknown',
            'name_taken',
            'touchpoint_unknown',
            ...bodyProblems,
            ...tokenProblems,
          ),
        },
      },
    },
    async (request, reply) => {
      const programme = await requireProgramme(store, request.params.programme);
      const { id, title = id, touchpoints, action, amountMinor = 0, rules } = request.body;
      const { timeZone, currency } = programme;
      const offer = makeOfferVersion({
        id,
        version: 1,
        title,
        touchpoints,
        action,
        amountMinor,
        currency,
        timeZone,
        rules,
      });
      const outcome = await store.addOffer(programme.id, offer, auditEntry(request, now(), 'offer.add', id));
      if (outcome === 'taken') throw new TapsealError('name_taken', id);
      if (outcome !== 'added') throw new TapsealError('touchpoint_unknown', outcome.unknownTouchpoint);
      reply.code(201);
      return view(programme.id, id);
    },
  );

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'All offers of the programme',
        params: ProgrammeParams,
        response: { 200: OfferList, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      return { offers: (await store.listOffers(id)).map(viewOffer) };
    },
  );

  app.get(
    `${path}/:id`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One offer, in words and with what is granted so far',
        params: Params,
        response: { 200: OfferAdminView, ...problems('body_invalid', 'offer_unknown', ...tokenProblems) },
      },
    },
    async (request) => view(request.params.programme, request.params.id),
  );

  for (const [act, paused] of [
    ['pause', true],
    ['resume', false],
  ] as const) {
    app.post(
      `${path}/:id/${act}`,
      {
        onRequest: requireRight(context, 'operate'),
        schema: {
          tags,
          security,
          summary: paused ? 'Pauses an offer from the next request on' : 'Opens a paused offer again',
          params: Params,
          response: {
            200: OfferAdminView,
            ...problems('offer_unknown', ...bodyProblems, ...tokenProblems),
          },
        },
      },
      async (request) => {
        const { programme, id } = request.params;
        const audit = auditEntry(request, now(), `offer.${act}`, id);
        if (!(await store.setOfferPaused(programme, id, paused, audit))) {
          throw new TapsealError('offer_unknown', id);
        }
        return view(programme, id);
      },
    );
  }
}

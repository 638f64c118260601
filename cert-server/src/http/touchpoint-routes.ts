/** Administration of touchpoints and their enrolment codes. */
import { ENROLMENT_CODE_TTL_MS } from '@tapseal/shared/bounds';
import { enrolmentSecretHash, formatEnrolmentCode, makeEnrolmentCode } from '@tapseal/shared/enrolment';
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import { NO_LABELS } from '../decision/labels.js';
import { checkTimeZone } from '../decision/make-offer.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { instantText } from '../store/instant-text.js';
import type { TouchpointRecord } from '../store/records.js';
import {
  EnrolmentCodeAnswer,
  RevokeBody,
  TouchpointBody,
  TouchpointChangeBody,
  TouchpointList,
  TouchpointView,
} from './admin-schemas.js';
import { viewTouchpoint } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { allowNoBody, auditEntry, requireRight } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireProgramme } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/touchpoints`;
const tags = ['touchpoints'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, name: Name });

export function touchpointRoutes(app: App, { context }: RouteParts): void {
  const { store, authority, crypto, now } = context;

  const findTouchpoint = async (programme: string, name: string): Promise<TouchpointRecord> => {
    const touchpoint = await store.findTouchpoint(programme, name);
    if (touchpoint === undefined) throw new TapsealError('touchpoint_unknown', name);
    return touchpoint;
  };
  const view = async (programme: string, name: string): Promise<TouchpointView> =>
    viewTouchpoint(authority.certificates, await findTouchpoint(programme, name));
  const newCode = (nowMs: number) => {
    const code = makeEnrolmentCode(crypto, authority.root.der);
    const expiresAtMs = nowMs + ENROLMENT_CODE_TTL_MS;
    return {
      text: formatEnrolmentCode(code),
      record: { secretHash: enrolmentSecretHash(crypto, code.secret), expiresAtMs },
      expiresAt: instantText(expiresAtMs),
    };
  };

  app.post(
    path,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary: 'Adds a touchpoint, and makes the enrolment code for its box',
        params: ProgrammeParams,
        body: TouchpointBody,
        response: {
          201: EnrolmentCodeAnswer,
          ...problems('programme_unknown', 'name_taken', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request, reply) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const { name, title = name, place = '', labels = NO_LABELS, timeZone } = request.body;
      if (timeZone !== undefined) checkTimeZone(timeZone);
      const nowMs = now();
      const code = newCode(nowMs);
      const audit = auditEntry(request, nowMs, 'touchpoint.add', name);
      const touchpoint = { name, title, place, labels, timeZone, createdAtMs: nowMs };
      const isNew = await store.addTouchpoint(id, touchpoint, code.record, audit);
      if (!isNew) throw new TapsealError('name_taken', name);
      reply.code(201);
      return { touchpoint: await view(id, name), enrolmentCode: code.text, expiresAt: code.expiresAt };
    },
  );

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'All touchpoints of the programme',
        params: ProgrammeParams,
        response: { 200: TouchpointList, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const touchpoints = await store.listTouchpoints(id);
      return { touchpoints: touchpoints.map((record) => viewTouchpoint(authority.certificates, record)) };
    },
  );

  app.get(
    `${path}/:name`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One touchpoint',
        params: Params,
        response: {
          200: TouchpointView,
          ...problems('body_invalid', 'touchpoint_unknown', ...tokenProblems),
        },
      },
    },
    async (request) => view(request.params.programme, request.params.name),
  );

  app.patch(
    `${path}/:name`,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary: 'Changes labels and time zone of a touchpoint, from the next request on',
        params: Params,
        body: TouchpointChangeBody,
        response: {
          200: TouchpointView,
          ...problems('touchpoint_unknown', 'labels_full', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, name } = request.params;
      const { timeZone } = request.body;
      if (typeof timeZone === 'string') checkTimeZone(timeZone);
      const audit = auditEntry(request, now(), 'touchpoint.change', name);
      const outcome = await store.changeTouchpoint(programme, name, request.body, audit);
      if (outcome === 'unknown') throw new TapsealError('touchpoint_unknown', name);
      if (outcome === 'labels_full') throw new TapsealError('labels_full', name);
      return view(programme, name);
    },
  );

  app.post(
    `${path}/:name/enrolment-code`,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary:
          'A new enrolment code; the open one stops working. A box that is enrolled goes on until the new one is.',
        params: Params,
        response: {
          201: EnrolmentCodeAnswer,
          ...problems('touchpoint_unknown', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request, reply) => {
      const { programme, name } = request.params;
      const nowMs = now();
      const code = newCode(nowMs);
      const audit = auditEntry(request, nowMs, 'touchpoint.code', name);
      const isKnown = await store.addEnrolmentCode(programme, name, code.record, audit);
      if (!isKnown) throw new TapsealError('touchpoint_unknown', name);
      reply.code(201);
      return { touchpoint: await view(programme, name), enrolmentCode: code.text, expiresAt: code.expiresAt };
    },
  );

  app.post(
    `${path}/:name/revoke`,
    {
      onRequest: requireRight(context, 'operate'),
      preValidation: allowNoBody,
      schema: {
        tags,
        security,
        summary: 'Revokes the box of a touchpoint from the next request on, and puts it into a new manifest',
        params: Params,
        body: RevokeBody,
        response: {
          200: TouchpointView,
          ...problems('touchpoint_unknown', 'state_conflict', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, name } = request.params;
      const nowMs = now();
      await findTouchpoint(programme, name);
      const isRevoked = await store.revokeTouchpoint(
        programme,
        name,
        request.body.reason,
        manifestSigning(authority, nowMs),
        auditEntry(request, nowMs, 'touchpoint.revoke', name),
      );
      if (!isRevoked) throw new TapsealError('state_conflict', `${name} has no box and no open code`);
      return view(programme, name);
    },
  );
}

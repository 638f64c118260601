/** Administration of phones. */
import { PHONE_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import { PhoneId } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import { PhoneList, PhoneQuery, PhoneView, RevokeBody } from './admin-schemas.js';
import { viewPhone } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { allowNoBody, auditEntry, requireRight } from './authorise.js';
import { readCount } from './page-query.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

const path = `${PROGRAMME_PATH}/phones`;
const tags = ['phones'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: PhoneId });

export function phoneAdminRoutes(app: App, { context }: RouteParts): void {
  const { store, now } = context;

  app.get(
    path,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'Phones of the programme, page by page, in the order of their ids',
        params: ProgrammeParams,
        querystring: PhoneQuery,
        response: { 200: PhoneList, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const { after, limit } = request.query;
      const countMax = readCount(limit);
      const afterId = after === undefined ? undefined : hexToBytes(after, PHONE_ID_BYTES);
      const phones = await store.listPhones(id, afterId, countMax);
      const last = phones.at(-1);
      return {
        phones: phones.map(viewPhone),
        ...(last === undefined || phones.length < countMax ? {} : { next: bytesToHex(last.id) }),
      };
    },
  );

  app.post(
    `${path}/:id/revoke`,
    {
      onRequest: requireRight(context, 'operate'),
      preValidation: allowNoBody,
      schema: {
        tags,
        security,
        summary: 'Revokes a phone from the next request on',
        params: Params,
        body: RevokeBody,
        response: {
          200: PhoneView,
          ...problems('phone_unknown', 'state_conflict', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const phoneId = requireBytes(hexToBytes(id, PHONE_ID_BYTES), 'id');
      const audit = auditEntry(request, now(), 'phone.revoke', id);
      const isRevoked = await store.revokePhone(programme, phoneId, request.body.reason, audit);
      const phone = await store.findPhone(programme, phoneId);
      if (phone === undefined) throw new TapsealError('phone_unknown', id);
      if (!isRevoked) throw new TapsealError('state_conflict', 'the phone is revoked already');
      return viewPhone(phone);
    },
  );
}

/** Which touchpoint is this, and which of its offers are open to this shopper now? By advert, or by hello. */
import {
  ADVERT_BYTES,
  PHONE_ID_BYTES,
  SEALED_HELLO_BYTES_MAX,
  SERVER_NONCE_BYTES,
  TRANSACTION_ID_BYTES,
} from '@tapseal/shared/bounds';
import { base64urlToBytes, hexToBytes } from '@tapseal/shared/bytes';
import { ResolveAnswer, ResolveBody } from '@tapseal/shared/http-api';
import { resolveAdvert } from '../resolve/resolve-advert.js';
import { resolveHello } from '../resolve/resolve-hello.js';
import { resolveAnswer } from '../resolve/view-offers.js';
import type { BoxRecord } from '../store/records.js';
import type { App, RouteParts } from './app-types.js';
import { bodyProblems, problems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

export function resolveRoute(app: App, { context, limits }: RouteParts): void {
  const findBox = (programme: string, body: ResolveBody, nowMs: number): Promise<BoxRecord> => {
    if ('advert' in body) {
      const advert = requireBytes(base64urlToBytes(body.advert, ADVERT_BYTES), 'advert');
      return resolveAdvert(context, programme, advert);
    }
    const question = {
      sealedHello: requireBytes(base64urlToBytes(body.hello, SEALED_HELLO_BYTES_MAX), 'hello'),
      serverNonce: requireBytes(base64urlToBytes(body.nonce, SERVER_NONCE_BYTES), 'nonce'),
      phoneId: requireBytes(hexToBytes(body.phoneId, PHONE_ID_BYTES), 'phoneId'),
      transactionId: requireBytes(hexToBytes(body.transactionId, TRANSACTION_ID_BYTES), 'transactionId'),
    };
    return resolveHello(context, programme, question, nowMs);
  };

  app.post(
    `${PROGRAMME_PATH}/resolve`,
    {
      onRequest: limits.resolve,
      schema: {
        tags: ['phone'],
        summary: 'Name, place and offers of a touchpoint, by its advert or its hello, and a fresh nonce',
        params: ProgrammeParams,
        body: ResolveBody,
        response: {
          200: ResolveAnswer,
          ...problems(
            'programme_unknown',
            'rate_limited',
            'message_malformed',
            'message_too_long',
            'suite_unsupported',
            'advert_unknown',
            'nonce_invalid',
            'nonce_expired',
            'seal_invalid',
            'touchpoint_unknown',
            'touchpoint_revoked',
            'touchpoint_certificate_invalid',
            'hello_signature_invalid',
            'challenge_mismatch',
            ...bodyProblems,
          ),
        },
      },
    },
    async (request) => {
      const { body } = request;
      const { id } = await requireProgramme(context.store, request.params.programme);
      const nowMs = context.now();
      const box = await findBox(id, body, nowMs);
      const phoneId = body.phoneId === undefined ? undefined : hexToBytes(body.phoneId, PHONE_ID_BYTES);
      return resolveAnswer(context, id, box, phoneId, nowMs);
    },
  );
}

/** What phones call before and beside a tap: nonces, registration, the manifest. */
import { REGISTRATION_BYTES_MAX, SERVER_NONCE_TTL_MS } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { ManifestAnswer, NonceAnswer, RegisterAnswer, RegisterBody } from '@tapseal/shared/http-api';
import { makeServerNonce } from '@tapseal/shared/server-nonce';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { certificatePem } from '../authority/certificate-encoding.js';
import { registerPhone } from '../register/register-phone.js';
import type { App, RouteParts } from './app-types.js';
import { authorise } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

const tags = ['phone'];

export function phoneRoutes(app: App, { context, limits }: RouteParts): void {
  const { store, authority, crypto, now } = context;

  app.post(
    `${PROGRAMME_PATH}/nonces`,
    {
      onRequest: limits.phone,
      schema: {
        tags,
        summary: 'A nonce for a registration or a challenge, fresh for 120 seconds',
        params: ProgrammeParams,
        response: { 200: NonceAnswer, ...problems('programme_unknown', 'rate_limited', ...bodyProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const nonce = makeServerNonce(crypto, authority.nonceKey, id, now());
      return { nonce: bytesToBase64url(nonce), expiresInMs: SERVER_NONCE_TTL_MS };
    },
  );

  app.post(
    `${PROGRAMME_PATH}/phones`,
    {
      onRequest: limits.phone,
      schema: {
        tags,
        summary: 'Registers a phone by proof of possession of its key; the same key again is the same phone',
        description:
          'With an API token of the role `app`, `shopper` says whose phone it is; without, it is a shopper of its own.',
        params: ProgrammeParams,
        body: RegisterBody,
        response: {
          200: RegisterAnswer,
          ...problems(
            'programme_unknown',
            'rate_limited',
            'message_malformed',
            'message_too_long',
            'suite_unsupported',
            'proof_invalid',
            'nonce_invalid',
            'nonce_expired',
            'phone_revoked',
            'state_conflict',
            ...bodyProblems,
            ...tokenProblems,
          ),
        },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const { registration, shopper } = request.body;
      if (shopper !== undefined) await authorise(context, request, 'register-shoppers', id);
      const bytes = requireBytes(base64urlToBytes(registration, REGISTRATION_BYTES_MAX), 'registration');
      const phone = await registerPhone(context, id, bytes, shopper);
      return {
        phoneId: bytesToHex(phone.id),
        shopper: phone.shopper,
        certificate: certificatePem(phone.certificate),
        chain: [authority.issuing.pem, authority.root.pem],
      };
    },
  );

  app.get(
    `${PROGRAMME_PATH}/manifest`,
    {
      onRequest: limits.phone,
      schema: {
        tags,
        summary: 'The newest manifest, for phones to carry to touchpoints',
        params: ProgrammeParams,
        response: { 200: ManifestAnswer, ...problems('body_invalid', 'programme_unknown', 'rate_limited') },
      },
    },
    async (request) => {
      const manifest = await store.findManifest(request.params.programme);
      if (manifest === undefined) throw new TapsealError('programme_unknown');
      return { version: manifest.version, manifest: bytesToBase64url(manifest.bytes) };
    },
  );
}

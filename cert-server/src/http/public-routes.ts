/** What verifiers and monitoring read: public keys and certificates, health, metrics. */
import { createHash } from 'node:crypto';
import { JwkSet } from '@tapseal/shared/http-api';
import { encodeJwk } from '@tapseal/shared/jwk';
import { Type } from '@tapseal/shared/type-builder';
import { AuthorityAnswer } from './admin-schemas.js';
import type { App, RouteParts } from './app-types.js';
import { problems } from './problem-responses.js';

const Health = Type.Object({ status: Type.Literal('ok') });

export function publicRoutes(app: App, { context, limits, metrics }: RouteParts): void {
  const { authority, crypto, store } = context;
  const { root, issuing, tls, voucherCertificate } = authority;
  const x5c = [voucherCertificate, issuing, root].map(({ der }) => Buffer.from(der).toString('base64'));
  const jwkSet: JwkSet = { keys: [{ ...encodeJwk(crypto, authority.voucherSigner.publicKey.bytes), x5c }] };
  const authorityAnswer: AuthorityAnswer = {
    root: root.pem,
    issuing: issuing.pem,
    tls: tls.pem,
    bundle: [root, issuing, tls].map(({ pem }) => pem).join(''),
    rootSha256: createHash('sha256').update(root.der).digest('hex'),
  };

  app.get(
    '/.well-known/jwks.json',
    {
      onRequest: limits.phone,
      schema: {
        tags: ['public'],
        summary: 'The voucher keys as a JWK set, with their certificate chains (x5c)',
        response: { 200: JwkSet, ...problems('rate_limited') },
      },
    },
    async (_request, reply) => {
      reply.header('cache-control', 'public, max-age=300');
      return jwkSet;
    },
  );

  app.get(
    '/v1/authority',
    {
      onRequest: limits.phone,
      schema: {
        tags: ['public'],
        summary: 'The certificates of the authority, one by one and as a PEM bundle',
        response: { 200: AuthorityAnswer, ...problems('rate_limited') },
      },
    },
    async () => authorityAnswer,
  );

  app.get(
    '/healthz',
    {
      schema: {
        tags: ['public'],
        summary: 'Whether the server can read its store',
        response: { 200: Health, ...problems() },
      },
    },
    async () => {
      await store.check();
      return { status: 'ok' as const };
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags: ['public'],
        summary: 'Prometheus metrics',
        response: {
          200: { description: 'Prometheus text', content: { 'text/plain': { schema: Type.String() } } },
          ...problems(),
        },
      },
    },
    async (_request, reply) => {
      reply.type(metrics.registry.contentType);
      return reply.send(await metrics.registry.metrics());
    },
  );
}

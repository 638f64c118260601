/** Administration of API tokens: by owners. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from 'typebox';
import { makeApiToken } from '../tokens/api-token.js';
import { TokenBody, TokenCreated, TokenId, TokenList, TokenView } from './admin-schemas.js';
import { viewToken } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireProgramme } from './programme-parameter.js';

const DAY_MS = 86_400_000;
const path = `${PROGRAMME_PATH}/tokens`;
const tags = ['tokens'];
const security = [{ token: [] }];
const Params = Type.Object({ ...ProgrammeParams.properties, id: TokenId });

export function tokenRoutes(app: App, { context }: RouteParts): void {
  const { store, crypto, now } = context;

  app.post(
    path,
    {
      onRequest: requireRight(context, 'own'),
      schema: {
        tags,
        security,
        summary: 'Makes an API token of the programme; it is shown this once',
        params: ProgrammeParams,
        body: TokenBody,
        response: {
          201: TokenCreated,
          ...problems('programme_unknown', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request, reply) => {
      const programme = await requireProgramme(store, request.params.programme);
      const { role, label = '', expiresInDays } = request.body;
      const nowMs = now();
      const { id, token, secretHash } = makeApiToken(crypto);
      const record = {
        programme: programme.id,
        id,
        role,
        label,
        secretHash,
        createdAtMs: nowMs,
        expiresAtMs: expiresInDays === undefined ? undefined : nowMs + expiresInDays * DAY_MS,
        revokedAtMs: undefined,
      };
      await store.addToken(record, auditEntry(request, nowMs, 'token.add', id));
      reply.code(201);
      return { token, ...viewToken(record) };
    },
  );

  app.get(
    path,
    {
      onRequest: requireRight(context, 'own'),
      schema: {
        tags,
        security,
        summary: 'All API tokens of the programme, without their secrets',
        params: ProgrammeParams,
        response: { 200: TokenList, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { id } = await requireProgramme(store, request.params.programme);
      return { tokens: (await store.listTokens(id)).map(viewToken) };
    },
  );

  app.delete(
    `${path}/:id`,
    {
      onRequest: requireRight(context, 'own'),
      schema: {
        tags,
        security,
        summary: 'Revokes an API token from the next request on',
        params: Params,
        response: {
          200: TokenView,
          ...problems('token_unknown', 'state_conflict', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, id } = request.params;
      const isRevoked = await store.revokeToken(
        programme,
        id,
        auditEntry(request, now(), 'token.revoke', id),
      );
      const token = await store.findToken(id);
      if (token?.programme !== programme) throw new TapsealError('token_unknown', id);
      if (!isRevoked) throw new TapsealError('state_conflict', 'the token is revoked already');
      return viewToken(token);
    },
  );
}

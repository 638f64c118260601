/** Administration of API tokens: by owners. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import type { FastifyRequest } from 'fastify';
import { EVERY_PROGRAMME } from '../store/records.js';
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

function actsEverywhere(request: Pick<FastifyRequest, 'apiToken'>): boolean {
  return request.apiToken?.programme === EVERY_PROGRAMME;
}

export function tokenRoutes(app: App, { context }: RouteParts): void {
  const { store, crypto, now } = context;

  app.post(
    path,
    {
      onRequest: requireRight(context, 'own'),
      schema: {
        tags,
        security,
        summary: 'Makes an API token of the programme, or of every programme; it is shown this once',
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
      const { role, label = '', expiresInDays, everyProgramme = false } = request.body;
      if (everyProgramme && !actsEverywhere(request)) throw new TapsealError('token_forbidden');
      const nowMs = now();
      const { id, token, secretHash } = makeApiToken(crypto);
      const record = {
        programme: everyProgramme ? EVERY_PROGRAMME : programme.id,
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
      const tokens = actsEverywhere(request) ? await store.listTokens(EVERY_PROGRAMME) : [];
      return { tokens: [...tokens, ...(await store.listTokens(id))].map(viewToken) };
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
      const known = await store.findToken(id);
      const isInScope =
        known?.programme === programme || (known?.programme === EVERY_PROGRAMME && actsEverywhere(request));
      if (known === undefined || !isInScope) throw new TapsealError('token_unknown', id);
      // A token is rotated by its successor: so there is always one left that can.
      if (id === request.apiToken?.id)
        throw new TapsealError('state_conflict', 'a token does not revoke itself');
      const audit = auditEntry(request, now(), 'token.revoke', id);
      if (!(await store.revokeToken(known.programme, id, audit))) {
        throw new TapsealError('state_conflict', 'the token is revoked already');
      }
      const token = (await store.findToken(id)) ?? known;
      return viewToken(token);
    },
  );
}

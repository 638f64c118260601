/** The record of decisions, for operators and auditors: listed, watched, and single vouchers. */
import { TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToBase64url, hexToBytes } from '@tapseal/shared/bytes';
import { TransactionId } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import type { FastifyReply } from 'fastify';
import { signGrant, signGrantJws } from '../redeem/sign-decision.js';
import { GRANTS_WAIT_MS_MAX } from './admin-bounds.js';
import { GrantPage, GrantQuery, GrantView, VoucherView } from './admin-schemas.js';
import { viewDecision } from './admin-views.js';
import type { App, RouteParts } from './app-types.js';
import { auditEntry, requireRight } from './authorise.js';
import type { FeedWait } from './decision-feed.js';
import { readCount, readDigits } from './page-query.js';
import { bodyProblems, problems, tokenProblems } from './problem-responses.js';
import { PROGRAMME_PATH, ProgrammeParams, requireBytes, requireProgramme } from './programme-parameter.js';

const tags = ['grants'];
const security = [{ token: [] }];
const TransactionParams = Type.Object({ ...ProgrammeParams.properties, transactionId: TransactionId });

export function grantRoutes(app: App, { context, feed, metrics }: RouteParts): void {
  const { store, authority, crypto, now } = context;

  const waitFor = (programme: string, waitMs: number, reply: FastifyReply): FeedWait => {
    const wait = feed.wait(programme, waitMs);
    // Also where it was answered at once, or the client went away: nobody waits for nothing.
    reply.raw.once('close', () => wait.cancel());
    return wait;
  };

  const transactionOf = (text: string): Uint8Array =>
    requireBytes(hexToBytes(text, TRANSACTION_ID_BYTES), 'transactionId');

  app.get(
    `${PROGRAMME_PATH}/grants`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'Grants (and with decisions=all, refusals), page by page; waits for the next with waitMs',
        params: ProgrammeParams,
        querystring: GrantQuery,
        response: { 200: GrantPage, ...problems('body_invalid', 'programme_unknown', ...tokenProblems) },
      },
    },
    async (request, reply) => {
      const { id } = await requireProgramme(store, request.params.programme);
      const { limit, decisions, order } = request.query;
      const after = readDigits('after', request.query.after, 0, Number.MAX_SAFE_INTEGER);
      const waitMs = readDigits('waitMs', request.query.waitMs, 0, GRANTS_WAIT_MS_MAX);
      const query = {
        after,
        countMax: readCount(limit),
        refusals: decisions === 'all',
        newestFirst: order === 'newest',
      };
      // Registered before the first look: what is decided in between must not be missed.
      const wait = waitMs > 0 && !query.newestFirst ? waitFor(id, waitMs, reply) : undefined;
      let last = await store.lastSequence(id);
      let found = await store.listDecisions(id, query);
      if (found.length === 0 && wait !== undefined) {
        await wait.woken;
        last = await store.lastSequence(id);
        found = await store.listDecisions(id, query);
      }
      const isFull = found.length === query.countMax && !query.newestFirst;
      const next = isFull
        ? (found.at(-1)?.sequence ?? after)
        : Math.max(after, last, found[0]?.sequence ?? 0);
      const nowMs = now();
      return { grants: found.map((decision) => viewDecision(decision, nowMs)), next };
    },
  );

  app.get(
    `${PROGRAMME_PATH}/vouchers/:transactionId`,
    {
      onRequest: requireRight(context, 'read'),
      schema: {
        tags,
        security,
        summary: 'One voucher in both forms, with the state of its receipt',
        params: TransactionParams,
        response: { 200: VoucherView, ...problems('body_invalid', 'voucher_unknown', ...tokenProblems) },
      },
    },
    async (request) => {
      const { programme } = request.params;
      const recorded = await store.findDecision(programme, transactionOf(request.params.transactionId));
      if (recorded === undefined || !recorded.decision.granted) throw new TapsealError('voucher_unknown');
      const grant = recorded.decision;
      return {
        ...viewDecision(recorded, now()),
        voucher: bytesToBase64url(signGrant(authority, grant)),
        jws: signGrantJws(crypto, authority, programme, grant),
        serverTimeS: Math.floor(grant.decidedAtMs / 1_000),
        manifestVersion: grant.manifestVersion,
        requestHash: bytesToBase64url(grant.requestHash),
      };
    },
  );

  app.post(
    `${PROGRAMME_PATH}/grants/:transactionId/release`,
    {
      onRequest: requireRight(context, 'operate'),
      schema: {
        tags,
        security,
        summary:
          'Frees the places that a grant holds, before their time. A receipt that comes later still counts.',
        params: TransactionParams,
        response: {
          200: GrantView,
          ...problems('voucher_unknown', 'hold_settled', ...bodyProblems, ...tokenProblems),
        },
      },
    },
    async (request) => {
      const { programme, transactionId } = request.params;
      const id = transactionOf(transactionId);
      const recorded = await store.findDecision(programme, id);
      if (recorded === undefined || !recorded.decision.granted) throw new TapsealError('voucher_unknown');
      if (recorded.hold === undefined) throw new TapsealError('hold_settled', 'it was counted when granted');
      const audit = auditEntry(request, now(), 'grant.release', transactionId);
      if ((await store.releaseHold(programme, id, audit)) !== 'released')
        throw new TapsealError('hold_settled');
      metrics.holdChanged('released');
      return viewDecision({ ...recorded, hold: 'released' }, now());
    },
  );
}

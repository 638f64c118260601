/**
 * Decisions, in SQLite: read, decide, write, in one transaction with those that are asked for at the same time, so that no
 * two requests count from the same number.
 */
import type { Database } from 'better-sqlite3';
import type { CounterUsage } from '../../decision/counter-usage.js';
import { type DecisionRow, decisionOf, type RecordedRow, recordedOf } from '../decision-row.js';
import type { DecisionStore, RedeemFacts } from '../store-port.js';
import type { SqliteCounters } from './sqlite-counters.js';
import { INSERT_DECISION, parametersOf } from './sqlite-decision-rows.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { SqliteHolds } from './sqlite-holds.js';
import type { SqliteOffers } from './sqlite-offers.js';
import type { Auditing } from './sqlite-rows.js';

type Parts = {
  readonly commits: GroupCommit;
  readonly audit: Auditing;
  readonly offers: Pick<SqliteOffers, 'factsOf'>;
  readonly counters: SqliteCounters;
  readonly holds: SqliteHolds;
};

const NONE_USED: ReadonlyMap<string, CounterUsage> = new Map();

type KnownRow = [sequence: number | null, isNonceUsed: number | null, manifestVersion: number | null];

export function sqliteDecisions(database: Database, parts: Parts): DecisionStore {
  const { commits, audit, offers, counters, holds } = parts;
  const selectFrom = (table: string) => `SELECT d.*, r.outcome, r.counter, r.received_at_ms,
      CASE WHEN d.hold_ends_at_ms IS NOT NULL THEN (SELECT h.state FROM hold h
        WHERE h.programme = d.programme AND h.transaction_id = d.transaction_id LIMIT 1) END AS hold_state
    FROM ${table} LEFT JOIN receipt r ON r.programme = d.programme AND r.transaction_id = d.transaction_id
    WHERE d.programme = ?`;
  const find = database.prepare<[string, Uint8Array], RecordedRow>(
    `${selectFrom('decision d')} AND d.transaction_id = ?`,
  );
  const listing = (from: string, order: 'ASC' | 'DESC') =>
    database.prepare<[string, number, number], RecordedRow>(
      `${from} AND d.sequence > ? ORDER BY d.sequence ${order} LIMIT ?`,
    );
  const all = selectFrom('decision d');
  // Named, so that a thousand refusals between two grants are not looked at.
  const grants = `${selectFrom('decision d INDEXED BY decision_grant')} AND d.granted = 1`;
  const oldest = { all: listing(all, 'ASC'), grants: listing(grants, 'ASC') };
  const newest = { all: listing(all, 'DESC'), grants: listing(grants, 'DESC') };
  const last = database
    .prepare<[string], number>('SELECT coalesce(max(sequence), 0) FROM decision WHERE programme = ?')
    .pluck();
  // One call for all that is looked up whatever the offer is.
  const lookUp = database
    .prepare<[string, Uint8Array, string, Uint8Array, Uint8Array, string], KnownRow>(
      `SELECT (SELECT sequence FROM decision WHERE programme = ? AND transaction_id = ?),
         (SELECT 1 FROM box_nonce WHERE programme = ? AND box = ? AND nonce = ?),
         (SELECT max(version) FROM manifest WHERE programme = ?)`,
    )
    .raw();
  const bySequence = database.prepare<[string, number], DecisionRow>(
    'SELECT * FROM decision WHERE programme = ? AND sequence = ?',
  );
  const insert = database.prepare(INSERT_DECISION);
  const useNonce = database.prepare(
    'INSERT INTO box_nonce (programme, box, nonce, transaction_id, used_at_ms) VALUES (?, ?, ?, ?, ?)',
  );

  const lastSequences = new Map<string, number>();
  commits.onBegin(() => lastSequences.clear());
  const nextSequence = (programme: string): number => {
    const sequence = (lastSequences.get(programme) ?? last.get(programme) ?? 0) + 1;
    lastSequences.set(programme, sequence);
    return sequence;
  };

  const prepare = (...[query, plan]: Parameters<DecisionStore['redeem']>) => {
    const { programme, transactionId, boxId, boxNonce, nowMs } = query;
    const known = lookUp.get(programme, transactionId, programme, boxId, boxNonce, programme);
    const [sequence, isNonceUsed, manifestVersion] = known ?? [null, null, null];
    if (sequence !== null) {
      const recorded = bySequence.get(programme, sequence);
      if (recorded === undefined) throw new Error('a decision has a row');
      const answer = { decision: decisionOf(recorded), recordedBefore: true };
      return () => answer;
    }
    const offer = offers.factsOf(programme, query.offer);
    const endedKeys: string[] = [];
    const facts: RedeemFacts = {
      boxNonceUsed: isNonceUsed !== null,
      offer,
      used: offer ? counters.read(programme, plan.counters(offer.version), nowMs, endedKeys) : NONE_USED,
      manifestVersion: manifestVersion ?? 0,
    };
    const { decision, increments } = plan.decide(facts);

    return () => {
      for (const key of endedKeys) holds.releaseEndedOf(programme, key, nowMs);
      insert.run(...parametersOf(programme, nextSequence(programme), decision));
      if (decision.granted) {
        useNonce.run(programme, boxId, boxNonce, transactionId, decision.decidedAtMs);
        if (decision.holdEndsAtMs === undefined) {
          for (const increment of increments) counters.add(programme, increment, nowMs);
        } else holds.add(programme, transactionId, increments, decision.holdEndsAtMs);
      }
      return { decision, recordedBefore: false };
    };
  };

  return {
    findDecision: async (programme, transactionId) => {
      const row = find.get(programme, transactionId);
      return row && recordedOf(row);
    },
    redeem: (query, plan) => commits.commit(() => prepare(query, plan)),
    listDecisions: async (programme, { after, countMax, refusals, newestFirst }) => {
      const statement = (newestFirst ? newest : oldest)[refusals ? 'all' : 'grants'];
      return statement.all(programme, newestFirst ? 0 : after, countMax).map(recordedOf);
    },
    lastSequence: async (programme) => last.get(programme) ?? 0,
    releaseHold: (programme, transactionId, entry) =>
      commits.write(() => {
        const state = holds.stateOf(programme, transactionId);
        if (state === undefined) return 'unknown';
        if (state !== 'held') return 'settled';
        holds.release(programme, transactionId);
        audit(programme, entry);
        return 'released';
      }),
    releaseEndedHolds: (nowMs, countMax) => commits.commit(() => () => holds.releaseEnded(nowMs, countMax)),
  };
}

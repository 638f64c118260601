/** What a transaction of redemptions reads beside the counters, and the box nonces that it uses up. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { type DecisionRow, decisionOf } from '../decision-row.js';
import type { Decision } from '../records.js';
import { int8Array } from './binary-array.js';
import { freshStatement, type Queries, statement } from './postgres-connections.js';
import { DECISION_COLUMNS, DECISIONS_OF_TRANSACTIONS } from './postgres-decision-rows.js';
import { type BatchFacts, nonceKey, type Prepared } from './redeem-batch.js';

/** The counters were chosen by a version that is not the newest any more. */
export class OfferOutdated extends Error {
  readonly offers: readonly string[];

  constructor(offers: readonly string[]) {
    super('a newer version of the offer is on record');
    this.offers = offers;
  }
}

const facts = statement(
  'redeem-facts',
  `SELECT id, version, paused FROM offer WHERE programme = $1 AND id = ANY($2::text[])
   UNION ALL
   SELECT NULL, coalesce(max(version), 0), 0 FROM manifest WHERE programme = $1`,
);
// Each is looked up by its key, whatever the database knows of its tables.
const noncesUsed = statement(
  'redeem-nonces-used',
  `SELECT q.box, q.nonce FROM unnest($2::bytea[], $3::bytea[]) AS q (box, nonce)
   WHERE (SELECT n.used_at_ms FROM box_nonce n WHERE n.programme = $1 AND n.box = q.box AND n.nonce = q.nonce) IS NOT NULL`,
);
const recorded = freshStatement(`SELECT ${DECISION_COLUMNS} FROM ${DECISIONS_OF_TRANSACTIONS}`);
const addNonce = statement(
  'redeem-nonces',
  `INSERT INTO box_nonce (programme, box, nonce, transaction_id, used_at_ms)
   SELECT $1, q.box, q.nonce, q.transaction_id, q.used_at_ms
   FROM unnest($2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[]) AS q (box, nonce, transaction_id, used_at_ms)
   ORDER BY q.box, q.nonce`,
);

/** Of an offer, or of the newest manifest. */
type FactRow = {
  id: string | null;
  version: number;
  paused: number;
};

/**
 * To be called when the counters are locked: whoever has changed one of them has committed.
 * @throws OfferOutdated
 */
export async function readBatchFacts(
  queries: Queries,
  programme: string,
  batch: readonly Prepared[],
): Promise<Omit<BatchFacts, 'recorded' | 'noncesUsed'>> {
  const offers = new Set(batch.map(({ query }) => query.offer));
  const rows = await queries.rows<FactRow>(facts, [programme, [...offers]]);
  const newest = new Map<string, number>();
  const pausedOffers = new Set<string>();
  let manifestVersion = 0;
  for (const { id, version, paused } of rows) {
    if (id === null) {
      manifestVersion = version;
      continue;
    }
    newest.set(id, version);
    if (paused !== 0) pausedOffers.add(id);
  }
  const outdated = batch.filter(({ query, offer }) => newest.get(query.offer) !== offer?.version.version);
  if (outdated.length > 0) throw new OfferOutdated(outdated.map(({ query }) => query.offer));
  return { pausedOffers, manifestVersion };
}

/** As `readBatchFacts`: which box nonces are used up, each as its `nonceKey`. */
export async function readNoncesUsed(
  queries: Queries,
  programme: string,
  batch: readonly Prepared[],
): Promise<Set<string>> {
  if (batch.length === 0) return new Set();
  const rows = await queries.rows<{ box: Uint8Array; nonce: Uint8Array }>(noncesUsed, [
    programme,
    batch.map(({ query }) => query.boxId),
    batch.map(({ query }) => query.boxNonce),
  ]);
  return new Set(rows.map(({ box, nonce }) => nonceKey(box, nonce)));
}

/** As `readBatchFacts`: the decisions that are on record already, by transaction. */
export async function readRecorded(
  queries: Queries,
  programme: string,
  transactions: readonly Uint8Array[],
): Promise<Map<string, Decision>> {
  if (transactions.length === 0) return new Map();
  const rows = await queries.rows<DecisionRow>(recorded, [programme, transactions]);
  return new Map(rows.map((row) => [bytesToHex(row.transaction_id), decisionOf(row)]));
}

/** In the order of their bytes; one that was used meanwhile is a conflict. */
export async function addNonces(
  queries: Queries,
  programme: string,
  decisions: readonly Decision[],
): Promise<void> {
  const grants = decisions.filter(({ granted }) => granted);
  if (grants.length === 0) return;
  await queries.run(addNonce, [
    programme,
    grants.map(({ boxId }) => boxId),
    grants.map(({ boxNonce }) => boxNonce),
    grants.map(({ transactionId }) => transactionId),
    int8Array(grants.map(({ decidedAtMs }) => decidedAtMs)),
  ]);
}

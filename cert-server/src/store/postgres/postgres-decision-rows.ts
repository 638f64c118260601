/** Decisions as rows of PostgreSQL. */
import type { Decision } from '../records.js';
import { int8Array } from './binary-array.js';
import { type Queries, statement } from './postgres-connections.js';
import { positions } from './postgres-rows.js';

/** All places of a grant are in the same state. */
export const DECISION_COLUMNS = `d.sequence, d.granted, d.transaction_id, d.request_hash, d.phone, d.shopper, d.box,
  d.touchpoint, d.box_nonce, d.offer, d.offer_version, d.offer_hash, d.amount_minor, d.awarded_minor, d.hold_ends_at_ms,
  d.decided_at_ms, d.manifest_version, d.receipts_through, d.box_manifest_version, d.voucher_key_id,
  d.action, d.code, d.rule, d.used, d.maximum, d.resets_at_ms, r.outcome, r.counter, r.received_at_ms,
  CASE WHEN d.hold_ends_at_ms IS NULL THEN NULL ELSE (
    SELECT h.state FROM hold h WHERE h.programme = d.programme AND h.transaction_id = d.transaction_id LIMIT 1
  ) END AS hold_state`;

/** One at most. Said so, each is looked up by its key, whatever the database knows of its tables. */
export const DECISION_RECEIPT = `LEFT JOIN LATERAL (
    SELECT outcome, counter, received_at_ms FROM receipt
    WHERE programme = d.programme AND transaction_id = d.transaction_id LIMIT 1
  ) AS r ON TRUE`;

/** Of the programme `$1`, those of the transactions `$2`. */
export const DECISIONS_OF_TRANSACTIONS = `unnest($2::bytea[]) AS q (transaction_id)
  CROSS JOIN LATERAL (
    SELECT * FROM decision WHERE programme = $1 AND transaction_id = q.transaction_id LIMIT 1
  ) AS d ${DECISION_RECEIPT}`;

// The row of the programme is taken last and kept until the commit: so numbers have no gaps and appear in their order.
const takeSequence = statement(
  'decision-sequence',
  `INSERT INTO decision_sequence (programme, last) VALUES ($1, $2::bigint)
   ON CONFLICT (programme) DO UPDATE SET last = decision_sequence.last + $2::bigint`,
);

/** What is sent as an array each, in this order: `$3` is the position of the decision, these are `$4` and so on. */
const COLUMN_TYPES = {
  transaction_id: 'bytea',
  granted: 'bigint',
  request_hash: 'bytea',
  phone: 'bytea',
  shopper: 'text',
  box: 'bytea',
  touchpoint: 'text',
  box_nonce: 'bytea',
  offer: 'text',
  offer_version: 'bigint',
  offer_hash: 'bytea',
  amount_minor: 'bigint',
  awarded_minor: 'bigint',
  hold_ends_at_ms: 'bigint',
  decided_at_ms: 'bigint',
  manifest_version: 'bigint',
  receipts_through: 'bigint',
  box_manifest_version: 'bigint',
  voucher_key_id: 'bytea',
  action: 'text',
  code: 'text',
  rule: 'text',
  used: 'bigint',
  maximum: 'bigint',
  resets_at_ms: 'bigint',
} as const;
const elements = Object.values(COLUMN_TYPES).map((type, index) => `unnest($${index + 4}::${type}[])`);
// Unnested where they are selected: as a table, each array would first be written into a store of its own.
const insert = statement(
  'decision-add',
  `INSERT INTO decision (programme, sequence, ${Object.keys(COLUMN_TYPES).join(', ')})
   SELECT $1, s.last - $2::bigint + 1 + unnest($3::bigint[]), ${elements.join(', ')}
   FROM decision_sequence s WHERE s.programme = $1`,
);

/** In their order: each gets the next number of the programme. Sends all at once; nothing may be locked after it. */
export async function addDecisions(
  queries: Queries,
  programme: string,
  decisions: readonly Decision[],
): Promise<void> {
  const grants = decisions.map((decision) => (decision.granted ? decision : undefined));
  const refusals = decisions.map((decision) => (decision.granted ? undefined : decision));
  const [, count] = await Promise.all([
    queries.run(takeSequence, [programme, decisions.length]),
    queries.run(insert, [
      programme,
      decisions.length,
      positions(decisions.length),
      decisions.map(({ transactionId }) => transactionId),
      int8Array(decisions.map(({ granted }) => (granted ? 1 : 0))),
      decisions.map(({ requestHash }) => requestHash),
      decisions.map(({ phoneId }) => phoneId),
      decisions.map(({ shopper }) => shopper),
      decisions.map(({ boxId }) => boxId),
      decisions.map(({ touchpoint }) => touchpoint),
      decisions.map(({ boxNonce }) => boxNonce),
      decisions.map(({ offer }) => offer),
      int8Array(decisions.map(({ offerVersion }) => offerVersion)),
      decisions.map(({ offerHash }) => offerHash),
      int8Array(decisions.map(({ amountMinor }) => amountMinor)),
      int8Array(grants.map((grant) => grant?.awardedMinor)),
      int8Array(grants.map((grant) => grant?.holdEndsAtMs)),
      int8Array(decisions.map(({ decidedAtMs }) => decidedAtMs)),
      int8Array(decisions.map(({ manifestVersion }) => manifestVersion)),
      int8Array(decisions.map(({ receiptsThrough }) => receiptsThrough)),
      int8Array(decisions.map(({ boxManifestVersion }) => boxManifestVersion)),
      decisions.map(({ voucherKeyId }) => voucherKeyId),
      grants.map((grant) => grant?.action),
      refusals.map((refusal) => refusal?.code),
      refusals.map((refusal) => refusal?.rule),
      int8Array(refusals.map((refusal) => refusal?.used)),
      int8Array(refusals.map((refusal) => refusal?.maximum)),
      int8Array(refusals.map((refusal) => refusal?.resetsAtMs)),
    ]),
  ]);
  if (count !== decisions.length) throw new Error(`${count} of ${decisions.length} decisions were recorded`);
}

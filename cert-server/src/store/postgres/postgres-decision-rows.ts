/** Decisions as rows of PostgreSQL. */
import type { Decision } from '../records.js';
import { type Queries, statement } from './postgres-connections.js';
import { integers, positions } from './postgres-rows.js';

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
const insert = statement(
  'decision-add',
  `INSERT INTO decision (programme, sequence, transaction_id, granted, request_hash, phone, shopper, box, touchpoint,
     box_nonce, offer, offer_version, offer_hash, amount_minor, awarded_minor, hold_ends_at_ms, decided_at_ms,
     manifest_version, receipts_through, box_manifest_version, voucher_key_id, action, code, rule, used, maximum,
     resets_at_ms)
   SELECT $1, s.last - $2::bigint + 1 + q.position, q.transaction_id, q.granted, q.request_hash, q.phone, q.shopper,
     q.box, q.touchpoint, q.box_nonce, q.offer, q.offer_version, q.offer_hash, q.amount_minor, q.awarded_minor,
     q.hold_ends_at_ms, q.decided_at_ms, q.manifest_version, q.receipts_through, q.box_manifest_version,
     q.voucher_key_id, q.action, q.code, q.rule, q.used, q.maximum, q.resets_at_ms
   FROM decision_sequence s, unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bytea[], $8::text[],
       $9::bytea[], $10::text[], $11::bytea[], $12::text[], $13::bigint[], $14::bytea[], $15::bigint[], $16::bigint[],
       $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bytea[], $23::text[],
       $24::text[], $25::text[], $26::bigint[], $27::bigint[], $28::bigint[])
     AS q (position, transaction_id, granted, request_hash, phone, shopper, box, touchpoint, box_nonce, offer,
       offer_version, offer_hash, amount_minor, awarded_minor, hold_ends_at_ms, decided_at_ms, manifest_version,
       receipts_through, box_manifest_version, voucher_key_id, action, code, rule, used, maximum, resets_at_ms)
   WHERE s.programme = $1`,
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
      integers(decisions.map(({ granted }) => (granted ? 1 : 0))),
      decisions.map(({ requestHash }) => requestHash),
      decisions.map(({ phoneId }) => phoneId),
      decisions.map(({ shopper }) => shopper),
      decisions.map(({ boxId }) => boxId),
      decisions.map(({ touchpoint }) => touchpoint),
      decisions.map(({ boxNonce }) => boxNonce),
      decisions.map(({ offer }) => offer),
      integers(decisions.map(({ offerVersion }) => offerVersion)),
      decisions.map(({ offerHash }) => offerHash),
      integers(decisions.map(({ amountMinor }) => amountMinor)),
      integers(grants.map((grant) => grant?.awardedMinor)),
      integers(grants.map((grant) => grant?.holdEndsAtMs)),
      integers(decisions.map(({ decidedAtMs }) => decidedAtMs)),
      integers(decisions.map(({ manifestVersion }) => manifestVersion)),
      integers(decisions.map(({ receiptsThrough }) => receiptsThrough)),
      integers(decisions.map(({ boxManifestVersion }) => boxManifestVersion)),
      decisions.map(({ voucherKeyId }) => voucherKeyId),
      grants.map((grant) => grant?.action),
      refusals.map((refusal) => refusal?.code),
      refusals.map((refusal) => refusal?.rule),
      integers(refusals.map((refusal) => refusal?.used)),
      integers(refusals.map((refusal) => refusal?.maximum)),
      integers(refusals.map((refusal) => refusal?.resetsAtMs)),
    ]),
  ]);
  if (count !== decisions.length) throw new Error(`${count} of ${decisions.length} decisions were recorded`);
}

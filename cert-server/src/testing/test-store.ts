/** For tests only: what a store is filled with, and redemptions whose plan is as plain as can be. */
import { createHash } from 'node:crypto';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { CounterQuery } from '../decision/counter-usage.js';
import { totalKey } from '../decision/counters.js';
import type { OfferVersion } from '../decision/offer.js';
import { hashedOffer } from '../decision/offer-hash.js';
import type { AuditEntry, Decision, ReceiptRecord } from '../store/records.js';
import type { ManifestSigning, NewOfferVersion, RedeemFacts, Store } from '../store/store-port.js';
import { testOffer } from './test-offer.js';

/** The present of these tests, milliseconds since 1970. */
export const T = 1_780_000_000_000;

export const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

/** Any number of ids, all different. */
export function idBytes(length: number, id: number): Uint8Array {
  const result = new Uint8Array(length);
  new DataView(result.buffer).setUint32(length - 4, id);
  return result;
}

export const audit = (object: string): AuditEntry => ({ atMs: T, token: 'token', act: 'test', object });

/** The manifest says who is revoked, by the first byte of each id. */
export const sign: ManifestSigning = (_programme, newestVersion, revoked) => {
  const version = newestVersion + 1;
  return { version, bytes: Uint8Array.of(version, ...revoked.map((id) => id[0] ?? 0)) };
};

export const anchor = (counterS: number) => ({
  epoch: counterS / 1_024,
  advertKey: bytes(32, 1),
  counterS,
  seenAtMs: T,
});

/** A touchpoint with a box whose id, rotating ID and code are all of `fill`. */
export async function addBox(store: Store, programme: string, name: string, fill: number): Promise<void> {
  const secretHash = bytes(32, fill);
  await store.addTouchpoint(
    programme,
    { name, title: name, place: '', labels: {}, timeZone: undefined, createdAtMs: T },
    { secretHash, expiresAtMs: T + 1_000 },
    audit(name),
  );
  const ids = [{ rotatingId: bytes(8, fill), epoch: 0, advertKey: bytes(32, fill) }];
  const window = { anchor: anchor(0), ids, refreshAtMs: T + 500 };
  const box = { id: bytes(8, fill), certificate: bytes(9, fill), enrolledAtMs: T, window };
  await store.enrolBox(secretHash, box, sign);
}

export function addPhone(store: Store, programme: string, fill: number, reference?: Uint8Array) {
  return store.registerPhone(programme, {
    id: bytes(16, fill),
    algorithm: 'Ed25519',
    certificate: bytes(9, fill),
    registeredAtMs: T,
    shopperReference: reference,
    newShopper: `shopper-${fill}`,
  });
}

const hashing = { sha256: (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest()) };

export function newOffer(changes: Partial<OfferVersion> = {}): NewOfferVersion {
  return hashedOffer(hashing, { ...testOffer({}), ...changes });
}

/** Two programmes; `venue` has a touchpoint with its box, a phone and an offer. */
export async function fillStore(store: Store): Promise<void> {
  for (const id of ['venue', 'other']) {
    const programme = { id, title: id, timeZone: 'UTC', currency: 'EUR', createdAtMs: T };
    await store.addProgramme(programme, sign, audit(id));
  }
  await addBox(store, 'venue', 'lobby-1', 1);
  await addPhone(store, 'venue', 1);
  await store.addOffer('venue', newOffer(), audit('offer'));
}

/** One counter of a redemption: granted while what is used and held stays within `maximum` with `amount` on top. */
export type Counting = CounterQuery & {
  readonly maximum?: number;
  readonly amount?: number;
  readonly resetsAtMs?: number;
};

export type Ask = {
  /** Of the transaction, and of the box's nonce where that is not given. */
  readonly id: number;
  readonly nonce?: number;
  readonly programme?: string;
  readonly offer?: string;
  readonly nowMs?: number;
  /** The total of the offer where absent. */
  readonly counters?: readonly Counting[];
  readonly holdMs?: number;
  /** Sees the facts before the decision; what it throws is what the plan throws. */
  readonly onFacts?: (facts: RedeemFacts) => void;
};

export const transaction = (id: number): Uint8Array => idBytes(16, id);

export function redeem(store: Store, ask: Ask) {
  const { id, nonce = id, programme = 'venue', offer = 'offer', nowMs = T, holdMs, onFacts } = ask;
  const { counters = [{ key: totalKey(offer) }] } = ask;
  const boxId = bytes(8, 1);
  const boxNonce = idBytes(16, nonce);
  const query = { programme, transactionId: transaction(id), boxId, boxNonce, offer, nowMs };
  const decide = (facts: RedeemFacts) => {
    onFacts?.(facts);
    const { manifestVersion } = facts;
    const fields = {
      transactionId: transaction(id),
      requestHash: idBytes(32, id),
      phoneId: bytes(16, 1),
      shopper: 'shopper-1',
      boxId,
      touchpoint: 'lobby-1',
      boxNonce,
      offer,
      offerVersion: facts.offer?.version.version ?? 0,
      offerHash: facts.offer?.hash,
      amountMinor: 250,
      decidedAtMs: nowMs,
      manifestVersion,
      receiptsThrough: 41,
      boxManifestVersion: 1,
      voucherKeyId: bytes(4, 1),
    };
    const refuse = (code: ErrorCode, rule: string, used: number, maximum: number, resetsAtMs?: number) => {
      const why = { granted: false as const, code, rule, used, maximum, resetsAtMs };
      return { decision: { ...fields, ...why }, increments: [] };
    };
    if (facts.offer === undefined) return refuse('offer_unknown', 'an offer', 0, 0);
    for (const {
      key,
      maximum = Number.POSITIVE_INFINITY,
      amount = 1,
      roomAtSums: [sum = 0] = [],
    } of counters) {
      const { used, held, rooms } = facts.used.get(key) ?? { used: Number.NaN, held: Number.NaN };
      if (amount <= maximum - used - held) continue;
      return refuse('limit_reached', key, used + held, maximum, rooms?.get(sum)?.withHeldAtMs);
    }
    const holdEndsAtMs = holdMs === undefined ? undefined : nowMs + holdMs;
    const decision: Decision = { ...fields, granted: true, action: 'open', awardedMinor: 200, holdEndsAtMs };
    const increments = counters.map(({ key, amount = 1, windowMs, resetsAtMs }) => ({
      key,
      amount,
      ...(windowMs === undefined ? {} : { windowMs, resetsAtMs: nowMs + windowMs }),
      ...(resetsAtMs === undefined ? {} : { resetsAtMs }),
    }));
    return { decision, increments };
  };
  const queries = counters.map(({ key, windowMs, roomAtSums }) => ({
    key,
    ...(windowMs === undefined ? {} : { windowMs }),
    ...(roomAtSums === undefined ? {} : { roomAtSums }),
  }));
  return store.redeem(query, { counters: () => queries, decide });
}

/** @param hash fill of this receipt's hash; @param previous of the one before it, 0 for the first */
export function receipt(
  counter: number,
  id: number,
  hash: number,
  previous: number,
  outcome: ReceiptRecord['outcome'] = 'actuated',
): ReceiptRecord {
  return {
    boxId: bytes(8, 1),
    counter,
    transactionId: transaction(id),
    outcome,
    bytes: bytes(3, hash),
    hash: idBytes(32, hash),
    previousHash: idBytes(32, previous),
  };
}

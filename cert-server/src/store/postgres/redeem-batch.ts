/**
 * Decides the redemptions of one transaction one after another, in memory, each on the state that those before it leave. Reads
 * no database and no clock.
 */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { CounterQuery } from '../../decision/counter-usage.js';
import type { Decision } from '../records.js';
import type { RedeemOutcome, RedeemPlan, RedeemQuery } from '../store-port.js';
import type { CounterLedger } from './counter-ledger.js';
import type { KnownVersion } from './offer-versions.js';

export type Redeeming = { readonly query: RedeemQuery; readonly plan: RedeemPlan };

export type Redeemed = { readonly decision: Decision; readonly recordedBefore: boolean };

export type Settled = { readonly redeemed: Redeemed } | { readonly fault: unknown };

/** One redemption, with the counters that it touches. */
export type Prepared = Redeeming & {
  readonly transaction: string;
  /** Its `nonceKey`. */
  readonly nonce: string;
  readonly offer: KnownVersion | undefined;
  readonly counters: readonly CounterQuery[];
};

export type BatchFacts = {
  /** By transaction. */
  readonly recorded: ReadonlyMap<string, Decision>;
  /** By `nonceKey`. */
  readonly noncesUsed: ReadonlySet<string>;
  readonly pausedOffers: ReadonlySet<string>;
  readonly manifestVersion: number;
};

export type Decided = {
  /** Of each, in their order. */
  readonly settled: readonly Settled[];
  /** What is to be written. */
  readonly decided: readonly RedeemOutcome[];
};

export function nonceKey(box: Uint8Array, nonce: Uint8Array): string {
  return `${bytesToHex(box)} ${bytesToHex(nonce)}`;
}

export function prepare({ query, plan }: Redeeming, offer: KnownVersion | undefined): Prepared {
  const counters = offer === undefined ? [] : plan.counters(offer.version);
  const nonce = nonceKey(query.boxId, query.boxNonce);
  return { query, plan, transaction: bytesToHex(query.transactionId), nonce, offer, counters };
}

export function decideBatch(batch: readonly Prepared[], facts: BatchFacts, ledger: CounterLedger): Decided {
  const recorded = new Map(facts.recorded);
  const noncesUsed = new Set(facts.noncesUsed);
  const decided: RedeemOutcome[] = [];

  const decideOne = ({ query, plan, transaction, nonce, offer, counters }: Prepared): Redeemed => {
    const before = recorded.get(transaction);
    if (before !== undefined) return { decision: before, recordedBefore: true };
    const paused = facts.pausedOffers.has(query.offer);
    const outcome = plan.decide({
      boxNonceUsed: noncesUsed.has(nonce),
      offer: offer && { version: offer.version, hash: offer.hash, paused },
      used: new Map(counters.map((counter) => [counter.key, ledger.usage(counter, query.nowMs)])),
      manifestVersion: facts.manifestVersion,
    });
    const { decision, increments } = outcome;
    const holdEndsAtMs = decision.granted ? decision.holdEndsAtMs : undefined;
    ledger.assertFit(increments);
    for (const increment of increments) {
      if (holdEndsAtMs === undefined) ledger.add(increment, query.nowMs);
      else ledger.hold(increment, holdEndsAtMs);
    }
    if (decision.granted) noncesUsed.add(nonce);
    recorded.set(transaction, decision);
    decided.push(outcome);
    return { decision, recordedBefore: false };
  };
  const settled = batch.map((one): Settled => {
    try {
      return { redeemed: decideOne(one) };
    } catch (fault) {
      return { fault };
    }
  });
  return { settled, decided };
}

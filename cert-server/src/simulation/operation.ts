/** One thing that reaches a server: a phone asks, or a phone carries receipts. */
import { bytesToHex } from '@tapseal/shared/bytes';
import { redeemPlan } from '../redeem/make-decision.js';
import type { Decision, ReceiptRecord } from '../store/records.js';
import type { RedeemPlan, Store } from '../store/store-port.js';
import type { Answer, Asking } from './ledger.js';
import type { SimulatedBox } from './simulated-box.js';
import { sha256 } from './simulated-world.js';

export type Delivery = {
  readonly box: SimulatedBox;
  readonly receipts: readonly ReceiptRecord[];
  /** The clock of the server. */
  readonly nowMs: number;
};

export type Operation = { readonly asking: Asking } | { readonly delivery: Delivery };

const VOUCHER_KEY_ID = Uint8Array.of(1, 2, 3, 4);

export function timeOf(operation: Operation): number {
  return 'asking' in operation ? operation.asking.nowMs : operation.delivery.nowMs;
}

/** When a crash comes: as it is decided, or later, when the store walks through what it has to add. */
export type Amid = { readonly when: 'decided' | 'written'; readonly crash: () => void };

function crashingWhenRead<T>(values: readonly T[], crash: () => void): readonly T[] {
  return new Proxy(values, {
    get: (target, property, receiver) => {
      if (property === Symbol.iterator) crash();
      return Reflect.get(target, property, receiver) as unknown;
    },
  });
}

/** The server's own plan, watched. */
function planOf({ ask, party, nowMs, outcomes }: Asking, amid: Amid | undefined): RedeemPlan {
  const plan = redeemPlan({
    party,
    transactionId: ask.transactionId,
    requestHash: sha256(ask.transactionId),
    phoneId: ask.shopper.phoneId,
    shopper: ask.shopper.shopper,
    boxId: ask.box.id,
    touchpoint: ask.box.name,
    boxNonce: ask.boxNonce,
    offer: ask.offer,
    amountMinor: ask.amountMinor,
    decidedAtMs: nowMs,
    receiptsThrough: ask.box.receiptsThrough,
    boxManifestVersion: 1,
    voucherKeyId: VOUCHER_KEY_ID,
  });
  return {
    counters: plan.counters,
    decide: (facts) => {
      if (amid?.when === 'decided') amid.crash();
      const outcome = plan.decide(facts);
      outcomes.push(outcome);
      if (amid?.when !== 'written') return outcome;
      return { ...outcome, increments: crashingWhenRead(outcome.increments, amid.crash) };
    },
  };
}

/** @param amid called before anything of it is durable */
export function start(
  operation: Operation,
  { store, programme }: { readonly store: Store; readonly programme: string },
  amid: Amid | undefined,
): Promise<unknown> {
  if ('delivery' in operation) {
    const { receipts, nowMs } = operation.delivery;
    return store.addReceipts(programme, receipts, nowMs);
  }
  const { ask, nowMs } = operation.asking;
  const { transactionId, box, boxNonce, offer } = ask;
  return store.redeem(
    { programme, transactionId, boxId: box.id, boxNonce, offer, nowMs },
    planOf(operation.asking, amid),
  );
}

export function answerOf(settled: PromiseSettledResult<unknown> | undefined): Answer {
  if (settled === undefined) return undefined;
  if (settled.status === 'rejected') return { error: settled.reason };
  return settled.value as { decision: Decision; recordedBefore: boolean };
}

/** For people. */
export function describeOperation(operation: Operation): string {
  if ('delivery' in operation) {
    const { box, receipts, nowMs } = operation.delivery;
    const counters = receipts.map(({ counter, outcome }) => `${counter} ${outcome}`).join(', ');
    return `receipts ${counters} of ${box.name} at ${nowMs}`;
  }
  const { ask, party, nowMs } = operation.asking;
  return `${bytesToHex(ask.transactionId)} asks for ${ask.offer} at ${nowMs} as ${JSON.stringify(party)}`;
}

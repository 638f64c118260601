/** What the phones of a simulated world were told, and what must therefore be on record: each answer is held against the model. */
import assert from 'node:assert/strict';
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import type { CounterIncrement } from '../decision/counter-usage.js';
import type { Party } from '../decision/offer.js';
import type { Decision, Grant } from '../store/records.js';
import type { RedeemOutcome } from '../store/store-port.js';
import type { Model, ModelVerdict } from './model.js';
import type { SimulatedBox } from './simulated-box.js';
import { hashOf, type SimulatedShopper } from './simulated-world.js';

/** What a phone asks, each time it asks. */
export type Ask = {
  readonly transactionId: Uint8Array;
  readonly shopper: SimulatedShopper;
  readonly box: SimulatedBox;
  readonly boxNonce: Uint8Array;
  readonly offer: string;
  readonly amountMinor: number;
};

/** One time that it asks. */
export type Asking = {
  readonly ask: Ask;
  /** The clock of the server that is asked. */
  readonly nowMs: number;
  readonly party: Party;
  /** Each time that a store let this transaction be decided, also where it was rolled back and decided again. */
  readonly outcomes: RedeemOutcome[];
};

/** What became of it; undefined where the answer never came. */
export type Answer =
  | { readonly decision: Decision; readonly recordedBefore: boolean }
  | { readonly error: unknown }
  | undefined;

const BOX_NONCE_KEPT_MS = 3_600_000;

function hexOf(hash: Uint8Array | undefined): string | undefined {
  return hash && bytesToHex(hash);
}

function verdictOf(decision: Decision): ModelVerdict {
  if (decision.granted) {
    const { awardedMinor, holdEndsAtMs } = decision;
    return { granted: true, awardedMinor, holdEndsAtMs };
  }
  const { code, used, maximum, resetsAtMs } = decision;
  return { granted: false, code, used, maximum, resetsAtMs };
}

/** Of the outcome that was recorded. */
function incrementsOf(recorded: Grant, outcomes: readonly RedeemOutcome[]): readonly CounterIncrement[] {
  const found = outcomes.find(
    ({ decision }) =>
      decision.granted &&
      decision.decidedAtMs === recorded.decidedAtMs &&
      decision.awardedMinor === recorded.awardedMinor &&
      decision.offerVersion === recorded.offerVersion,
  );
  assert.ok(found !== undefined, 'what is recorded was decided');
  return found.increments;
}

export class Ledger {
  readonly model: Model;
  /** By transaction, in the order of their record. */
  readonly decisions = new Map<string, Decision>();
  readonly increments = new Map<string, readonly CounterIncrement[]>();
  /** Of grants: transaction and time by nonce, as long as the server must know it. */
  readonly nonces = new Map<string, { readonly ask: Ask; readonly usedAtMs: number }>();

  hasPruned = false;
  readonly #freesEndedHolds: boolean;

  /** @param freesEndedHolds as for the model */
  constructor(model: Model, freesEndedHolds: boolean) {
    this.model = model;
    this.#freesEndedHolds = freesEndedHolds;
  }

  /** @param recorded what is on record for the transaction now */
  check({ ask, nowMs, party, outcomes }: Asking, answer: Answer, recorded: Decision | undefined): void {
    const transaction = bytesToHex(ask.transactionId);
    const before = this.decisions.get(transaction);
    if (answer !== undefined && 'decision' in answer) {
      assert.deepEqual(answer.decision, recorded, `${transaction}: what was answered is on record`);
    }
    if (before !== undefined) {
      assert.deepEqual(recorded, before, `${transaction}: the record stays as it was`);
      if (answer !== undefined && 'error' in answer) {
        throw new Error(`${transaction}: asking again is not answered`, { cause: answer.error });
      }
      return;
    }
    const nonce = bytesToHex(ask.boxNonce);
    const isUsed = this.nonces.has(nonce);
    if (answer !== undefined && 'error' in answer) {
      if (!isUsed || !isTapsealError(answer.error)) throw answer.error;
      assert.equal(answer.error.code, 'box_nonce_used');
      return;
    }
    // Lost before it was recorded, or recorded for the other copy of it.
    if (recorded === undefined || recorded.decidedAtMs !== nowMs) {
      assert.ok(answer === undefined, `${transaction}: an answer that was never recorded`);
      return;
    }
    assert.ok(!isUsed, `${transaction}: decided on a nonce that another grant has used`);
    this.#compare(ask, party, recorded);
    this.decisions.set(transaction, recorded);
    if (!recorded.granted) return;
    this.increments.set(transaction, incrementsOf(recorded, outcomes));
    this.nonces.set(nonce, { ask, usedAtMs: nowMs });
  }

  #compare(ask: Ask, party: Party, decision: Decision): void {
    const { offer, amountMinor, transactionId, boxNonce } = ask;
    const transaction = bytesToHex(transactionId);
    const version = this.model.offers.get(offer)?.version;
    const request = { transaction, party, offer, amountMinor, nowMs: decision.decidedAtMs };
    const verdict = this.model.decide(request, this.#freesEndedHolds);
    assert.deepEqual(verdictOf(decision), verdict, `${transaction}: ${offer} for ${JSON.stringify(party)}`);
    assert.ok(equalBytes(decision.boxNonce, boxNonce), `${transaction}: the nonce of the hello`);
    assert.equal(decision.offerVersion, version?.version ?? 0, `${transaction}: version of ${offer}`);
    assert.equal(
      hexOf(decision.offerHash),
      hexOf(version && hashOf(version)),
      `${transaction}: hash of ${offer}`,
    );
  }

  /** Instants at which an answer may become another one. */
  turns(): number[] {
    const resets = [...this.decisions.values()].flatMap((decision) =>
      decision.granted || decision.resetsAtMs === undefined ? [] : [decision.resetsAtMs],
    );
    return [...this.model.turns(), ...resets];
  }

  /** What the server may have forgotten is not asked for again. */
  notePruned(prunedAtMs: number): void {
    this.hasPruned = true;
    for (const [nonce, { usedAtMs }] of this.nonces) {
      if (usedAtMs < prunedAtMs - BOX_NONCE_KEPT_MS) this.nonces.delete(nonce);
    }
  }
}

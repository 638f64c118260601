/**
 * Load, a kill at a moment that the seed draws, recovery, and then: nothing that was acknowledged is lost, each answer is the same
 * to the byte, nothing is granted twice, the counters are a recount of the vouchers, and who had no answer gets one that stays.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OfferBody } from '@tapseal/cert-server/http/offer-schemas';
import { bytesToHex } from '@tapseal/shared/bytes';
import type { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import type { StoredData } from './data-reader.js';
import type { Prepared } from './limits-phone.js';
import type { LimitsVenue } from './limits-venue.js';
import type { Outcome } from './read-outcome.js';
import { assertRecount, type Scopes } from './recount.js';
import type { ServerDesk } from './server-desk.js';

/** Rounds until new offers take the place of those that are full by now. */
const ROUNDS_AN_OFFER = 12;
const OLD_ONES_ASKED_AGAIN = 4;
const AMOUNT_MINOR = 100;
const RETRY_PAUSE_MS = 20;
/** A database that recovers waits for the disk of the whole machine. */
const RECOVERY_MS_MAX = 300_000;

/** SIGKILL of whatever this round kills, and what it takes to be served again. */
export type Killing = { readonly kill: () => Promise<void> | void; readonly recover: () => Promise<void> };

type Acknowledged = { readonly prepared: Prepared; readonly outcome: Outcome };

export class CrashRun {
  readonly #venue: LimitsVenue;
  readonly #desk: ServerDesk;
  readonly #random: SeededRandom;
  readonly #scopes = new Map<string, Scopes>();
  readonly #acknowledged = new Map<string, Acknowledged>();
  /** Receipts that no server has confirmed yet. */
  #receipts: Uint8Array[] = [];
  #unanswered: Prepared[] = [];
  #offers: readonly { readonly id: string; readonly amountMinor: number }[] = [];
  #round = 0;
  readonly counts = { granted: 0, refused: 0, unanswered: 0, recordedUnanswered: 0 };

  constructor(venue: LimitsVenue, desk: ServerDesk, random: SeededRandom) {
    this.#venue = venue;
    this.#desk = desk;
    this.#random = random;
  }

  async round(killing: Killing): Promise<void> {
    if (this.#round % ROUNDS_AN_OFFER === 0) await this.#openOffers();
    this.#round += 1;
    try {
      await this.#loadAndKill(killing);
      await killing.recover();
      await this.#check();
    } catch (error) {
      throw new Error(`round ${this.#round}: ${String(error)}\n${this.#venue.errorOutput}`, { cause: error });
    }
  }

  #below(end: number): number {
    return Math.floor(this.#random.unit() * end);
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[this.#below(values.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  }

  /** One that counts at once, with a budget for each box; one that is held until the box confirms. */
  async #openOffers(): Promise<void> {
    const [counted, held] = [`counted-${this.#round}`, `held-${this.#round}`];
    const touchpoints = this.#venue.boxes.map(({ name }) => name);
    const budgets: OfferBody = {
      id: counted,
      touchpoints,
      action: 'open',
      amountMinor: AMOUNT_MINOR,
      rules: {
        limits: [
          { maximum: 90 },
          { maximum: 3, per: ['shopper'] },
          { maximum: 3_450, of: 'amount', per: ['touchpoint'], partial: true },
        ],
      },
    };
    const reserved: OfferBody = {
      id: held,
      touchpoints,
      action: 'open',
      rules: {
        limits: [{ maximum: 40 }, { maximum: 2, per: ['shopper'], period: { rollingS: 86_400 } }],
        spend: { when: 'confirmed', holdS: 86_400 },
      },
    };
    for (const offer of [budgets, reserved]) await this.#desk.addOffer(offer);
    this.#scopes.set(counted, ({ shopper, touchpoint, awarded }) => ({
      [`offer/${counted}|grants|shopper/${shopper}`]: 1,
      [`offer/${counted}|amount|touchpoint/${touchpoint}`]: awarded ?? 0,
    }));
    this.#scopes.set(held, ({ shopper }) => ({
      [`offer/${held}|grants|shopper/${shopper}|rolling/86400`]: 1,
    }));
    this.#offers = [
      { id: counted, amountMinor: AMOUNT_MINOR },
      { id: held, amountMinor: 0 },
    ];
  }

  async #newRequest(): Promise<Prepared> {
    const { id, amountMinor } = this.#pick(this.#offers);
    return this.#pick(this.#venue.phones).prepare(this.#pick(this.#venue.boxes), id, amountMinor);
  }

  async #loadAndKill({ kill }: Killing): Promise<void> {
    const fresh = await Promise.all(Array.from({ length: 6 + this.#below(10) }, () => this.#newRequest()));
    const known = [...this.#acknowledged.values()];
    const again = known.length === 0 ? [] : [this.#pick(known).prepared, this.#pick(known).prepared];
    // The same request twice, as from a phone that has lost its patience.
    const requests = [...fresh, ...again, this.#pick(fresh)];
    const receipts = this.#receipts.slice(0, this.#below(6));

    const answersBefore = this.#below(requests.length);
    let turns = this.#below(40);
    let answers = 0;
    let killed: Promise<void> | undefined;
    const killSoon = (): void => {
      killed ??= new Promise<void>((resolve, reject) => {
        const turn = (): void => {
          turns -= 1;
          if (turns > 0) setImmediate(turn);
          else Promise.resolve().then(kill).then(resolve, reject);
        };
        turn();
      });
    };
    const ask = async (prepared: Prepared): Promise<void> => {
      const outcome = await this.#desk.redeem(prepared);
      if (outcome === undefined) this.#unanswered.push(prepared);
      else this.#acknowledge(prepared, outcome);
      answers += 1;
      if (answers > answersBefore) killSoon();
    };
    const carry = async (receipt: Uint8Array): Promise<void> => {
      if (await this.#desk.postReceipts([receipt]))
        this.#receipts = this.#receipts.filter((one) => one !== receipt);
    };
    const all = [...requests.map(ask), ...receipts.map(carry)];
    if (answersBefore === 0) killSoon();
    await Promise.all(all);
    await killed;
  }

  #acknowledge(prepared: Prepared, outcome: Outcome): void {
    const transaction = bytesToHex(prepared.transactionId);
    const before = this.#acknowledged.get(transaction);
    if (before !== undefined) {
      assert.equal(outcome.bytes, before.outcome.bytes, `${transaction}: another answer than before`);
      return;
    }
    this.#acknowledged.set(transaction, { prepared, outcome });
    this.counts[outcome.granted ? 'granted' : 'refused'] += 1;
    if (!outcome.granted || this.#random.unit() < 0.3) return;
    const result = this.#pick(['actuated', 'actuated', 'interrupted', 'failed'] as const);
    this.#receipts.push(prepared.box.receipt(prepared.transactionId, outcome.voucher, result));
  }

  /** Until somebody answers. */
  async #answered(prepared: Prepared): Promise<Outcome> {
    const endMs = performance.now() + RECOVERY_MS_MAX;
    while (performance.now() < endMs) {
      const outcome = await this.#desk.redeem(prepared);
      if (outcome !== undefined) return outcome;
      await sleep(RETRY_PAUSE_MS);
    }
    throw new Error('nobody answers any more');
  }

  /** A database that recovers takes no connections yet. */
  async #data(): Promise<StoredData> {
    const endMs = performance.now() + RECOVERY_MS_MAX;
    for (;;) {
      try {
        return await this.#desk.data();
      } catch (error) {
        if (performance.now() > endMs) throw error;
        await sleep(RETRY_PAUSE_MS);
      }
    }
  }

  async #check(): Promise<void> {
    const data = await this.#data();
    assertRecount(data, this.#scopes);
    const recorded = this.#assertOnRecord(data);

    const waiting = new Map(this.#unanswered.map((one) => [bytesToHex(one.transactionId), one]));
    this.#unanswered = [];
    for (const [transaction, prepared] of waiting) {
      const outcome = await this.#answered(prepared);
      const granted = recorded.get(transaction);
      if (granted !== undefined) assert.equal(outcome.granted, granted, `${transaction}: decided once`);
      this.#acknowledge(prepared, outcome);
      this.counts.unanswered += 1;
      if (granted !== undefined) this.counts.recordedUnanswered += 1;
    }
    // The newest are those of this round; of the others any.
    const known = [...this.#acknowledged.values()];
    const asked = known.slice(-30);
    for (let old = 0; old < OLD_ONES_ASKED_AGAIN; old++) asked.push(this.#pick(known));
    await Promise.all(
      asked.map(async ({ prepared }) => this.#acknowledge(prepared, await this.#answered(prepared))),
    );
    const after = await this.#data();
    this.#assertOnRecord(after);
    assertRecount(after, this.#scopes);
  }

  /** @returns by transaction: whether it was granted */
  #assertOnRecord({ decisions }: StoredData): ReadonlyMap<string, boolean> {
    const recorded = new Map(decisions.map(({ transaction, granted }) => [transaction, granted !== 0]));
    for (const [transaction, { outcome }] of this.#acknowledged) {
      assert.equal(recorded.get(transaction), outcome.granted, `${transaction} was acknowledged`);
    }
    return recorded;
  }
}

/**
 * The model that the store and the decision are held against: a plain list of what was granted, and each limit counted over
 * the whole list whenever it is asked. Slow, and obviously right: no counters, no keys, nothing that is kept up to date.
 */

import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { OfferVersion, Party } from '../decision/offer.js';
import { type ModelLimit, modelLimitsOf, totalTally } from './model-limits.js';

export type ModelRequest = {
  readonly transaction: string;
  readonly party: Party;
  readonly offer: string;
  readonly amountMinor: number;
  readonly nowMs: number;
};

/** One entry in one tally. */
type Entry = {
  readonly tally: string;
  readonly amount: number;
  readonly windowMs: number | undefined;
  /** When it counts from; of a grant that is held: not yet. */
  atMs: number | undefined;
};

export type ModelGrant = {
  readonly transaction: string;
  readonly entries: readonly Entry[];
  readonly holdEndsAtMs: number | undefined;
  state: 'counted' | 'held' | 'released';
};

export type ModelVerdict =
  | { readonly granted: true; readonly awardedMinor: number; readonly holdEndsAtMs: number | undefined }
  | {
      readonly granted: false;
      readonly code: ErrorCode;
      readonly used: number;
      readonly maximum: number;
      readonly resetsAtMs: number | undefined;
    };

export type ModelOffer = { version: OfferVersion; paused: boolean };

function refused(code: ErrorCode): ModelVerdict {
  return { granted: false, code, used: 0, maximum: 0, resetsAtMs: undefined };
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** What a limit must have left: of an amount that can be a part, the smallest part. */
function wantOf(
  { of, partial, stepMinor }: ModelLimit,
  award: number,
  smallest = Math.min(award, stepMinor),
) {
  if (of === 'grants') return 1;
  return partial ? smallest : award;
}

export class Model {
  readonly offers = new Map<string, ModelOffer>();
  readonly grants: ModelGrant[] = [];

  /** What was added to a tally and counts in it now. */
  counted(tally: string, windowMs: number | undefined, nowMs: number): number {
    let sum = 0;
    for (const { state, entries } of this.grants) {
      if (state !== 'counted') continue;
      for (const entry of entries) {
        if (entry.tally !== tally || entry.atMs === undefined) continue;
        if (windowMs === undefined || entry.atMs > nowMs - windowMs) sum += entry.amount;
      }
    }
    return sum;
  }

  /** What is kept free for grants that nobody has confirmed yet. */
  held(tally: string, nowMs: number): { sum: number; endsAtMs: number | undefined } {
    let sum = 0;
    let endsAtMs: number | undefined;
    for (const { state, entries, holdEndsAtMs = 0 } of this.grants) {
      if (state !== 'held' || holdEndsAtMs <= nowMs) continue;
      for (const entry of entries) {
        if (entry.tally !== tally) continue;
        sum += entry.amount;
        endsAtMs = earliest(endsAtMs, holdEndsAtMs);
      }
    }
    return { sum, endsAtMs };
  }

  used(limit: Pick<ModelLimit, 'tally' | 'windowMs'>, nowMs: number): number {
    return this.counted(limit.tally, limit.windowMs, nowMs) + this.held(limit.tally, nowMs).sum;
  }

  /** When the oldest entries have left the window, so that those in it are at most `room`. */
  #roomAtMs(limit: ModelLimit, room: number, nowMs: number): number | undefined {
    const { tally, windowMs = 0 } = limit;
    const leaves = this.grants
      .flatMap(({ state, entries }) => (state === 'counted' ? entries : []))
      .flatMap((entry) => (entry.tally === tally && entry.atMs !== undefined ? [entry.atMs + windowMs] : []))
      .sort((a, b) => a - b);
    return leaves.find((atMs) => atMs > nowMs && this.counted(tally, windowMs, atMs) <= room);
  }

  /**
   * When trying again is not in vain: at the end of the period, or when the first hold ends, if all of them could make room. Of a
   * window: when it has room for the whole amount, or for anything where a part is enough, beside what is held; or when the first
   * hold has ended and it has room beside nothing.
   */
  #resetsAtMs(limit: ModelLimit, request: ModelRequest, award: number): number | undefined {
    const { nowMs, amountMinor } = request;
    const { tally, windowMs, endsAtMs, maximum } = limit;
    const held = this.held(tally, nowMs);
    if (windowMs === undefined) {
      const hasRoomWithoutHolds = this.counted(tally, windowMs, nowMs) + wantOf(limit, award) <= maximum;
      return earliest(hasRoomWithoutHolds ? held.endsAtMs : undefined, endsAtMs);
    }
    const room = Math.max(0, maximum - wantOf(limit, amountMinor, limit.stepMinor));
    const besideHeldAtMs = this.#roomAtMs(limit, room - held.sum, nowMs);
    const isDown = this.counted(tally, windowMs, nowMs) <= room;
    const besideNothingAtMs = isDown ? nowMs : (this.#roomAtMs(limit, room, nowMs) ?? nowMs);
    const freedAtMs = held.endsAtMs === undefined ? undefined : Math.max(held.endsAtMs, besideNothingAtMs);
    return earliest(freedAtMs, besideHeldAtMs);
  }

  /** What is granted of the amount: all of it, or the steps that the tightest limit that awards a part has left, if any. */
  #award(limits: readonly ModelLimit[], amountMinor: number, nowMs: number): number {
    const parts = limits
      .filter(({ of, partial }) => of === 'amount' && partial)
      .map((limit) => {
        const left = limit.maximum - this.used(limit, nowMs);
        return Math.floor(left / limit.stepMinor) * limit.stepMinor;
      });
    return Math.min(amountMinor, ...parts.filter((part) => part > 0));
  }

  /** What the answer has to be, and nothing changes. */
  judge(request: ModelRequest): ModelVerdict {
    const { party, amountMinor, nowMs } = request;
    const offer = this.offers.get(request.offer);
    if (offer === undefined) return refused('offer_unknown');
    const { version, paused } = offer;
    if (!version.touchpoints.includes(party.touchpoint)) return refused('offer_not_here');
    if (paused) return refused('offer_paused');
    if (version.amountMinor !== amountMinor) return refused('offer_amount_mismatch');

    const limits = modelLimitsOf(version, party, nowMs);
    const awardedMinor = this.#award(limits, amountMinor, nowMs);
    const full = limits
      .filter((limit) => this.used(limit, nowMs) + wantOf(limit, awardedMinor) > limit.maximum)
      .map((limit) => ({ limit, resetsAtMs: this.#resetsAtMs(limit, request, awardedMinor) }));
    // The one that keeps the shopper waiting longest is named; of two, the one that stands first.
    const [named] = full.sort((a, b) => {
      if (a.resetsAtMs === b.resetsAtMs) return 0;
      return (b.resetsAtMs ?? Number.POSITIVE_INFINITY) - (a.resetsAtMs ?? Number.POSITIVE_INFINITY);
    });
    if (named !== undefined) {
      const { limit, resetsAtMs } = named;
      const used = this.used(limit, nowMs);
      return { granted: false, code: 'limit_reached', used, maximum: limit.maximum, resetsAtMs };
    }
    const { spend } = version.rules;
    const holdEndsAtMs = spend?.when === 'confirmed' ? nowMs + spend.holdS * 1_000 : undefined;
    return { granted: true, awardedMinor, holdEndsAtMs };
  }

  /**
   * The answer, and what follows from it.
   * @param freesEndedHolds whoever looks at a hold whose time is over ends it for good, also if the clock is set back afterwards
   */
  decide(request: ModelRequest, freesEndedHolds: boolean): ModelVerdict {
    const { transaction, party, nowMs } = request;
    const version = this.offers.get(request.offer)?.version;
    const limits = version === undefined ? [] : modelLimitsOf(version, party, nowMs);
    const tallies = new Set([totalTally(request.offer), ...limits.map(({ tally }) => tally)]);
    if (version !== undefined && freesEndedHolds) {
      this.#endHolds(nowMs, (grant) => grant.entries.some(({ tally }) => tallies.has(tally)));
    }
    const verdict = this.judge(request);
    if (!verdict.granted) return verdict;

    const entries = [...tallies].flatMap((tally): Entry[] => {
      const limit = limits.find((one) => one.tally === tally);
      const amount = limit?.of === 'amount' ? verdict.awardedMinor : 1;
      return amount === 0 ? [] : [{ tally, amount, windowMs: limit?.windowMs, atMs: undefined }];
    });
    const { holdEndsAtMs } = verdict;
    const grant: ModelGrant = { transaction, entries, holdEndsAtMs, state: 'held' };
    this.grants.push(grant);
    if (holdEndsAtMs === undefined) this.#count(grant, nowMs);
    return verdict;
  }

  /** Time does not run backwards in a tally: what comes after the clock was set back counts from the last entry's time. */
  #count(grant: ModelGrant, nowMs: number): void {
    for (const entry of grant.entries) {
      const times = this.grants.flatMap(({ entries }) =>
        entries.flatMap(({ tally, atMs }) => (tally === entry.tally && atMs !== undefined ? [atMs] : [])),
      );
      entry.atMs = Math.max(nowMs, ...times);
    }
    grant.state = 'counted';
  }

  #endHolds(nowMs: number, isLookedAt: (grant: ModelGrant) => boolean): number {
    let count = 0;
    for (const grant of this.grants) {
      if (grant.state !== 'held' || (grant.holdEndsAtMs ?? 0) > nowMs || !isLookedAt(grant)) continue;
      grant.state = 'released';
      count += 1;
    }
    return count;
  }

  /** When something changes by itself: a hold ends, or an entry leaves a window. */
  turns(): number[] {
    return this.grants.flatMap(({ holdEndsAtMs, entries }) => [
      ...(holdEndsAtMs === undefined ? [] : [holdEndsAtMs]),
      ...entries.flatMap(({ atMs, windowMs }) =>
        atMs === undefined || windowMs === undefined ? [] : [atMs + windowMs],
      ),
    ]);
  }

  /** Held, though by this clock their time is over. */
  endedHolds(nowMs: number): readonly ModelGrant[] {
    return this.grants.filter(({ state, holdEndsAtMs = 0 }) => state === 'held' && holdEndsAtMs <= nowMs);
  }

  /** @returns how many grants were released */
  endAllHolds(nowMs: number): number {
    return this.#endHolds(nowMs, () => true);
  }

  find(transaction: string): ModelGrant | undefined {
    return this.grants.find((grant) => grant.transaction === transaction);
  }

  release(transaction: string): 'released' | 'settled' | 'unknown' {
    const grant = this.find(transaction);
    if (grant?.holdEndsAtMs === undefined) return 'unknown';
    if (grant.state !== 'held') return 'settled';
    grant.state = 'released';
    return 'released';
  }

  /** The first receipt of a voucher. What the box says happened counts, also where the hold was over. */
  settle(transaction: string, outcome: ReceiptOutcome, nowMs: number): void {
    const grant = this.find(transaction);
    if (grant === undefined || grant.state === 'counted') return;
    if (outcome === 'failed') grant.state = 'released';
    else this.#count(grant, nowMs);
  }
}

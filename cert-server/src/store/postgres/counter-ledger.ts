/**
 * The counters of one transaction, in memory: what was read of them, and what each decision adds for the next one. Reads no
 * database and no clock. `used` of a rolling counter is its total for ever, and each increment an event with the total that it
 * led to; totals may pass the safe integers, what a window holds cannot.
 */
import type { CounterIncrement, CounterQuery, CounterUsage } from '../../decision/counter-usage.js';
import { windowRooms } from '../window-rooms.js';

export type CounterState = {
  readonly key: string;
  readonly used: bigint;
  readonly held: number;
  readonly resetsAtMs: number | undefined;
  readonly lastAtMs: number;
};

export type CounterEvent = {
  readonly key: string;
  readonly atMs: number;
  /** The total with this one. */
  readonly running: bigint;
  readonly amount: number;
  readonly expiresAtMs: number;
};

type HoldEnd = { readonly endsAtMs: number; readonly amount: number };

export type RoomQuery = {
  readonly key: string;
  readonly sinceMs: number;
  /** The first event that leads to at least this total. */
  readonly running: bigint;
};

/** What is on record beside the counters themselves. */
export type CounterFacts = {
  /** By `windowKey`: the total before the first event of the window; none where it is empty. */
  readonly beforeWindow: ReadonlyMap<string, bigint>;
  /** By counter: holds that end while the transaction goes on, or ended before. */
  readonly endings: ReadonlyMap<string, readonly HoldEnd[]>;
  /** By counter: the first end of a hold after those. */
  readonly nextEndAtMs: ReadonlyMap<string, number>;
  /** By `roomKey`: when that event was; undefined where there is none. */
  readonly rooms: ReadonlyMap<string, number | undefined>;
};

/** Where nobody asks for a usage. */
export const NO_FACTS: CounterFacts = {
  beforeWindow: new Map(),
  endings: new Map(),
  nextEndAtMs: new Map(),
  rooms: new Map(),
};

export function windowKey(key: string, sinceMs: number): string {
  return `${sinceMs} ${key}`;
}

export function roomKey({ key, sinceMs, running }: RoomQuery): string {
  return `${sinceMs} ${running} ${key}`;
}

class Entry {
  readonly key: string;
  /** What is on record. */
  readonly recordedUsed: bigint;
  used: bigint;
  held: number;
  resetsAtMs: number | undefined;
  lastAtMs: number;
  isChanged = false;
  readonly events: CounterEvent[] = [];
  readonly holds: HoldEnd[] = [];

  constructor(key: string, state: CounterState | undefined) {
    this.key = key;
    this.recordedUsed = state?.used ?? 0n;
    this.used = this.recordedUsed;
    this.held = state?.held ?? 0;
    // A row of nothing was only inserted to be locked: when it resets is for the first increment to say.
    this.resetsAtMs = this.used === 0n && this.held === 0 ? undefined : state?.resetsAtMs;
    this.lastAtMs = state?.lastAtMs ?? 0;
  }

  outlast(resetsAtMs: number | undefined): void {
    if (resetsAtMs === undefined) return;
    this.resetsAtMs = Math.max(this.resetsAtMs ?? resetsAtMs, resetsAtMs);
  }
}

export class CounterLedger {
  readonly #entries: ReadonlyMap<string, Entry>;
  readonly #facts: CounterFacts;
  readonly #missingRooms = new Map<string, RoomQuery>();
  readonly #endedKeys = new Set<string>();

  /** @param keys all that may be read or changed @param states those of them that are on record */
  constructor(keys: Iterable<string>, states: readonly CounterState[], facts: CounterFacts) {
    const known = new Map(states.map((state) => [state.key, state]));
    this.#entries = new Map([...keys].map((key) => [key, new Entry(key, known.get(key))]));
    this.#facts = facts;
  }

  /** @throws Error where one of them was neither read nor locked, or adds what no counter takes */
  assertFit(increments: readonly CounterIncrement[]): void {
    for (const { key, amount } of increments) {
      this.#entry(key);
      if (!Number.isSafeInteger(amount)) throw new RangeError(`${amount} is nothing to add to ${key}`);
    }
  }

  usage({ key, windowMs, roomAtSums = [] }: CounterQuery, nowMs: number): CounterUsage {
    const entry = this.#entry(key);
    const { held, holdEndsAtMs } = this.#heldAt(entry, nowMs);
    const ends = holdEndsAtMs === undefined ? {} : { holdEndsAtMs };
    if (windowMs === undefined) return { used: Number(entry.used), held, ...ends };

    const sinceMs = nowMs - windowMs;
    const first = entry.events.find(({ atMs }) => atMs > sinceMs);
    const before =
      this.#facts.beforeWindow.get(windowKey(key, sinceMs)) ??
      (first === undefined ? entry.used : first.running - BigInt(first.amount));
    const used = Number(entry.used - before);
    const rooms = windowRooms(roomAtSums, { used, held }, (sum) => {
      const atMs = this.#roomAt(entry, sinceMs, entry.used - BigInt(sum));
      return atMs === undefined ? undefined : atMs + windowMs;
    });
    return { used, held, ...ends, ...rooms };
  }

  add({ key, amount, windowMs, resetsAtMs }: CounterIncrement, nowMs: number): void {
    const entry = this.#entry(key);
    entry.used += BigInt(amount);
    entry.isChanged = true;
    if (windowMs === undefined) {
      entry.outlast(resetsAtMs);
      return;
    }
    // Of a clock that was set back: events keep the order in which they were added.
    const atMs = Math.max(nowMs, entry.lastAtMs);
    const expiresAtMs = atMs + windowMs;
    entry.lastAtMs = atMs;
    entry.outlast(expiresAtMs);
    entry.events.push({ key, atMs, running: entry.used, amount, expiresAtMs });
  }

  hold({ key, amount, resetsAtMs }: CounterIncrement, endsAtMs: number): void {
    const entry = this.#entry(key);
    entry.held += amount;
    entry.isChanged = true;
    entry.outlast(resetsAtMs);
    entry.holds.push({ endsAtMs, amount });
  }

  /** Takes back what is on record as held. */
  unhold(key: string, amount: number): void {
    const entry = this.#entry(key);
    entry.held -= amount;
    entry.isChanged = true;
  }

  /** What `usage` had to leave open: to be looked up, and the same decided again. No decision depends on it. */
  get missingRooms(): readonly RoomQuery[] {
    return [...this.#missingRooms.values()];
  }

  /** Counters with holds on record whose time is over. */
  get endedKeys(): readonly string[] {
    return [...this.#endedKeys];
  }

  get changed(): readonly CounterState[] {
    return [...this.#entries.values()].filter(({ isChanged }) => isChanged);
  }

  get events(): readonly CounterEvent[] {
    return [...this.#entries.values()].flatMap(({ events }) => events);
  }

  #entry(key: string): Entry {
    const entry = this.#entries.get(key);
    // It was neither read nor locked.
    if (entry === undefined) throw new Error(`the counter ${key} was not asked for`);
    return entry;
  }

  #heldAt(entry: Entry, nowMs: number): Pick<CounterUsage, 'held' | 'holdEndsAtMs'> {
    if (entry.held === 0) return { held: 0 };
    const recorded = this.#facts.endings.get(entry.key) ?? [];
    const ended = (holds: readonly HoldEnd[]): number =>
      holds.reduce((sum, { endsAtMs, amount }) => (endsAtMs <= nowMs ? sum + amount : sum), 0);
    const endedOnRecord = ended(recorded);
    if (endedOnRecord > 0) this.#endedKeys.add(entry.key);
    const held = entry.held - endedOnRecord - ended(entry.holds);
    const ends = [...recorded, ...entry.holds].map(({ endsAtMs }) => endsAtMs).filter((end) => end > nowMs);
    const next = this.#facts.nextEndAtMs.get(entry.key);
    if (next !== undefined) ends.push(next);
    return ends.length === 0 ? { held } : { held, holdEndsAtMs: Math.min(...ends) };
  }

  #roomAt(entry: Entry, sinceMs: number, running: bigint): number | undefined {
    if (running <= entry.recordedUsed) {
      const query = { key: entry.key, sinceMs, running };
      const key = roomKey(query);
      if (!this.#facts.rooms.has(key)) {
        this.#missingRooms.set(key, query);
        return undefined;
      }
      const onRecord = this.#facts.rooms.get(key);
      if (onRecord !== undefined) return onRecord;
    }
    return entry.events.find((event) => event.atMs > sinceMs && event.running >= running)?.atMs;
  }
}

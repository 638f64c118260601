/** Part of the contract of stores: what counters hold at an instant. */
import { expect, test } from 'vitest';
import type { WindowRoom } from '../decision/counter-usage.js';
import { type Counting, redeem, T } from '../testing/test-store.js';
import type { Store } from './store-port.js';

const WINDOW_MS = 60_000;

/** Where nothing is held. */
function rooms(...all: readonly (readonly [sum: number, atMs: number])[]): Map<number, WindowRoom> {
  return new Map(all.map(([sum, atMs]) => [sum, { withHeldAtMs: atMs, withoutHeldAtMs: atMs }]));
}

export function countersContract(theStore: () => Store): void {
  const read = async (counter: Counting, nowMs: number) =>
    (await theStore().readCounters('venue', [counter], nowMs)).get(counter.key);
  let id = 0;
  const add = (counter: Counting, nowMs: number) => {
    id += 1;
    return redeem(theStore(), { id, counters: [counter], nowMs });
  };

  test('a counter that nothing was added to is there all the same', async () => {
    const queries = [{ key: 'one' }, { key: 'two', windowMs: 5, roomAtSums: [0] }];
    expect(await theStore().readCounters('venue', queries, T)).toEqual(
      new Map([
        ['one', { used: 0, held: 0 }],
        ['two', { used: 0, held: 0 }],
      ]),
    );
  });

  test('a rolling window holds what was added within it, to the millisecond', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS, maximum: 3, roomAtSums: [2] };
    await add(counter, T);
    await add({ ...counter, amount: 2 }, T + 10_000);
    expect((await add(counter, T + WINDOW_MS - 1)).decision).toMatchObject({
      granted: false,
      used: 3,
      resetsAtMs: T + WINDOW_MS,
    });
    expect(await read(counter, T + WINDOW_MS - 1)).toEqual({
      used: 3,
      held: 0,
      rooms: rooms([2, T + WINDOW_MS]),
    });
    expect(await read(counter, T + WINDOW_MS)).toEqual({ used: 2, held: 0 });
    expect((await add(counter, T + WINDOW_MS)).decision.granted).toBe(true);
    expect(await read(counter, T + 10_000 + WINDOW_MS - 1)).toMatchObject({ used: 3 });
    expect(await read(counter, T + 10_000 + WINDOW_MS)).toEqual({ used: 1, held: 0 });
    expect(await read(counter, T + 2 * WINDOW_MS - 1)).toEqual({ used: 1, held: 0 });
    expect(await read(counter, T + 2 * WINDOW_MS)).toEqual({ used: 0, held: 0 });
    // Reading has changed nothing: the past still reads as it was.
    expect(await read(counter, T + WINDOW_MS - 1)).toMatchObject({ used: 4 });
  });

  test('a window that is too full tells when it is down to the sum that was asked for', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS };
    for (const [amount, atMs] of [
      [3, T],
      [4, T + 10],
      [5, T + 20],
      [6, T + 20],
    ] as const)
      await add({ ...counter, amount }, atMs);
    const roomAt = async (roomAtSum: number, nowMs = T + 30) =>
      (await read({ ...counter, roomAtSums: [roomAtSum] }, nowMs))?.rooms?.get(roomAtSum)?.withHeldAtMs;
    expect(await roomAt(18)).toBeUndefined();
    expect(await roomAt(17)).toBe(T + WINDOW_MS);
    expect(await roomAt(15)).toBe(T + WINDOW_MS);
    expect(await roomAt(14)).toBe(T + 10 + WINDOW_MS);
    expect(await roomAt(11)).toBe(T + 10 + WINDOW_MS);
    expect(await roomAt(10)).toBe(T + 20 + WINDOW_MS);
    expect(await roomAt(0)).toBe(T + 20 + WINDOW_MS);
    expect(await roomAt(14, T + WINDOW_MS)).toBe(T + 10 + WINDOW_MS);
    expect(await roomAt(14, T + 10 + WINDOW_MS)).toBeUndefined();
  });

  test('what is held leaves no window: more of the rest has to go, and sometimes all of it is not enough', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS };
    await add({ ...counter, amount: 3 }, T);
    await add({ ...counter, amount: 4 }, T + 10);
    id += 1;
    const held = [{ ...counter, amount: 2 }];
    await redeem(theStore(), { id, counters: held, nowMs: T + 20, holdMs: 10 * WINDOW_MS });
    const [first, second] = [T + WINDOW_MS, T + 10 + WINDOW_MS];
    const roomAtSums = [9, 8, 7, 6, 5, 2, 1];
    expect((await read({ ...counter, roomAtSums }, T + 30))?.rooms).toEqual(
      new Map([
        [8, { withHeldAtMs: first }],
        [7, { withHeldAtMs: first }],
        [6, { withHeldAtMs: first, withoutHeldAtMs: first }],
        [5, { withHeldAtMs: second, withoutHeldAtMs: first }],
        [2, { withHeldAtMs: second, withoutHeldAtMs: second }],
        // Two are held: one is never enough as long as they are.
        [1, { withoutHeldAtMs: second }],
      ]),
    );
  });

  test('a rolling counter that goes on being used is not pruned, however old it is', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS };
    await add(counter, T);
    const later = T + 20 * 86_400_000;
    await add({ ...counter, amount: 5 }, later);
    await theStore().prune(later + 1);
    expect(await read(counter, later + 1)).toEqual({ used: 5, held: 0 });
    await add({ ...counter, amount: 7 }, later + 2);
    expect(await read(counter, later + WINDOW_MS)).toEqual({ used: 7, held: 0 });
  });

  test('a clock that is set back frees nothing, and what is added then counts for a whole window', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS };
    await add(counter, T + 5_000);
    await add(counter, T);
    expect(await read(counter, T)).toMatchObject({ used: 2 });
    expect(await read(counter, T - 10 * WINDOW_MS)).toMatchObject({ used: 2 });
    expect(await read(counter, T + 5_000 + WINDOW_MS - 1)).toMatchObject({ used: 2 });
    expect(await read(counter, T + 5_000 + WINDOW_MS)).toMatchObject({ used: 0 });
    await add(counter, T + 4_000);
    await add(counter, T + 6_000);
    expect(await read(counter, T + 5_000 + WINDOW_MS)).toMatchObject({ used: 1 });
  });

  test('a rolling counter that was pruned starts again from nothing, also for a clock that is set back', async () => {
    const counter = { key: 'rolling', windowMs: WINDOW_MS };
    await add({ ...counter, amount: 5 }, T);
    await add({ ...counter, amount: 7 }, T + 10);
    const later = T + 9 * 86_400_000;
    await theStore().prune(later);
    await add(counter, later);
    for (const nowMs of [later, T + 5, T + 5 + WINDOW_MS]) {
      expect(await read(counter, nowMs)).toEqual({ used: 1, held: 0 });
    }
  });

  test('windows of different lengths, of a counter each, are apart', async () => {
    const counters = [
      { key: 'minute', windowMs: WINDOW_MS },
      { key: 'hour', windowMs: 60 * WINDOW_MS },
      { key: 'ever' },
    ];
    const add = (nowMs: number, id: number) => redeem(theStore(), { id, counters, nowMs });
    for (const [index, minutes] of [0, 2, 30, 61].entries()) await add(T + minutes * WINDOW_MS, 900 + index);
    const used = await theStore().readCounters('venue', counters, T + 61 * WINDOW_MS + 1);
    expect([...used.values()].map((usage) => usage.used)).toEqual([1, 3, 4]);
  });

  test('amounts up to 2^52 are counted to the unit, also in a rolling window that was filled before', async () => {
    const most = 2 ** 52;
    for (const counter of [
      { key: 'ever', maximum: most },
      { key: 'rolling', maximum: most, windowMs: WINDOW_MS, roomAtSums: [most - 1] },
    ]) {
      expect((await add({ ...counter, amount: most - 1 }, T)).decision.granted).toBe(true);
      expect((await add({ ...counter, amount: 2 }, T)).decision).toMatchObject({ used: most - 1 });
      expect((await add(counter, T)).decision.granted).toBe(true);
      expect((await add(counter, T)).decision).toMatchObject({ granted: false, used: most, maximum: most });
    }
    const rolling = { key: 'rolling', maximum: most, windowMs: WINDOW_MS, roomAtSums: [most - 1] };
    for (let window = 1; window < 5; window++) {
      const nowMs = T + window * WINDOW_MS;
      expect((await add({ ...rolling, amount: most - 1 }, nowMs)).decision.granted).toBe(true);
      expect((await add(rolling, nowMs + 1)).decision.granted).toBe(true);
      expect((await add(rolling, nowMs + 2)).decision).toMatchObject({
        granted: false,
        used: most,
        resetsAtMs: nowMs + WINDOW_MS,
      });
      expect(await read(rolling, nowMs + WINDOW_MS)).toEqual({ used: 1, held: 0 });
    }
    const last = T + 5 * WINDOW_MS + 10;
    for (const ms of [0, 1, 2, 3]) await add(rolling, last + ms);
    for (const [roomAtSum, ms] of [
      [3, 0],
      [2, 1],
      [1, 2],
      [0, 3],
    ] as const) {
      const usage = { used: 4, held: 0, rooms: rooms([roomAtSum, last + ms + WINDOW_MS]) };
      expect(await read({ ...rolling, roomAtSums: [roomAtSum] }, last + 9)).toEqual(usage);
    }
  });
}

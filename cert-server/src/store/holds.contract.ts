/** Part of the contract of stores: places that are held until the box confirms. */
import { expect, test } from 'vitest';
import { totalKey } from '../decision/counters.js';
import { type Ask, audit, receipt, redeem, T, transaction } from '../testing/test-store.js';
import type { Store } from './store-port.js';

const HOLD_MS = 120_000;
const ENDS = T + HOLD_MS;
const DAY_MS = 86_400_000;
const key = totalKey('offer');

export function holdsContract(theStore: () => Store): void {
  const hold = (ask: Ask) => redeem(theStore(), { holdMs: HOLD_MS, ...ask });
  const usage = async (nowMs: number, query: { key: string; windowMs?: number } = { key }) =>
    (await theStore().readCounters('venue', [query], nowMs)).get(query.key);
  const stateOf = async (id: number) => (await theStore().findDecision('venue', transaction(id)))?.hold;
  const release = (id: number) => theStore().releaseHold('venue', transaction(id), audit('grant'));
  const one = [{ key, maximum: 1 }];

  test('a place is held to its end, to the millisecond, and free from then on', async () => {
    const { decision } = await hold({ id: 1, counters: one });
    expect(decision).toMatchObject({ granted: true, holdEndsAtMs: ENDS });
    expect(await theStore().findDecision('venue', transaction(1))).toMatchObject({ decision, hold: 'held' });
    expect(await usage(ENDS - 1)).toEqual({ used: 0, held: 1, holdEndsAtMs: ENDS });
    expect((await theStore().findOffer('venue', 'offer'))?.granted).toBe(1);
    expect((await hold({ id: 2, counters: one, nowMs: ENDS - 1 })).decision).toMatchObject({ used: 1 });
    expect(await usage(ENDS)).toEqual({ used: 0, held: 0 });
    expect((await hold({ id: 3, counters: one, nowMs: ENDS })).decision.granted).toBe(true);
    expect(await usage(ENDS)).toEqual({ used: 0, held: 1, holdEndsAtMs: ENDS + HOLD_MS });
    expect([await stateOf(1), await stateOf(2), await stateOf(3)]).toEqual(['released', undefined, 'held']);
    expect((await theStore().findOffer('venue', 'offer'))?.granted).toBe(1);
  });

  test('of several holds the first end is told, and each ends by itself', async () => {
    await hold({ id: 1, holdMs: 3_000 });
    await hold({ id: 2, holdMs: 1_000, counters: [{ key, amount: 10 }] });
    await hold({ id: 3, holdMs: 2_000, counters: [{ key, amount: 100 }] });
    await redeem(theStore(), { id: 4, counters: [{ key, amount: 1_000 }] });
    expect(await usage(T)).toEqual({ used: 1_000, held: 111, holdEndsAtMs: T + 1_000 });
    expect(await usage(T + 1_000)).toEqual({ used: 1_000, held: 101, holdEndsAtMs: T + 2_000 });
    expect(await usage(T + 2_999)).toEqual({ used: 1_000, held: 1, holdEndsAtMs: T + 3_000 });
    expect(await usage(T + 3_000)).toEqual({ used: 1_000, held: 0 });
  });

  test.each([
    ['actuated', { used: 1, held: 0 }, 'spent'],
    ['interrupted', { used: 1, held: 0 }, 'spent'],
    ['failed', { used: 0, held: 0 }, 'released'],
  ] as const)('a receipt "%s" settles the grant, once', async (outcome, expected, state) => {
    const store = theStore();
    await hold({ id: 1 });
    await redeem(store, { id: 2, counters: [{ key: 'another' }] });
    const first = receipt(1, 1, 11, 0, outcome);
    expect(await store.addReceipts('venue', [first], T + 1)).toEqual(['stored']);
    expect([await usage(T + 1), await stateOf(1)]).toEqual([expected, state]);
    const others = [first, receipt(1, 1, 12, 0), receipt(2, 1, 13, 11), receipt(2, 2, 14, 11, 'failed')];
    expect(await store.addReceipts('venue', others, T + 2)).toEqual([
      'known',
      'conflict',
      'conflict',
      'stored',
    ]);
    expect([await usage(T + 2), await stateOf(1)]).toEqual([expected, state]);
    expect(await release(1)).toBe('settled');
    expect(await store.releaseEndedHolds(ENDS, 9)).toBe(0);
    expect([await usage(ENDS), await stateOf(1)]).toEqual([expected, state]);
    // Counted at once: a receipt of failure takes nothing back.
    expect(await usage(ENDS, { key: 'another' })).toEqual({ used: 1, held: 0 });
  });

  test('a receipt after the end counts all the same, also above the maximum; one of failure does not', async () => {
    const store = theStore();
    await hold({ id: 1, counters: one });
    expect(await store.releaseEndedHolds(ENDS, 9)).toBe(1);
    await hold({ id: 2, counters: one, nowMs: ENDS });
    await store.addReceipts('venue', [receipt(1, 2, 11, 0)], ENDS + 1);
    expect(await usage(ENDS + 1)).toEqual({ used: 1, held: 0 });
    await store.addReceipts('venue', [receipt(2, 1, 12, 11)], ENDS + 2);
    expect([await usage(ENDS + 2), await stateOf(1)]).toEqual([{ used: 2, held: 0 }, 'spent']);

    await hold({ id: 3, counters: [{ key: 'late' }] });
    await hold({ id: 4, counters: [{ key: 'late' }] });
    await store.addReceipts('venue', [receipt(3, 3, 13, 12)], ENDS);
    expect(await usage(ENDS, { key: 'late' })).toEqual({ used: 1, held: 0 });
    await store.releaseEndedHolds(ENDS, 9);
    await store.addReceipts('venue', [receipt(4, 4, 14, 13, 'failed')], ENDS);
    expect([await usage(ENDS, { key: 'late' }), await stateOf(4)]).toEqual([
      { used: 1, held: 0 },
      'released',
    ]);
  });

  test('released by hand the place is free at once; a receipt that comes after it counts', async () => {
    const store = theStore();
    await hold({ id: 1, counters: one });
    expect(await store.releaseHold('other', transaction(1), audit('grant'))).toBe('unknown');
    expect(await release(9)).toBe('unknown');
    expect(await release(1)).toBe('released');
    expect([await usage(T), await stateOf(1)]).toEqual([{ used: 0, held: 0 }, 'released']);
    expect(await release(1)).toBe('settled');
    expect((await redeem(store, { id: 2, counters: one })).decision.granted).toBe(true);
    await store.addReceipts('venue', [receipt(1, 1, 11, 0)], T);
    expect([await usage(T), await stateOf(1)]).toEqual([{ used: 2, held: 0 }, 'spent']);
  });

  test('a grant holds, frees and spends all of its places together', async () => {
    const store = theStore();
    const both = [{ key }, { key: 'second', amount: 40, resetsAtMs: T + DAY_MS }];
    for (const id of [1, 2, 3]) await hold({ id, counters: both });
    const used = async (nowMs: number) => [...(await store.readCounters('venue', both, nowMs)).values()];
    await store.addReceipts('venue', [receipt(1, 1, 11, 0), receipt(2, 2, 12, 11, 'failed')], T);
    expect(await used(T)).toEqual([
      { used: 1, held: 1, holdEndsAtMs: ENDS },
      { used: 40, held: 40, holdEndsAtMs: ENDS },
    ]);
    // Asked for one of them, the store frees the other one too: a clock set back does not bring it back.
    await redeem(store, { id: 4, nowMs: ENDS });
    expect(await used(T)).toEqual([
      { used: 2, held: 0 },
      { used: 40, held: 0 },
    ]);
  });

  test('upkeep frees the oldest first, grant by grant, and says how many', async () => {
    const store = theStore();
    const counters = [{ key }, { key: 'second' }];
    for (const id of [5, 4, 3, 2, 1]) await hold({ id, counters, holdMs: id * 1_000 });
    await redeem(store, { id: 9, counters });
    expect(await store.releaseEndedHolds(T + 999, 9)).toBe(0);
    expect(await store.releaseEndedHolds(T + 4_000, 3)).toBe(3);
    expect(await Promise.all([1, 2, 3, 4, 5].map(stateOf))).toEqual([
      ...['released', 'released', 'released'],
      ...['held', 'held'],
    ]);
    expect(await store.releaseEndedHolds(T + 4_000, 3)).toBe(1);
    expect(await store.releaseEndedHolds(T + 4_000, 3)).toBe(0);
    expect(await usage(T)).toEqual({ used: 1, held: 1, holdEndsAtMs: T + 5_000 });
  });

  test('in a rolling window a grant counts from its receipt', async () => {
    const rolling = { key: 'rolling', windowMs: 60_000, maximum: 2, roomAtSums: [1] };
    await hold({ id: 1, counters: [rolling] });
    await redeem(theStore(), { id: 2, counters: [rolling] });
    // What is held leaves no window: the room is where the other one goes.
    expect((await redeem(theStore(), { id: 3, counters: [rolling] })).decision).toMatchObject({
      used: 2,
      resetsAtMs: T + 60_000,
    });
    expect(await usage(T + 90_000, rolling)).toEqual({ used: 0, held: 1, holdEndsAtMs: ENDS });
    await theStore().addReceipts('venue', [receipt(1, 1, 11, 0)], T + 90_000);
    expect(await usage(T + 149_999, rolling)).toEqual({ used: 1, held: 0 });
    expect(await usage(T + 150_000, rolling)).toEqual({ used: 0, held: 0 });
  });

  test('a counter that holds is never pruned, whenever its period ended', async () => {
    const store = theStore();
    const day = { key: 'day', resetsAtMs: T + 1 };
    const rolling = { key: 'rolling', windowMs: 1_000 };
    await hold({ id: 1, holdMs: 30 * DAY_MS, counters: [day, rolling] });
    await store.prune(T + 20 * DAY_MS);
    expect(await usage(T, day)).toMatchObject({ held: 1 });
    await store.addReceipts('venue', [receipt(1, 1, 11, 0)], T + 21 * DAY_MS);
    expect(await usage(T, day)).toEqual({ used: 1, held: 0 });
    expect(await usage(T + 21 * DAY_MS, rolling)).toEqual({ used: 1, held: 0 });
    await store.prune(T + 40 * DAY_MS);
    expect(await usage(T, day)).toEqual({ used: 0, held: 0 });
    expect(await usage(T, rolling)).toEqual({ used: 0, held: 0 });
  });

  test('at once on a limit of 150, held and counted alike: exactly 150, and again when the holds have ended', async () => {
    const store = theStore();
    const counters = [{ key, maximum: 150 }];
    const ids = Array.from({ length: 200 }, (_, i) => i + 1);
    await Promise.all(ids.map((id) => redeem(store, { id, counters, ...(id % 8 ? { holdMs: 500 } : {}) })));
    const { used, held } = (await usage(T)) ?? { used: 0, held: 0 };
    expect(used + held).toBe(150);
    expect(held).toBeGreaterThan(100);
    // Their places are given away once, not to everyone who asks, and not bit by bit.
    const later = ids.map((id) => id + 1_000);
    const answers = await Promise.all(later.map((id) => redeem(store, { id, counters, nowMs: T + 500 })));
    expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(held);
    expect(await usage(T + 500)).toEqual({ used: 150, held: 0 });
  });
}

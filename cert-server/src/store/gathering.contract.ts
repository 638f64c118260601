/** Part of the contract of stores: requests at the same time are decided one after the other, and do not harm each other. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { expect, test } from 'vitest';
import { totalKey } from '../decision/counters.js';
import { redeem, T, transaction } from '../testing/test-store.js';
import type { Store } from './store-port.js';

const key = totalKey('offer');
const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

export function gatheringContract(theStore: () => Store): void {
  test('100 at once on a limit of 10: exactly 10, each decision with a number of its own', async () => {
    const store = theStore();
    const answers = await Promise.all(
      ids(100).map((id) => redeem(store, { id, counters: [{ key, maximum: 10 }] })),
    );
    expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(10);
    expect((await store.findOffer('venue', 'offer'))?.granted).toBe(10);
    const recorded = await Promise.all(ids(100).map((id) => store.findDecision('venue', transaction(id))));
    const sequences = recorded.map((record) => record?.sequence ?? 0);
    expect(sequences.sort((a, b) => a - b)).toEqual(ids(100));
    expect(await store.lastSequence('venue')).toBe(100);
  });

  test('600 at once with two limits of different sizes: the smaller one, on both', async () => {
    const store = theStore();
    const counters = [
      { key, maximum: 400 },
      { key: 'smaller', maximum: 300, amount: 3 },
    ];
    const answers = await Promise.all(ids(600).map((id) => redeem(store, { id, counters })));
    expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(100);
    const used = await store.readCounters('venue', counters, T);
    expect([...used.values()].map((usage) => usage.used)).toEqual([100, 300]);
  });

  test('a plan that throws in the middle fails alone', async () => {
    const store = theStore();
    const onFacts = () => {
      throw new TapsealError('box_nonce_used');
    };
    const answers = await Promise.allSettled(
      ids(21).map((id) => redeem(store, id === 11 ? { id, onFacts } : { id })),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      ids(21).map((id) => (id === 11 ? 'rejected' : 'fulfilled')),
    );
    expect(answers[10]).toMatchObject({ reason: { code: 'box_nonce_used' } });
    expect(await store.findDecision('venue', transaction(11))).toBeUndefined();
    expect(await store.lastSequence('venue')).toBe(20);
    expect((await store.findOffer('venue', 'offer'))?.granted).toBe(20);
  });

  test('a decision that cannot be written fails alone, and leaves nothing', async () => {
    const store = theStore();
    // No column takes half a grant: the write throws, after the decision.
    const spoilt = { key: 'spoilt', amount: 0.5 };
    const answers = await Promise.allSettled(
      ids(9).map((id) => redeem(store, id === 5 ? { id, counters: [{ key }, spoilt] } : { id })),
    );
    expect(answers.map(({ status }) => status)).toEqual(
      ids(9).map((id) => (id === 5 ? 'rejected' : 'fulfilled')),
    );
    expect(await store.findDecision('venue', transaction(5))).toBeUndefined();
    expect(await store.lastSequence('venue')).toBe(8);
    const used = await store.readCounters('venue', [{ key }, spoilt], T);
    expect([...used.values()]).toEqual([
      { used: 8, held: 0 },
      { used: 0, held: 0 },
    ]);
    expect((await redeem(store, { id: 5 })).decision.granted).toBe(true);
  });

  test('one transaction asked for many times at once is decided once', async () => {
    const store = theStore();
    const answers = await Promise.all(ids(20).map(() => redeem(store, { id: 7 })));
    expect(answers.filter(({ recordedBefore }) => !recordedBefore)).toHaveLength(1);
    const [first] = answers;
    for (const { decision } of answers) expect(decision).toEqual(first?.decision);
    expect(await store.lastSequence('venue')).toBe(1);
    expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
  });

  test('two transactions with one nonce of a box at once: the second one sees that it is used', async () => {
    const store = theStore();
    const onFacts = ({ boxNonceUsed }: { boxNonceUsed: boolean }) => {
      if (boxNonceUsed) throw new TapsealError('box_nonce_used');
    };
    const answers = await Promise.allSettled(ids(5).map((id) => redeem(store, { id, nonce: 99, onFacts })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const answer of answers) {
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'box_nonce_used' });
    }
    expect((await store.findOffer('venue', 'offer'))?.granted).toBe(1);
  });

  test('a nonce is used by a grant alone: a refusal leaves it', async () => {
    const store = theStore();
    const lastSeen = async (id: number, maximum?: number): Promise<boolean | undefined> => {
      let seen: boolean | undefined;
      const onFacts = ({ boxNonceUsed }: { boxNonceUsed: boolean }) => {
        seen = boxNonceUsed;
      };
      const counters = maximum === undefined ? [{ key }] : [{ key, maximum }];
      await redeem(store, { id, nonce: 9, onFacts, counters });
      return seen;
    };
    expect(await lastSeen(1, 0)).toBe(false);
    expect(await lastSeen(2)).toBe(false);
    expect(await lastSeen(3, 0)).toBe(true);
  });
}

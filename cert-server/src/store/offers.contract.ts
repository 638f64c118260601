/** Part of the contract of stores: offers and their versions. */
import { expect, test } from 'vitest';
import { addBox, audit, newOffer, redeem, T } from '../testing/test-store.js';
import type { Store } from './store-port.js';

export function offersContract(theStore: () => Store): void {
  test('an offer: name taken, touchpoint unknown, found at its touchpoint, paused', async () => {
    const store = theStore();
    expect(await store.addOffer('venue', newOffer(), audit('offer'))).toBe('taken');
    const astray = newOffer({ id: 'second', touchpoints: ['lobby-1', 'nowhere'] });
    expect(await store.addOffer('venue', astray, audit('second'))).toEqual({ unknownTouchpoint: 'nowhere' });
    expect(await store.findOffer('venue', 'second')).toBeUndefined();
    expect((await store.offersAt('venue', 'lobby-1')).map((record) => record.offer)).toEqual([
      newOffer().offer,
    ]);
    expect(await store.setOfferPaused('venue', 'offer', true, audit('offer'))).toBe(true);
    expect((await store.findOffer('venue', 'offer'))?.paused).toBe(true);
    expect(await store.setOfferPaused('venue', 'nothing', true, audit('nothing'))).toBe(false);
    let paused: boolean | undefined;
    const onFacts = (facts: { offer: { paused: boolean } | undefined }) => {
      paused = facts.offer?.paused;
    };
    await redeem(store, { id: 1, onFacts });
    expect(paused).toBe(true);
  });

  test('a version follows the newest; every version keeps its text, hash and touchpoints', async () => {
    const store = theStore();
    await addBox(store, 'venue', 'lobby-2', 2);
    await addBox(store, 'venue', 'lobby-3', 3);
    const one = newOffer();
    const two = newOffer({ version: 2, title: 'Second', touchpoints: ['lobby-2'] });
    const three = newOffer({ version: 3, title: 'Third', touchpoints: ['lobby-2', 'lobby-3'] });
    const add = (offer: typeof one) => store.addOfferVersion('venue', offer, audit('offer'));
    expect(await add(three)).toBe('conflict');
    expect(await add(one)).toBe('conflict');
    expect(await add(newOffer({ id: 'nothing', version: 2 }))).toBe('unknown');
    expect(await add(newOffer({ version: 2, touchpoints: ['nowhere'] }))).toEqual({
      unknownTouchpoint: 'nowhere',
    });
    expect((await store.findOffer('venue', 'offer'))?.offer.version).toBe(1);

    expect(await add(two)).toBe('added');
    expect(await add(two)).toBe('conflict');
    const { decision } = await redeem(store, { id: 1 });
    expect(decision).toMatchObject({ offerVersion: 2, offerHash: two.hash });
    expect(await store.offersAt('venue', 'lobby-1')).toEqual([]);
    expect(await add(three)).toBe('added');
    const at = async (name: string) =>
      (await store.offersAt('venue', name)).map(({ offer }) => offer.version);
    expect([await at('lobby-1'), await at('lobby-2'), await at('lobby-3')]).toEqual([[], [3], [3]]);
    expect(await store.findOffer('venue', 'offer')).toEqual({
      offer: three.offer,
      hash: three.hash,
      paused: false,
      createdAtMs: T,
      granted: 1,
    });

    const list = async (query: { before?: number; countMax: number }) =>
      store.listOfferVersions('venue', 'offer', query);
    expect(await list({ countMax: 9 })).toEqual(
      [three, two, one].map((version) => ({ ...version, createdAtMs: T })),
    );
    expect((await list({ countMax: 1 })).map(({ offer }) => offer.version)).toEqual([3]);
    expect((await list({ before: 3, countMax: 1 })).map(({ offer }) => offer.version)).toEqual([2]);
    expect(await list({ before: 1, countMax: 9 })).toEqual([]);
    expect(await store.listOfferVersions('venue', 'nothing', { countMax: 9 })).toEqual([]);
  });

  test('of two who change an offer at the same time, one is told of the conflict', async () => {
    const store = theStore();
    const change = (title: string) =>
      store.addOfferVersion('venue', newOffer({ version: 2, title }), audit('offer'));
    const answers = await Promise.all(['Red', 'Green', 'Blue'].map(change));
    expect(answers.sort()).toEqual(['added', 'conflict', 'conflict']);
    const [newest, ...older] = await store.listOfferVersions('venue', 'offer', { countMax: 9 });
    expect(older).toHaveLength(1);
    const found = await store.findOffer('venue', 'offer');
    expect(found?.offer).toEqual(newest?.offer);
    expect((await redeem(store, { id: 1 })).decision).toMatchObject({ offerHash: newest?.hash });
  });

  test('the same object is handed out for the same version', async () => {
    const store = theStore();
    const first = await store.findOffer('venue', 'offer');
    let asked: unknown;
    await redeem(store, {
      id: 1,
      onFacts: ({ offer }) => {
        asked = offer?.version;
      },
    });
    expect(asked).toBe(first?.offer);
    expect((await store.offersAt('venue', 'lobby-1'))[0]?.offer).toBe(first?.offer);
  });
}

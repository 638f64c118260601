/** Part of the contract of stores: labels of shoppers and touchpoints, and the zones of touchpoints. */
import { expect, test } from 'vitest';
import { LABELS_MAX } from '../decision/labels.js';
import { addPhone, audit, bytes, T } from '../testing/test-store.js';
import type { Store } from './store-port.js';

const full = Object.fromEntries(Array.from({ length: LABELS_MAX }, (_, i) => [`label-${i}`, 'x']));

export function labelsContract(theStore: () => Store): void {
  test('labels of a shopper are added, replaced and taken away; each of its phones has them', async () => {
    const store = theStore();
    await addPhone(store, 'venue', 2, bytes(32, 2));
    await addPhone(store, 'venue', 3, bytes(32, 2));
    expect(await store.findShopper('venue', 'shopper-2')).toEqual({
      id: 'shopper-2',
      labels: {},
      createdAtMs: T,
    });
    const label = (labels: Record<string, string | null>, id = 'shopper-2') =>
      store.labelShopper('venue', id, labels, audit(id));
    expect(await label({ tier: 'gold', segment: 'new' })).toBe('changed');
    expect(await label({ tier: 'silver', segment: null, constructor: 'ada', nothing: null })).toBe('changed');
    const labels = { tier: 'silver', constructor: 'ada' };
    expect((await store.findShopper('venue', 'shopper-2'))?.labels).toEqual(labels);
    expect((await store.findPhone('venue', bytes(16, 3)))?.shopperLabels).toEqual(labels);
    expect((await store.listPhones('venue', undefined, 9)).map((phone) => phone.shopperLabels)).toEqual([
      {},
      labels,
      labels,
    ]);
    expect(await addPhone(store, 'venue', 4, bytes(32, 2))).toMatchObject({ shopperLabels: labels });
    expect(await label({ tier: 'gold' }, 'nobody')).toBe('unknown');
  });

  test('labels: as many as may be, and not one more', async () => {
    const store = theStore();
    const label = (labels: Record<string, string | null>) =>
      store.labelShopper('venue', 'shopper-1', labels, audit('shopper-1'));
    expect(await label(full)).toBe('changed');
    expect(await label({ 'label-0': 'y', more: 'x' })).toBe('labels_full');
    expect((await store.findShopper('venue', 'shopper-1'))?.labels).toEqual(full);
    expect(await label({ 'label-0': null, more: 'x' })).toBe('changed');
  });

  test('a touchpoint is changed part by part; its box shows it at once', async () => {
    const store = theStore();
    const change = (changes: Parameters<Store['changeTouchpoint']>[2], name = 'lobby-1') =>
      store.changeTouchpoint('venue', name, changes, audit(name));
    expect(await change({ labels: { merchant: 'cafe-ada' }, timeZone: 'Asia/Tokyo' })).toBe('changed');
    expect(await change({ labels: { site: 'airport' } })).toBe('changed');
    const labels = { merchant: 'cafe-ada', site: 'airport' };
    expect(await store.findTouchpoint('venue', 'lobby-1')).toMatchObject({
      labels,
      timeZone: 'Asia/Tokyo',
      box: { touchpointLabels: labels, touchpointTimeZone: 'Asia/Tokyo' },
    });
    expect(await change({ timeZone: null })).toBe('changed');
    const box = await store.findBox('venue', bytes(8, 1));
    expect([box?.touchpointLabels, box?.touchpointTimeZone]).toEqual([labels, undefined]);
    expect((await store.listTouchpoints('venue'))[0]).toMatchObject({ labels, timeZone: undefined });
    expect(await change({ labels: full })).toBe('labels_full');
    expect((await store.findTouchpoint('venue', 'lobby-1'))?.labels).toEqual(labels);
    expect(await change({}, 'nowhere')).toBe('unknown');
  });

  test('a touchpoint is added with its labels and its zone', async () => {
    const store = theStore();
    const lobby = { name: 'lobby-2', title: 'Lobby', place: 'left', createdAtMs: T };
    const more = { labels: { site: 'airport' }, timeZone: 'Asia/Kathmandu' };
    const code = { secretHash: bytes(32, 2), expiresAtMs: T + 1 };
    expect(await store.addTouchpoint('venue', { ...lobby, ...more }, code, audit('lobby-2'))).toBe(true);
    expect(await store.findTouchpoint('venue', 'lobby-2')).toEqual({
      ...lobby,
      ...more,
      box: undefined,
      receiptsHighest: 0,
    });
  });
}

import { bytesToHex } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';
import { advanceAnchor, advertWindowAt } from './advert-window.js';
import { refreshDueWindows, startUpkeep } from './background-upkeep.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** Counts what a window costs. */
function countingCrypto() {
  let hashes = 0;
  const hmacSha256 = (...args: Parameters<typeof crypto.hmacSha256>) => {
    hashes += 1;
    return crypto.hmacSha256(...args);
  };
  return { crypto: { ...crypto, hmacSha256 }, hashes: () => hashes };
}

test('upkeep moves due windows on at its start, and closes after what is under way', async () => {
  const box = await TestBox.enrol(server, 'lobby-1');
  server.nowMs = START_MS + 100 * 1_024_000;
  const errors: unknown[] = [];
  const upkeep = startUpkeep(server.context, (error) => errors.push(error));
  await upkeep.close();
  expect(errors).toEqual([]);
  expect(await server.context.store.dueWindows(server.nowMs, 10)).toEqual([]);
  box.counterS = 100 * 1_024;
  const found = await server.context.store.findRotatingId('venue', box.advert().subarray(0, 8));
  expect(found?.boxId).toEqual(box.id);
});

test('a store that fails is reported, and does not end the process', async () => {
  const errors: unknown[] = [];
  const failing = {
    ...server.context,
    store: { ...server.context.store, dueWindows: () => Promise.reject(new Error('disk')) },
  };
  const upkeep = startUpkeep(failing, (error) => errors.push(error));
  await upkeep.close();
  expect(errors).toEqual([new Error('disk')]);
});

test('between two boxes, requests have their turn', async () => {
  const boxes = [1, 2, 3].map((fill) => ({
    programme: 'venue',
    boxId: new Uint8Array(8).fill(fill),
    anchor,
    oldest: undefined,
  }));
  const turns: number[] = [];
  let turn = 0;
  const store = {
    ...server.context.store,
    dueWindows: async () => boxes,
    moveWindow: async () => {
      turns.push(turn);
      setImmediate(() => {
        turn += 1;
      });
    },
  };
  await refreshDueWindows({ ...server.context, store });
  expect(turns).toEqual([0, 1, 2]);
});

test('upkeep frees holds that have ended, batch by batch, and stops when there are no more', async () => {
  const released = [100, 100, 7];
  const asked: number[] = [];
  let turns = 0;
  const store = {
    ...server.context.store,
    releaseEndedHolds: async (nowMs: number, countMax: number) => {
      asked.push(turns);
      expect([nowMs, countMax]).toEqual([server.nowMs, 100]);
      setImmediate(() => {
        turns += 1;
      });
      return released.shift() ?? 0;
    },
  };
  const errors: unknown[] = [];
  const upkeep = startUpkeep({ ...server.context, store }, (error) => errors.push(error));
  await upkeep.close();
  expect(errors).toEqual([]);
  expect(asked).toEqual([0, 1, 2]);
});

const anchor = { epoch: 10, advertKey: crypto.randomBytes(32), counterS: 10_300, seenAtMs: START_MS };

test('a window holds the epoch before, the expected one and six ahead, and is due when the next begins', () => {
  const window = advertWindowAt(crypto, anchor, START_MS + 5 * 1_024_000);
  expect(window.ids.map(({ epoch }) => epoch)).toEqual([14, 15, 16, 17, 18, 19, 20, 21]);
  expect(new Set(window.ids.map(({ rotatingId }) => bytesToHex(rotatingId))).size).toBe(8);
  expect(window.refreshAtMs).toBe(START_MS + (16 * 1_024 - 10_300) * 1_000);
});

test('a window moves on from the one before it, at the cost of what is new; a false start changes nothing', () => {
  const counting = countingCrypto();
  const at = START_MS + 29 * 86_400_000;
  const before = advertWindowAt(crypto, anchor, at - 1_024_000).ids[0];
  const window = advertWindowAt(counting.crypto, anchor, at, before);
  expect(counting.hashes()).toBeLessThan(20);
  const expected = advertWindowAt(crypto, anchor, at);
  expect(window).toEqual(expected);
  // Of a time before the anchor, or after the window, since the clock was set back.
  for (const known of [{ epoch: 9, advertKey: anchor.advertKey }, expected.ids[1]]) {
    expect(advertWindowAt(crypto, anchor, at, known)).toEqual(expected);
  }
});

test('upkeep starts from the window that the store has', async () => {
  await TestBox.enrol(server, 'lobby-2');
  server.nowMs += 1_000 * 1_024_000;
  await refreshDueWindows(server.context);
  server.nowMs += 1_024_000;
  const counting = countingCrypto();
  const due = await server.context.store.dueWindows(server.nowMs, 10);
  await refreshDueWindows({ ...server.context, crypto: counting.crypto });
  expect(due.length).toBeGreaterThan(0);
  expect(counting.hashes()).toBeLessThan(20 * due.length);
});

test('an anchor moves forward with a hello: never back, and not by years', () => {
  const moved = advanceAnchor(crypto, anchor, 12 * 1_024, START_MS + 1);
  const ids = advertWindowAt(crypto, anchor, START_MS).ids;
  expect(moved).toMatchObject({ epoch: 12, counterS: 12_288, seenAtMs: START_MS + 1 });
  expect(moved?.advertKey).toEqual(ids.find(({ epoch }) => epoch === 12)?.advertKey);
  expect(advanceAnchor(crypto, anchor, 10_299, START_MS)).toBeUndefined();
  expect(advanceAnchor(crypto, anchor, 0xffff_ffff, START_MS)).toBeUndefined();
});

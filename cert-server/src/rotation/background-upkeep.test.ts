import { bytesToHex } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';
import { advanceAnchor, advertWindowAt } from './advert-window.js';
import { startUpkeep } from './background-upkeep.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

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

const anchor = { epoch: 10, advertKey: crypto.randomBytes(32), counterS: 10_300, seenAtMs: START_MS };

test('a window holds the epoch before, the expected one and six ahead, and is due when the next begins', () => {
  const window = advertWindowAt(crypto, anchor, START_MS + 5 * 1_024_000);
  expect(window.ids.map(({ epoch }) => epoch)).toEqual([14, 15, 16, 17, 18, 19, 20, 21]);
  expect(new Set(window.ids.map(({ rotatingId }) => bytesToHex(rotatingId))).size).toBe(8);
  expect(window.refreshAtMs).toBe(START_MS + (16 * 1_024 - 10_300) * 1_000);
});

test('an anchor moves forward with a hello: never back, and not by years', () => {
  const moved = advanceAnchor(crypto, anchor, 12 * 1_024, START_MS + 1);
  const ids = advertWindowAt(crypto, anchor, START_MS).ids;
  expect(moved).toMatchObject({ epoch: 12, counterS: 12_288, seenAtMs: START_MS + 1 });
  expect(moved?.advertKey).toEqual(ids.find(({ epoch }) => epoch === 12)?.advertKey);
  expect(advanceAnchor(crypto, anchor, 10_299, START_MS)).toBeUndefined();
  expect(advanceAnchor(crypto, anchor, 0xffff_ffff, START_MS)).toBeUndefined();
});

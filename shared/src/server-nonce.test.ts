import { expect, test } from 'vitest';
import { SERVER_NONCE_TTL_MS } from './bounds.js';
import { native, outcomeOf, parties } from './objects.contract.js';
import { checkServerNonce, makeServerNonce } from './server-nonce.js';

const key = parties.nonceKey;
const now = 1_790_000_000_000;
const nonce = makeServerNonce(native, key, 'demo', now);
const check = (nowMs: number, programme = 'demo', of = nonce, withKey = key) =>
  outcomeOf(() => checkServerNonce(native, withKey, programme, nowMs, of));

test('holds for 120 seconds to the millisecond', async () => {
  expect(nonce.length).toBe(40);
  expect(await check(now)).toBe('accepted');
  expect(await check(now + SERVER_NONCE_TTL_MS)).toBe('accepted');
  expect(await check(now + SERVER_NONCE_TTL_MS + 1)).toBe('nonce_expired');
});

test('survives a clock that was set back a little, and no more', async () => {
  expect(await check(now - SERVER_NONCE_TTL_MS)).toBe('accepted');
  expect(await check(now - SERVER_NONCE_TTL_MS - 1)).toBe('nonce_expired');
});

test('is none of another programme, another server, another length', async () => {
  expect(await check(now, 'other')).toBe('nonce_invalid');
  expect(await check(now, 'demo', nonce, new Uint8Array(32))).toBe('nonce_invalid');
  expect(await check(now, 'demo', nonce.subarray(1))).toBe('nonce_invalid');
  expect(await check(now, 'demo', new Uint8Array())).toBe('nonce_invalid');
  expect(await check(now, 'demo', new Uint8Array(40))).toBe('nonce_invalid');
});

test('a forged nonce is told no age', async () => {
  const old = makeServerNonce(native, new Uint8Array(32), 'demo', 0);
  expect(await check(now, 'demo', old)).toBe('nonce_invalid');
});

test('two of the same millisecond differ', () => {
  expect(makeServerNonce(native, key, 'demo', now)).not.toEqual(nonce);
});

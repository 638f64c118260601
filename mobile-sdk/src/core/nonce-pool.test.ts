import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../testing/virtual-clock.js';
import { NONCE_AGE_MS_MAX } from './limits.js';
import { NoncePool } from './nonce-pool.js';

function pool() {
  const clock = new VirtualClock();
  let made = 0;
  const nonces = new NoncePool(clock, async () => {
    await clock.wait(60);
    made += 1;
    return Uint8Array.of(made);
  });
  return { clock, nonces, made: () => made };
}

describe('NoncePool', () => {
  it('has one ready without a round trip, once it was filled', async () => {
    const { clock, nonces } = pool();
    nonces.refill();
    await clock.pass(100);
    const startMs = clock.nowMs();
    expect(await nonces.take()).toEqual(Uint8Array.of(1));
    expect(clock.nowMs()).toBe(startMs);
  });

  it('gives each nonce once, also to takers that wait together', async () => {
    const { clock, nonces } = pool();
    const takers = Promise.all([nonces.take(), nonces.take(), nonces.take()]);
    await clock.pass(1_000);
    const taken = (await takers).map((nonce) => nonce[0]);
    expect(new Set(taken).size).toBe(3);
  });

  it('gives none that is too old for a whole tap', async () => {
    const { clock, nonces } = pool();
    nonces.offer(Uint8Array.of(99));
    await clock.pass(NONCE_AGE_MS_MAX + 1);
    const taking = nonces.take();
    await clock.pass(100);
    expect(await taking).toEqual(Uint8Array.of(1));
  });

  it('passes a lost network on to who takes, and not to who refills', async () => {
    const clock = new VirtualClock();
    const nonces = new NoncePool(clock, () => Promise.reject(new Error('offline')));
    nonces.refill();
    await clock.pass(10);
    await expect(nonces.take()).rejects.toThrow('offline');
  });
});

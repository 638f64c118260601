/** What people read of a grant. */
import { describe, expect, it } from 'vitest';
import type { GrantedEvent } from '../../core/events.js';
import { sentence } from './shopper-output.js';

const granted: GrantedEvent = {
  type: 'granted',
  atMs: 0,
  transactionId: 'c3'.repeat(16),
  offer: 'credit',
  timings: { redeemMs: 41.6 },
  amountMinor: 250,
  awardedMinor: 250,
  voucher: '',
  jws: '',
};

describe('a grant', () => {
  it('in full is told without its amounts', () => {
    expect(sentence(granted)).toBe(`granted after 42 ms: transaction ${'c3'.repeat(16)}`);
  });

  it('in part says how much of what was approved', () => {
    expect(sentence({ ...granted, awardedMinor: 70 })).toBe(
      `granted 70 of 250 (minor units) after 42 ms: transaction ${'c3'.repeat(16)}`,
    );
  });
});

import { describe, expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import type { Limit, OfferRules } from './offer-rules.js';

const make = (rules: OfferRules) => () =>
  testOffer(rules, 'Europe/Berlin', { amountMinor: 100, keys: { campaign: 'summer' } });
const refusal = (detail: string) => expect.objectContaining({ code: 'body_invalid', detail });

describe('of two limits that count the same one is refused', () => {
  test.each<[string, Limit, Limit]>([
    [
      'in the same phase',
      { maximum: 2, period: { unit: 'week', every: 2, from: '2026-01-05' } },
      { maximum: 4, period: { unit: 'week', every: 2 } },
    ],
    ['by the same key', { maximum: 2, per: ['key.campaign'] }, { maximum: 4, per: ['key.campaign=summer'] }],
  ])('%s', (_name, one, other) => {
    expect(make({ limits: [one, other] })).toThrow(
      refusal('rules.limits[1]: counts the same as rules.limits[0]'),
    );
  });

  test('not in different phases', () => {
    const period = { unit: 'week', every: 2 } as const;
    const limits = [
      { maximum: 2, period: { ...period, from: '2026-01-05' } },
      { maximum: 4, period: { ...period, from: '2026-01-12' } },
    ];
    expect(make({ limits })).not.toThrow();
  });

  test('nor of a cool-down and the rolling limit of its span', () => {
    expect(
      make({
        limits: [{ maximum: 3, per: ['shopper'], period: { rollingS: 86_400 } }],
        cooldowns: [{ seconds: 86_400 }],
      }),
    ).toThrow(refusal('rules.cooldowns[0]: counts the same as rules.limits[0]'));
  });
});

test('a day to count from says nothing of each single one', () => {
  expect(make({ limits: [{ maximum: 1, period: { unit: 'week', from: '2026-01-05' } }] })).toThrow(
    refusal('rules.limits[0].period.from: only where every is 2 or more'),
  );
});

import { expect, test } from 'vitest';
import type { OfferRules } from '../decision/offer-rules.js';
import { testOffer } from '../testing/test-offer.js';
import { viewLimits } from './offer-views.js';

test('limits are shown by their whole sentences, however long, each with its own usage', async () => {
  const group = (end: string): string => `touchpoint.merchant=cafe-ada-international-airport-${end}`;
  const per = (end: string): string[] => [group(end), `touchpoint.${'t'.repeat(36)}=gold`];
  const limits: NonNullable<OfferRules['limits']> = [
    { maximum: 5, per: per('t1') },
    { maximum: 5, per: per('t2') },
    {
      maximum: 9,
      period: { unit: 'week', every: 2, from: '2026-01-05' },
      per: ['key.campaign-of-this-long-summer'],
    },
  ];
  const offer = testOffer({ limits }, 'Europe/Berlin', { keys: { 'campaign-of-this-long-summer': 'x' } });
  const store = {
    readCounters: async () => new Map(),
    listTouchpoints: async () => [],
  };
  const { limits: shown } = await viewLimits(store, 'mall', offer, Date.parse('2026-06-10T08:30:00Z'));
  const rules = shown.map(({ rule }) => rule);
  expect(new Set(rules).size).toBe(3);
  expect(rules[0]).toContain(`merchant cafe-ada-international-airport-t1 and ${'t'.repeat(36)} gold`);
  expect(rules[2]).toBe(
    'at most 9 every 2 weeks (counted from 2026-01-05) over all offers of this campaign-of-this-long-summer',
  );
  expect(rules.join()).not.toContain('…');
});

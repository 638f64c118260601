import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { countersOf } from './counters.js';
import { decide } from './decide.js';
import type { OfferRules } from './offer-rules.js';

const nowMs = Date.parse('2026-06-10T08:30:00Z');
const usage = (used: Record<string, number>) => ({ shopper: 's1', used: new Map(Object.entries(used)) });

test('a grant increments the total and each counter that is limited', () => {
  const verdict = decide(testOffer({ perWeek: 1, perDay: 1 }), usage({}), nowMs);
  expect(verdict).toMatchObject({ granted: true });
  const keys = verdict.granted ? verdict.increments.map((counter) => counter.key) : [];
  expect(keys).toEqual(['total', 'shopper/s1/day/2026-06-10', 'shopper/s1/week/2026-W24']);
});

test('a full total never resets; a full week resets on Monday, and each says how full it is', () => {
  expect(decide(testOffer({ max: 100 }), usage({ total: 100 }), nowMs)).toEqual({
    granted: false,
    code: 'limit_reached',
    rule: 'at most 100 in all',
    used: 100,
    maximum: 100,
  });
  expect(decide(testOffer({ perWeek: 2 }), usage({ 'shopper/s1/week/2026-W24': 2 }), nowMs)).toEqual({
    granted: false,
    code: 'limit_reached',
    rule: 'twice a week for each shopper',
    used: 2,
    maximum: 2,
    resetsAtMs: Date.parse('2026-06-14T22:00:00Z'),
  });
});

test('of several full limits, the one that resets last is named', () => {
  const full = { 'shopper/s1/day/2026-06-10': 1, 'shopper/s1/month/2026-06': 3 };
  expect(decide(testOffer({ perDay: 1, perMonth: 3 }), usage(full), nowMs)).toMatchObject({
    rule: '3 times a month for each shopper',
  });
  expect(
    decide(testOffer({ perDay: 1, perMonth: 3, max: 9 }), usage({ ...full, total: 9 }), nowMs),
  ).toMatchObject({
    rule: 'at most 9 in all',
  });
});

test('another shopper, and the same shopper a week later, count from nothing', () => {
  const used = new Map([['shopper/s1/week/2026-W24', 1]]);
  const offer = testOffer({ perWeek: 1 });
  expect(decide(offer, { shopper: 's1', used }, nowMs).granted).toBe(false);
  expect(decide(offer, { shopper: 's2', used }, nowMs).granted).toBe(true);
  expect(decide(offer, { shopper: 's1', used }, nowMs + 7 * 86_400_000).granted).toBe(true);
});

test('a closed window is named before a full limit', () => {
  expect(decide(testOffer({ until: '10:00', max: 1 }), usage({ total: 1 }), nowMs)).toMatchObject({
    code: 'window_closed',
    rule: 'only until 10:00',
  });
});

test('whatever the order of requests, no counter ever passes its maximum', () => {
  const limit = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
  const rulesOf = (entries: Record<string, number | undefined>): OfferRules =>
    Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
  fc.assert(
    fc.property(
      fc.record({ max: limit, perDay: limit, perWeek: limit, perMonth: limit }),
      fc.array(
        fc.record({ shopper: fc.constantFrom('a', 'b', 'c'), hours: fc.integer({ min: 0, max: 40 }) }),
        {
          maxLength: 60,
        },
      ),
      (limits, requests) => {
        const offer = testOffer(rulesOf(limits));
        const used = new Map<string, number>();
        let timeMs = nowMs;
        for (const { shopper, hours } of requests) {
          timeMs += hours * 3_600_000;
          const verdict = decide(offer, { shopper, used }, timeMs);
          const full = countersOf(offer, shopper, timeMs).some(
            ({ key, maximum }) => maximum !== undefined && (used.get(key) ?? 0) >= maximum,
          );
          expect(verdict.granted).toBe(!full);
          if (!verdict.granted) continue;
          for (const { key, maximum = Number.POSITIVE_INFINITY } of verdict.increments) {
            used.set(key, (used.get(key) ?? 0) + 1);
            expect(used.get(key)).toBeLessThanOrEqual(maximum);
          }
        }
      },
    ),
  );
});

import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { utf8 } from '@tapseal/shared/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { type CompiledLimit, compiledLimitsOf, countedBy } from './compiled-limits.js';
import type { CalendarPeriod, Limit, OfferRules } from './offer-rules.js';
import { periodAt } from './periods.js';

const offerOf = (rules: OfferRules) =>
  testOffer(rules, 'Europe/Berlin', { amountMinor: 100, keys: { campaign: 'summer' } });

function compiledOf(limit: Limit): CompiledLimit {
  const [compiled] = compiledLimitsOf(offerOf({ limits: [limit] }));
  if (compiled === undefined) throw new Error('no limit');
  return compiled;
}

const counted = (limit: Omit<Limit, 'maximum'>): string => countedBy(compiledOf({ maximum: 1, ...limit }));

const DAY_MS = 86_400_000;
const date = fc
  .integer({ min: Date.parse('1969-01-01') / DAY_MS, max: Date.parse('2030-01-01') / DAY_MS })
  .map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10));
const phase = fc.record({
  from: fc.option(date, { nil: undefined }),
  weekStart: fc.constantFrom('mon' as const, 'sun' as const, undefined),
});
const kind = fc.record({
  unit: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
  // Small ones: pairs of one phase and pairs of two are both common then.
  every: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 366 })),
});

function periodOf(
  { unit, every }: { unit: CalendarPeriod['unit']; every: number },
  { from, weekStart }: { from: string | undefined; weekStart: 'mon' | 'sun' | undefined },
): CalendarPeriod {
  return {
    unit,
    every,
    ...(from === undefined || every === 1 ? {} : { from }),
    ...(weekStart === undefined || unit !== 'week' ? {} : { weekStart }),
  };
}

/** Nearly always of one kind: others are told apart by their names. */
const periodPairs = fc
  .record({ kind, other: fc.option(kind, { nil: undefined, freq: 4 }), a: phase, b: phase })
  .map(({ kind: one, other, a, b }) => [periodOf(one, a), periodOf(other ?? one, b)] as const);

describe('what a limit counts', () => {
  test('is the same of two periods exactly where their counters have the same keys', () => {
    let same = 0;
    fc.assert(
      fc.property(
        periodPairs,
        fc.array(fc.integer({ min: Date.parse('1971-01-01'), max: Date.parse('2060-01-01') }), {
          minLength: 5,
          maxLength: 5,
        }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Apia', 'America/St_Johns'),
        ([one, other], instants, timeZone) => {
          const isSame = counted({ period: one }) === counted({ period: other });
          same += isSame ? 1 : 0;
          for (const nowMs of instants) {
            const keys = [one, other].map((period) => periodAt(period, nowMs, timeZone).key);
            expect(keys[0] === keys[1]).toBe(isSame);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    expect(same).toBeGreaterThan(50);
    expect(same).toBeLessThan(950);
  });

  test.each<[CalendarPeriod, CalendarPeriod]>([
    [
      { unit: 'week', every: 2, from: '2026-01-05' },
      { unit: 'week', every: 2 },
    ],
    [
      { unit: 'week', every: 2, from: '2026-01-05' },
      { unit: 'week', every: 2, from: '2026-01-25' },
    ],
    [
      { unit: 'month', every: 3, from: '2026-02-14' },
      { unit: 'month', every: 3, from: '2025-11-30' },
    ],
    [{ unit: 'day', every: 1 }, { unit: 'day' }],
  ])('%j and %j are one period', (one, other) => {
    expect(counted({ period: one })).toBe(counted({ period: other }));
  });

  test('a key with its value is the key: the offer carries no other', () => {
    expect(counted({ per: ['key.campaign=summer'] })).toBe(counted({ per: ['key.campaign'] }));
    expect(counted({ per: ['shopper.tier=gold'] })).not.toBe(counted({ per: ['shopper.tier'] }));
    expect(counted({ per: ['key.campaign', 'shopper'] })).toBe(
      counted({ per: ['shopper', 'key.campaign=summer'] }),
    );
  });
});

describe('in words', () => {
  const group = (end: string): string => `touchpoint.merchant=cafe-ada-international-airport-${end}`;

  test('limits of long names have rules of their own, also where a refusal has no room for the names', () => {
    const per = (end: string): string[] => [group(end), `shopper.${'t'.repeat(36)}=gold`, 'key.campaign'];
    const [one, other, third] = compiledLimitsOf(
      offerOf({
        limits: [
          { maximum: 5, per: per('t1') },
          { maximum: 5, per: per('t2') },
        ],
        cooldowns: [{ seconds: 30 }],
      }),
    );
    expect(one?.sentence).toContain('merchant cafe-ada-international-airport-t1 over all offers');
    expect(other?.sentence).toContain('merchant cafe-ada-international-airport-t2 over all offers');
    expect(one?.rule).toMatch(/^at most 5 in all .* \(no\. 1\)$/);
    expect(other?.rule).toMatch(/^at most 5 in all .* \(no\. 2\)$/);
    expect(third?.rule).toBe('no sooner than 30 seconds after the last one, for each shopper');
    for (const limit of [one, other]) {
      expect(utf8(limit?.rule ?? '').length).toBeLessThanOrEqual(REFUSAL_RULE_BYTES_MAX);
    }
  });
});

import { describe, expect, test } from 'vitest';
import { LIMIT_MAX } from '../http/admin-bounds.js';
import { testOffer } from '../testing/test-offer.js';
import { checkTimeZone } from './make-offer.js';
import type { OfferVersion } from './offer.js';
import type { OfferRules } from './offer-rules.js';

const priced: Partial<OfferVersion> = { amountMinor: 250, keys: { campaign: 'summer' } };

function refusalOf(rules: OfferRules, more: Partial<OfferVersion> = priced): string | undefined {
  try {
    testOffer(rules, 'Europe/Berlin', more);
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ code: 'body_invalid' });
    return error instanceof Error && 'detail' in error ? String(error.detail) : '';
  }
}

const week = { unit: 'week' } as const;

describe('rules that cannot be, or could never grant anything, are refused by name', () => {
  test.each<[OfferRules, string]>([
    [{ validFrom: '2026-02-30' }, 'rules.validFrom: no such time'],
    [{ validFrom: '2026-06-10T24:00' }, 'rules.validFrom: no such time'],
    [{ validTo: '2026-06-10T10:00:60' }, 'rules.validTo: no such time'],
    [{ validTo: '2026-06-10T10:00+25:00' }, 'rules.validTo: no such time'],
    [{ validFrom: '2026-06-11', validTo: '2026-06-10' }, 'rules.validTo: not after rules.validFrom'],
    // In Berlin the 11th begins at that very instant.
    [
      { validFrom: '2026-06-11', validTo: '2026-06-10T22:00:00Z' },
      'rules.validTo: not after rules.validFrom',
    ],
    [{ windows: [{}] }, 'rules.windows[0]: says nothing; leave it out for at all times'],
    [{ windows: [{ from: '12:00', until: '12:00' }] }, 'rules.windows[0].until: the same as from'],
    [
      { windows: [{ from: '08:00' }, { until: '00:00' }] },
      'rules.windows[1].until: leave it out for the whole day',
    ],
    [
      { windows: [{ dates: { from: '2026-02-29', to: '2026-03-01' } }] },
      'rules.windows[0].dates.from: no such date',
    ],
    [
      { windows: [{ dates: { from: '2026-03-02', to: '2026-03-01' } }] },
      'rules.windows[0].dates.to: before from',
    ],
    [
      { windows: [{ recurrence: 'FREQ=DAILY' }] },
      'rules.windows[0].recurrence: must be DTSTART:YYYYMMDD;FREQ=…',
    ],
    [
      { windows: [{ recurrence: 'DTSTART:20260101;FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }] },
      'rules.windows[0].recurrence: means no day at all',
    ],
    [
      { windows: [{ holidays: { country: 'ZZ' } }] },
      'rules.windows[0].holidays.country: no holidays are known of ZZ',
    ],
    [{ except: [{ from: '2026-12-24', to: '2026-12-32' }] }, 'rules.except[0].to: no such date'],
    [
      { except: [{ from: '2026-12-24', to: '2026-12-24' }, { holidays: { country: 'DE', region: 'ZZ' } }] },
      'rules.except[1].holidays.region: DE has no region ZZ',
    ],
    [{ limits: [{ maximum: LIMIT_MAX + 1 }] }, 'rules.limits[0].maximum: at most 1000000000 grants'],
    [{ limits: [{ maximum: 1, partial: true }] }, 'rules.limits[0].partial: only of an amount'],
    [
      { limits: [{ maximum: 1 }, { maximum: 249, of: 'amount' }] },
      'rules.limits[1].maximum: less than the 2.50 EUR of the offer, so that it could never be granted',
    ],
    [
      { limits: [{ maximum: 99, of: 'amount', partial: true }], stepMinor: 125 },
      'rules.limits[0].maximum: less than one step of 1.25 EUR, so that it could never be granted',
    ],
    [
      { limits: [{ maximum: 500, of: 'amount', partial: true }], stepMinor: 100 },
      'rules.stepMinor: the 2.50 EUR of the offer are no multiple of it',
    ],
    [
      { limits: [{ maximum: 500, of: 'amount' }], stepMinor: 125 },
      'rules.stepMinor: only where a limit awards a part',
    ],
    [
      { limits: [{ maximum: 1, period: { unit: 'month', every: 2, from: '2026-13-01' } }] },
      'rules.limits[0].period.from: no such date',
    ],
    [
      { limits: [{ maximum: 1, period: { unit: 'month', from: '2026-01-15' } }] },
      'rules.limits[0].period.from: only where every is 2 or more',
    ],
    [
      { limits: [{ maximum: 1, period: { unit: 'month', weekStart: 'sun' } }] },
      'rules.limits[0].period.weekStart: only of weeks',
    ],
    [
      { limits: [{ maximum: 1, per: ['key.season'] }] },
      'rules.limits[0].per[0]: the offer carries no key season',
    ],
    [
      { limits: [{ maximum: 1, per: ['shopper', 'key.campaign=winter'] }] },
      'rules.limits[0].per[1]: the offer carries campaign=summer',
    ],
    [
      { cooldowns: [{ seconds: 1, per: ['key.season'] }] },
      'rules.cooldowns[0].per[0]: the offer carries no key season',
    ],
    [
      { limits: [{ maximum: 1, per: ['shopper.tier=gold', 'shopper.tier=silver'] }] },
      'rules.limits[0].per[1]: names shopper.tier twice',
    ],
    [
      {
        limits: [
          { maximum: 1, per: ['shopper'], period: week },
          { maximum: 2, per: ['shopper'], period: { ...week, weekStart: 'mon' } },
        ],
      },
      'rules.limits[1]: counts the same as rules.limits[0]',
    ],
    [
      { cooldowns: [{ seconds: 30 }, { seconds: 30, per: ['shopper'] }] },
      'rules.cooldowns[1]: counts the same as rules.cooldowns[0]',
    ],
    [
      { limits: [{ maximum: 3, per: ['shopper'], period: { rollingS: 30 } }], cooldowns: [{ seconds: 30 }] },
      'rules.cooldowns[0]: counts the same as rules.limits[0]',
    ],
  ])('%j', (rules, detail) => {
    expect(refusalOf(rules)).toBe(detail);
  });

  test('a free offer has no amount to limit', () => {
    const limits = [{ maximum: 1_000, of: 'amount' as const }];
    expect(refusalOf({ limits }, {})).toBe(
      'rules.limits[0].of: the offer is free, and has no amount to limit',
    );
  });

  test('an unknown time zone', () => {
    expect(refusalOf({}, { timeZone: 'Europe/Atlantis' })).toBe('timeZone: no such IANA time zone');
    expect(() => checkTimeZone('Europe/Berlin')).not.toThrow();
  });

  test.each([
    '+01:00',
    '-0130',
    '+01',
    'Z',
    'T00:00+01:00',
    '2026-06-10T00:00+02:00[Europe/Berlin]',
    '',
    'ACT',
  ])('a time zone without a name in the database: %s', (timeZone) => {
    expect(() => checkTimeZone(timeZone)).toThrow(
      expect.objectContaining({ code: 'body_invalid', detail: 'timeZone: no such IANA time zone' }),
    );
  });

  test.each([
    'UTC',
    'Etc/UTC',
    'Etc/GMT-1',
    'Asia/Kathmandu',
    'Asia/Katmandu',
    'America/Argentina/Buenos_Aires',
  ])('no time zone that has one: %s', (timeZone) => {
    expect(() => checkTimeZone(timeZone)).not.toThrow();
  });
});

test.each<[OfferRules]>([
  // A part of the amount can be granted under a budget that is smaller than it.
  [{ limits: [{ maximum: 100, of: 'amount', partial: true }] }],
  [{ limits: [{ maximum: 125, of: 'amount', partial: true }], stepMinor: 125 }],
  [{ limits: [{ maximum: LIMIT_MAX + 1, of: 'amount' }] }],
  // Of grants and of an amount, of one group and of each, over days of seven and of weeks: all different things.
  [{ limits: [{ maximum: 1 }, { maximum: 250, of: 'amount' }] }],
  [
    {
      limits: [
        { maximum: 1, per: ['shopper.tier=gold'] },
        { maximum: 1, per: ['shopper.tier'] },
      ],
    },
  ],
  [
    {
      limits: [
        { maximum: 1, period: week },
        { maximum: 1, period: { ...week, weekStart: 'sun' } },
      ],
    },
  ],
  [{ limits: [{ maximum: 1, per: ['key.campaign=summer', 'shopper'] }] }],
  [{ windows: [{ from: '22:00', until: '00:00' }], validFrom: '2026-06-10T23:59:59.999Z' }],
])('what can be is accepted as it is: %j', (rules) => {
  expect(testOffer(rules, 'Europe/Berlin', priced).rules).toEqual(rules);
});

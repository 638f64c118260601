import { REFUSAL_RULE_BYTES_MAX } from '@tapseal/shared/bounds';
import { utf8 } from '@tapseal/shared/bytes';
import { expect, test } from 'vitest';
import { cooldownSayings, describeCooldown, describeLimit, limitSayings } from './describe-limit.js';
import { fitRule } from './fit-rule.js';
import type { Cooldown, Limit } from './offer-rules.js';

const day = { unit: 'day' } as const;
const month = { unit: 'month' } as const;

test.each<[Limit, string]>([
  [{ maximum: 100 }, 'at most 100 in all'],
  [{ maximum: 50, period: day }, 'at most 50 a day'],
  [{ maximum: 1, per: ['shopper'] }, 'once for each shopper'],
  [{ maximum: 1, per: ['shopper'], period: { unit: 'week' } }, 'once a week for each shopper'],
  [{ maximum: 2, per: ['shopper'], period: { unit: 'year' } }, 'twice a year for each shopper'],
  [
    { maximum: 3, per: ['shopper', 'touchpoint'], period: { unit: 'week', every: 2 } },
    '3 times every 2 weeks for each shopper at each touchpoint',
  ],
  [
    { maximum: 1, per: ['shopper'], period: { unit: 'week', weekStart: 'sun' } },
    'once a week (Sunday to Saturday) for each shopper',
  ],
  [
    { maximum: 9, period: { unit: 'month', every: 3, from: '2026-02-01' } },
    'at most 9 every 3 months (counted from 2026-02-01)',
  ],
  [{ maximum: 1, per: ['shopper'], period: { rollingS: 604_800 } }, 'once in any 7 days for each shopper'],
  [{ maximum: 20, period: { rollingS: 86_400 } }, 'at most 20 in any 24 hours'],
  [{ maximum: 20, period: { rollingS: 3_600 } }, 'at most 20 in any hour'],
  [{ maximum: 20, period: { rollingS: 5_400 } }, 'at most 20 in any 90 minutes'],
  [{ maximum: 50, per: ['shopper.tier=gold'], period: day }, 'at most 50 a day for shoppers with tier gold'],
  [{ maximum: 50, per: ['shopper.tier'], period: day }, 'at most 50 a day for each tier of shoppers'],
  [
    { maximum: 1, per: ['shopper', 'shopper.tier=gold'], period: day },
    'once a day for each shopper with tier gold',
  ],
  [{ maximum: 9, per: ['touchpoint'] }, 'at most 9 in all at each touchpoint'],
  [{ maximum: 9, per: ['touchpoint.merchant'] }, 'at most 9 in all for each merchant'],
  [{ maximum: 9, per: ['touchpoint.site=airport'] }, 'at most 9 in all at touchpoints with site airport'],
  [
    { maximum: 9, per: ['touchpoint.site=airport', 'touchpoint.merchant'] },
    'at most 9 in all for each merchant with site airport',
  ],
  [
    { maximum: 1, per: ['shopper', 'touchpoint.merchant'], period: day },
    'once a day for each shopper at each merchant',
  ],
  [{ maximum: 1_000, per: ['key.campaign'] }, 'at most 1000 in all over all offers of this campaign'],
  [
    { maximum: 2, per: ['key.campaign=summer', 'shopper'] },
    'twice for each shopper over all offers of campaign summer',
  ],
  [
    { maximum: 50_000, of: 'amount', per: ['touchpoint.merchant'], period: month },
    'at most 500.00 EUR a month for each merchant',
  ],
  [{ maximum: 50_000, of: 'amount', per: ['shopper'] }, 'at most 500.00 EUR in all for each shopper'],
  [
    { maximum: 50_000, of: 'amount', partial: true, period: month },
    'at most 500.00 EUR a month, the last one may be a part',
  ],
])('%j: %s', (limit, words) => {
  expect(describeLimit(limit, 'EUR')).toBe(words);
});

test('an amount has the decimals of its currency', () => {
  const limit: Limit = { maximum: 50_000, of: 'amount' };
  expect(describeLimit(limit, 'JPY')).toBe('at most 50000 JPY in all');
  expect(describeLimit(limit, 'KWD')).toBe('at most 50.000 KWD in all');
});

const fitted = (limit: Limit, stepMinor?: number): string =>
  fitRule(...limitSayings(limit, 'EUR', stepMinor));

test('a part says its steps, unless a refusal has no room for that', () => {
  const limit: Limit = { maximum: 50_000, of: 'amount', partial: true, period: { unit: 'month' } };
  expect(describeLimit(limit, 'EUR', 50)).toBe(
    'at most 500.00 EUR a month, the last one may be a part in steps of 0.50 EUR',
  );
  const per = [`shopper.${'a'.repeat(25)}`];
  expect(describeLimit({ ...limit, per }, 'EUR', 50)).toMatch(
    / the last one may be a part in steps of 0.50 EUR$/,
  );
  expect(fitted({ ...limit, per }, 50)).toMatch(/ the last one may be a part$/);
});

test('the sentence for operators is whole; a refusal leaves out the phase, and shortens names no more than it must', () => {
  const limit: Limit = {
    maximum: 50_000,
    of: 'amount',
    per: ['touchpoint.merchant=cafe-ada', 'shopper.tier=gold'],
    period: { unit: 'week', every: 2, from: '2026-01-05' },
    partial: true,
  };
  expect(describeLimit(limit, 'EUR', 50)).toBe(
    'at most 500.00 EUR every 2 weeks (counted from 2026-01-05) for shoppers with tier gold ' +
      'at touchpoints with merchant cafe-ada, the last one may be a part in steps of 0.50 EUR',
  );
  expect(fitted(limit, 50)).toBe(
    'at most 500.00 EUR every 2 weeks for shoppers with tier gold at touchpoints with merchant cafe-ada',
  );
  const per = ['touchpoint.merchant=cafe-ada-at-the-main-station-hall', 'shopper.membership-level=gold'];
  expect(fitted({ ...limit, per }, 50)).toBe(
    'at most 500.00 EUR every 2 weeks for shoppers with membership-le… gold at touchpoints with merchant cafe-ada-at-t…',
  );
});

test.each<[Cooldown, string]>([
  [{ seconds: 30 }, 'no sooner than 30 seconds after the last one, for each shopper'],
  [{ seconds: 3_600, per: ['touchpoint'] }, 'no sooner than 1 hour after the last one, at each touchpoint'],
])('%j: %s', (cooldown, words) => {
  expect(describeCooldown(cooldown)).toBe(words);
});

test('however long the names, a rule fits into a refusal and says its maximum', () => {
  const name = (letter: string): string => letter.repeat(40);
  const per = ['a', 'b', 'c', 'd'].map((letter) => `shopper.${name(letter)}=${name(letter)}`);
  const limits: Limit[] = [
    {
      maximum: 2 ** 52,
      of: 'amount',
      partial: true,
      per,
      period: { unit: 'week', every: 366, weekStart: 'sun', from: '2026-01-05' },
    },
    {
      maximum: 7,
      partial: true,
      of: 'amount',
      per: ['shopper', `touchpoint.${name('x')}`, `key.${name('y')}`],
    },
  ];
  for (const limit of limits) {
    const words = fitted(limit);
    expect(utf8(words).length).toBeLessThanOrEqual(REFUSAL_RULE_BYTES_MAX);
    expect(words).toMatch(/^at most [0-9.]+ EUR (?:every 366 weeks|in all for each shopper)/);
  }
  expect(fitted({ maximum: 50, per: [`shopper.${name('a')}=${name('b')}`, `touchpoint.${name('c')}`] })).toBe(
    'at most 50 in all for shoppers with aaaaaaaaaaaaaaaaaaa… bbbbbbbbbbbbbbbbbbb… at each ccccccccccccccccccc…',
  );
  expect(utf8(fitRule(...cooldownSayings({ seconds: 31_536_001, per }))).length).toBeLessThanOrEqual(
    REFUSAL_RULE_BYTES_MAX,
  );
});

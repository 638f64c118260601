import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ruleGrammar } from '../commands/rule-options.js';
import { limits } from '../testing/rule-arbitraries.js';
import { formatLimit, limitOf, parseLimit } from './limit-text.js';

const read = (text: string, currency = 'EUR') => limitOf(parseLimit(text), currency);

test.each([
  ['100', { maximum: 100 }],
  ['1/week/shopper', { maximum: 1, per: ['shopper'], period: { unit: 'week' } }],
  ['1/shopper/week', { maximum: 1, per: ['shopper'], period: { unit: 'week' } }],
  ['20/sunday-week', { maximum: 20, period: { unit: 'week', weekStart: 'sun' } }],
  ['3/2weeks@2026-01-05', { maximum: 3, period: { unit: 'week', every: 2, from: '2026-01-05' } }],
  ['3/1day', { maximum: 3, period: { unit: 'day' } }],
  ['12/366days', { maximum: 12, period: { unit: 'day', every: 366 } }],
  [
    '5/rolling-7d/shopper.tier=gold',
    { maximum: 5, per: ['shopper.tier=gold'], period: { rollingS: 604_800 } },
  ],
  ['5/rolling-90m', { maximum: 5, period: { rollingS: 5_400 } }],
  ['500.00', { maximum: 50_000, of: 'amount' }],
  ['amount:500', { maximum: 50_000, of: 'amount' }],
  [
    '12.5/month/touchpoint.merchant/key.campaign/partial',
    {
      maximum: 1_250,
      of: 'amount',
      per: ['touchpoint.merchant', 'key.campaign'],
      period: { unit: 'month' },
      partial: true,
    },
  ],
])('%s', (text, limit) => {
  expect(read(text)).toEqual(limit);
});

test('what an amount is in minor units, the currency says', () => {
  expect(read('amount:500', 'JPY')).toEqual({ maximum: 500, of: 'amount' });
  expect(read('1.250', 'TND')).toEqual({ maximum: 1_250, of: 'amount' });
  for (const [text, currency] of [
    ['1.255', 'EUR'],
    ['1.5', 'JPY'],
    ['amount:99999999999999', 'EUR'],
    ['amount:99999999999999999999', 'EUR'],
  ] as const) {
    const fault = expect.objectContaining({
      code: 'usage_invalid',
      detail: expect.stringContaining(currency),
    });
    expect(() => read(text, currency)).toThrow(expect.objectContaining({ problem: fault }));
  }
});

test('an amount that is too large is told the largest one', () => {
  for (const amount of ['amount:99999999999999999999', '99999999999999999999.00', '45035996273704.97']) {
    const problem = expect.objectContaining({ advice: expect.stringContaining('at most 45035996273704.96') });
    expect(() => read(amount)).toThrow(expect.objectContaining({ problem }));
  }
  expect(read('45035996273704.96')).toEqual({ maximum: 2 ** 52, of: 'amount' });
});

test.each([
  ['', 'is no maximum'],
  ['0', 'is no maximum'],
  ['0.00', 'is no maximum'],
  ['-5', 'is no maximum'],
  ['1e3', 'is no maximum'],
  ['1000000001', 'from 1 to 1000000000'],
  ['many/week', 'is no maximum'],
  ['1/fortnight', '"fortnight" is no period'],
  ['1/', '"" is no period'],
  ['1/week/month', 'two periods'],
  ['1/fortnight', 'is no period (day, week, sunday-week,'],
  ['1/sunday-day', '"sunday-day": only weeks begin on Sunday'],
  ['1/367days', '"367days": at most every 366'],
  ['1/99999days', '"99999days": at most every 366'],
  ['1/0days', '"0days": at least every 1'],
  ['1/week@2026-01-05', '"week@2026-01-05": only every 2 or more have a day to count from'],
  ['1/1week@2026-01-05', 'only every 2 or more have a day to count from'],
  ['1/2weeks@2026-02-30', '"2weeks@2026-02-30": 2026-02-30 is no date'],
  ['1/2weeks@', '"2weeks@": what it counts from is no date like 2026-01-05'],
  ['1/rolling-367d', '"rolling-367d": at most rolling-366d'],
  ['1/rolling-7', '"rolling-7": a span is a number with s, m, h or d'],
  ['1/rolling-7d@2026-01-05', 'a span is a number with s, m, h or d'],
  ['1/12h', '"12h": the last 12h are rolling-12h'],
  ['1/key', '"key" is no period'],
  ['1/shopper.', 'is no period'],
  ['1/shopper.Tier', 'is no period'],
  ['1/shopper/shopper', 'same thing twice'],
  ['1/shopper.a/shopper.b/shopper.c/shopper.d/shopper.e', 'at most 4 things'],
  ['1/partial', 'Only an amount'],
])('%s is refused, with what would be right', (text, sentence) => {
  expect(() => parseLimit(text)).toThrow(sentence);
});

test('the help names periods as they are typed', () => {
  const [, periods = ''] = /PERIOD is (.*?);/.exec(ruleGrammar) ?? [];
  const words = periods.replace(/, counted from there|: the last so long/g, '').match(/[a-z0-9@-]+/g) ?? [];
  const named = words.filter((word) => word !== 'or');
  expect(named).toEqual(expect.arrayContaining(['day', 'sunday-week', '2weeks@2026-01-05', 'rolling-12h']));
  for (const word of named) expect(parseLimit(`1/${word}`)).toHaveProperty('period');
});

test('what is written is read again as the same', () => {
  fc.assert(
    fc.property(limits, fc.constantFrom('EUR', 'JPY', 'TND'), (limit, currency) => {
      expect(read(formatLimit(limit, currency), currency)).toEqual(limit);
    }),
    { numRuns: 500 },
  );
});

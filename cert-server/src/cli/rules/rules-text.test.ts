/** Cool-downs, windows, exceptions, spend and labels as they are typed. Limits have a test of their own. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cooldowns, dates, exceptions, spends, windows } from '../testing/rule-arbitraries.js';
import { formatCooldown, parseCooldown } from './cooldown-text.js';
import { formatDateRange, parseDateRange } from './date-text.js';
import { formatDuration, parseDuration } from './duration-text.js';
import { formatException, parseException } from './exception-text.js';
import { collectAddition, collectLabels, collectRemoval, formatLabels } from './label-text.js';
import { formatRules } from './rules-text.js';
import { formatSpend, parseSpend } from './spend-text.js';
import { formatWindow, parseWindow } from './window-text.js';

describe('windows', () => {
  test.each([
    ['mon-fri 08:00-12:00', { weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', until: '12:00' }],
    ['08:00-12:00  fri,mon', { weekdays: ['mon', 'fri'], from: '08:00', until: '12:00' }],
    ['22:00-02:00', { from: '22:00', until: '02:00' }],
    ['-12:00', { until: '12:00' }],
    ['9:30-', { from: '09:30' }],
    [
      '2026-12-01..2026-12-24 10:00-18:00',
      { dates: { from: '2026-12-01', to: '2026-12-24' }, from: '10:00', until: '18:00' },
    ],
    ['2026-12-01..24', { dates: { from: '2026-12-01', to: '2026-12-24' } }],
    [
      'holidays:DE-BE 10:00-14:00',
      { holidays: { country: 'DE', region: 'BE' }, from: '10:00', until: '14:00' },
    ],
    [
      'rrule:DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU',
      { recurrence: 'DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU' },
    ],
  ])('%s', (text, window) => {
    expect(parseWindow(text)).toEqual(window);
  });

  test.each([
    ['', 'A window says when'],
    ['whenever', 'mon,tue'],
    ['25:00-26:00', '00:00 to 23:59'],
    ['10:00-10:00', 'no span of hours'],
    ['10-12', '"10-12" is no days'],
    ['mon tue', 'a second --window'],
    ['08:00-12:00 14:00-18:00', 'a second --window'],
    ['2026-02-30', '"2026-02-30" is no days'],
    ['2026-12-24..2026-12-01', 'is no days'],
    ['holidays:Germany', 'is no days'],
    ['rrule:FREQ=MONTHLY;BYDAY=1SU', 'begins with its first day'],
    [`rrule:DTSTART:20260104;FREQ=DAILY;BYMONTHDAY=${'1,'.repeat(100)}`, 'at most 200'],
  ])('%s is refused, with what would be right', (text, sentence) => {
    expect(() => parseWindow(text)).toThrow(sentence);
  });

  test('what is written is read again as the same', () => {
    fc.assert(
      fc.property(windows, (window) => {
        expect(parseWindow(formatWindow(window))).toEqual(window);
      }),
      { numRuns: 500 },
    );
  });
});

describe('cool-downs', () => {
  test('are for each shopper where nothing else is said', () => {
    expect(parseCooldown('30s')).toEqual({ seconds: 30 });
    expect(parseCooldown('1h/shopper/touchpoint.site')).toEqual({
      seconds: 3_600,
      per: ['shopper', 'touchpoint.site'],
    });
  });

  test.each(['', '30', '0s', '30s/', '30s/week', '367d', '1h/shopper/shopper', '30 s'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseCooldown(text)).toThrow(/for example 30s|same thing twice/);
    },
  );

  test('what is written is read again as the same', () => {
    fc.assert(
      fc.property(cooldowns, (one) => {
        expect(parseCooldown(formatCooldown(one))).toEqual(one);
      }),
    );
  });
});

describe('exceptions and spans of days', () => {
  test.each([
    ['2026-12-24', { from: '2026-12-24', to: '2026-12-24' }],
    ['2026-12-24..26', { from: '2026-12-24', to: '2026-12-26' }],
    ['2026-12-24..2027-01-06', { from: '2026-12-24', to: '2027-01-06' }],
    ['holidays:DE', { holidays: { country: 'DE' } }],
    ['holidays:DE-BE', { holidays: { country: 'DE', region: 'BE' } }],
  ])('%s', (text, exception) => {
    expect(parseException(text)).toEqual(exception);
  });

  test.each(['', '24.12.2026', '2026-12-24..24..25', '2026-12-24..23', '2026-12-24..32', 'holidays:', 'DE'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseException(text)).toThrow('2026-12-24..26');
    },
  );

  test('what is written is read again as the same', () => {
    fc.assert(
      fc.property(exceptions, (one) => {
        expect(parseException(formatException(one))).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(dates, (span) => {
        expect(parseDateRange(formatDateRange(span))).toEqual(span);
      }),
    );
  });
});

describe('spend', () => {
  test('confirmed holds a place for a day where nothing else is said', () => {
    expect(parseSpend('granted')).toEqual({ when: 'granted' });
    expect(parseSpend('confirmed')).toEqual({ when: 'confirmed', holdS: 86_400 });
    expect(parseSpend('confirmed:2h')).toEqual({ when: 'confirmed', holdS: 7_200 });
  });

  test.each(['', 'later', 'confirmed:', 'confirmed:119s', 'confirmed:31d', 'granted:2h'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseSpend(text)).toThrow('confirmed:24h');
    },
  );

  test('what is written is read again as the same', () => {
    fc.assert(
      fc.property(spends, (spend) => {
        expect(parseSpend(formatSpend(spend))).toEqual(spend);
      }),
    );
  });
});

test('a span is written in the greatest unit that says it exactly', () => {
  expect([1, 90, 5_400, 7_200, 86_400, 90_000].map(formatDuration)).toEqual([
    '1s',
    '90s',
    '90m',
    '2h',
    '1d',
    '25h',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 366 * 86_400 }), (seconds) => {
      expect(parseDuration(formatDuration(seconds))).toBe(seconds);
    }),
  );
});

describe('labels', () => {
  test('several make one record, a name has one value, and null takes one away', () => {
    const airport = collectLabels('site=airport', { merchant: 'cafe-ada' });
    expect(airport).toEqual({ merchant: 'cafe-ada', site: 'airport' });
    expect(collectLabels('site=airport', airport)).toEqual(airport);
    expect(() => collectLabels('site=mall', airport)).toThrow('site');
    expect(() => collectRemoval('site', airport)).toThrow('site');
    expect(() => collectAddition('site=airport', { site: null })).toThrow('site');
    expect(collectRemoval('site', collectAddition('tier=gold', undefined))).toEqual({
      tier: 'gold',
      site: null,
    });
    expect(formatLabels({ merchant: 'cafe-ada', site: 'airport' })).toBe('merchant=cafe-ada, site=airport');
  });

  test.each(['tier', 'tier=', '=gold', 'tier=a=b', 'Tier=gold', 'tier=Gold'])('"%s" is refused', (text) => {
    expect(() => collectLabels(text, undefined)).toThrow(/merchant=cafe-ada|lower-case/);
  });
});

test('the rules of an offer as the options that make them, ready for a shell', () => {
  const rules = {
    limits: [{ maximum: 100 }, { maximum: 50_000, of: 'amount', period: { unit: 'month' }, partial: true }],
    stepMinor: 50,
    cooldowns: [{ seconds: 30 }],
    windows: [{ weekdays: ['mon', 'tue', 'wed'], until: '12:00' }],
    except: [{ holidays: { country: 'DE' } }],
    spend: { when: 'confirmed', holdS: 7_200 },
    validTo: '2036-12-31',
  } as const;
  expect(formatRules(JSON.parse(JSON.stringify(rules)), 'EUR')).toBe(
    "--limit 100 --limit 500.00/month/partial --step 0.50 --cooldown 30s --window 'mon-wed -12:00' --except holidays:DE " +
      '--valid-to 2036-12-31 --spend confirmed:2h',
  );
  expect(formatRules({}, 'EUR')).toBe('');
});

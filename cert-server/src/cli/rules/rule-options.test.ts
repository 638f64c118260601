import { describe, expect, test } from 'vitest';
import type { OfferRules } from '../../decision/offer-rules.js';
import { parseCooldown } from './cooldown-text.js';
import { limitOf, parseLimit } from './limit-text.js';
import { rulesOf } from './rule-options.js';

const before: OfferRules = {
  limits: [{ maximum: 100 }, { maximum: 1, per: ['shopper'], period: { unit: 'week', every: 1 } }],
  cooldowns: [{ seconds: 30 }],
  windows: [{ until: '12:00' }],
  except: [{ from: '2026-12-24', to: '2026-12-26' }],
  validTo: '2036-12-31',
  spend: { when: 'confirmed', holdS: 7_200 },
};
const change = (options: Parameters<typeof rulesOf>[0]) => rulesOf(options, 'EUR', before);
const faultOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { problem: { detail: string } }).problem.detail;
  }
  throw new Error('nothing is wrong');
};

test('an offer without options has no rules', () => {
  expect(rulesOf({ limits: true, cooldowns: true, windows: true, exceptions: true }, 'EUR')).toEqual({});
});

test('the short options are limits like all others', () => {
  expect(rulesOf({ max: 5, perDay: 1, perWeek: 2, perMonth: 3 }, 'EUR').limits).toEqual(
    ['5', '1/day/shopper', '2/week/shopper', '3/month/shopper'].map((text) => ({
      ...parseLimit(text),
      maximum: Number(text[0]),
      of: undefined,
    })),
  );
});

describe('a change', () => {
  test('leaves what is not given', () => {
    expect(change({})).toEqual(before);
  });

  test('replaces the limit that counts the same, however it is written, and adds any other', () => {
    expect(change({ max: 50 }).limits).toEqual([before.limits?.[1], { maximum: 50 }]);
    expect(change({ perWeek: 2 }).limits).toEqual([
      { maximum: 100 },
      { maximum: 2, per: ['shopper'], period: { unit: 'week' } },
    ]);
    expect(change({ limit: [parseLimit('1/day/shopper')] }).limits).toHaveLength(3);
    expect(change({ limit: [parseLimit('50.00')] }).limits).toHaveLength(3);
    expect(change({ limits: false, max: 7 }).limits).toEqual([{ maximum: 7 }]);
    expect(change({ limits: false })).not.toHaveProperty('limits');
  });

  test('replaces the limit of the same phase, and adds one of another', () => {
    const rulesBefore = { limits: [limitOf(parseLimit('2/2weeks@2026-01-05/key.campaign=summer'), 'EUR')] };
    const limitsOf = (text: string) => rulesOf({ limit: [parseLimit(text)] }, 'EUR', rulesBefore).limits;
    for (const text of ['4/2weeks/key.campaign', '4/2weeks@2026-02-08/key.campaign=summer']) {
      expect(limitsOf(text)).toEqual([limitOf(parseLimit(text), 'EUR')]);
    }
    expect(limitsOf('4/2weeks@2026-01-12/key.campaign')).toHaveLength(2);
    expect(limitsOf('4/2sunday-weeks@2026-01-05/key.campaign')).toHaveLength(2);
    const both = ['2/2weeks@2026-01-05', '4/2weeks'].map(parseLimit);
    expect(faultOf(() => rulesOf({ limit: both }, 'EUR'))).toBe(
      '2/2weeks@2026-01-05 and 4/2weeks limit the same.',
    );
  });

  test('a cool-down replaces the rolling limit of its span, and the other way round', () => {
    const rolling = { limits: [limitOf(parseLimit('3/rolling-24h/shopper'), 'EUR')] };
    expect(rulesOf({ cooldown: [parseCooldown('1d')] }, 'EUR', rolling)).toEqual({
      cooldowns: [{ seconds: 86_400 }],
    });
    expect(rulesOf({ cooldown: [parseCooldown('1h')] }, 'EUR', rolling)).toMatchObject(rolling);
    expect(rulesOf({ cooldown: [parseCooldown('1d/touchpoint')] }, 'EUR', rolling)).toMatchObject(rolling);
    const cooled = { cooldowns: [{ seconds: 86_400 }, { seconds: 30, per: ['touchpoint'] }] };
    expect(rulesOf({ limit: [parseLimit('3/rolling-24h/shopper')] }, 'EUR', cooled)).toEqual({
      ...rolling,
      cooldowns: [{ seconds: 30, per: ['touchpoint'] }],
    });
    const given = { cooldown: [parseCooldown('1d')], limit: [parseLimit('3/rolling-24h/shopper')] };
    expect(faultOf(() => rulesOf(given, 'EUR'))).toBe('3/rolling-1d/shopper and 1d limit the same.');
  });

  test('replaces the cool-down of the same people', () => {
    expect(change({ cooldown: [parseCooldown('1h')] }).cooldowns).toEqual([{ seconds: 3_600 }]);
    expect(change({ cooldown: [parseCooldown('1h/shopper')] }).cooldowns).toHaveLength(1);
    expect(change({ cooldown: [parseCooldown('1h/touchpoint')] }).cooldowns).toHaveLength(2);
  });

  test('replaces windows and exceptions as a whole; hours and days alone change the one window', () => {
    expect(change({ window: [{ from: '18:00' }] }).windows).toEqual([{ from: '18:00' }]);
    expect(change({ weekdays: ['mon'] }).windows).toEqual([{ until: '12:00', weekdays: ['mon'] }]);
    expect(change({ windows: false, from: '18:00' }).windows).toEqual([{ from: '18:00' }]);
    expect(change({ windows: false, exceptions: false })).not.toHaveProperty('windows');
    expect(change({ exceptions: false })).not.toHaveProperty('except');
    expect(change({ except: [{ holidays: { country: 'DE' } }] }).except).toHaveLength(1);
  });

  test('takes a last day away, and makes an offer count at once', () => {
    expect(change({ validTo: false, spend: { when: 'granted' } })).toMatchObject({
      spend: { when: 'granted' },
    });
    expect(change({ validTo: false })).not.toHaveProperty('validTo');
  });
});

test('a step is an amount of the currency, and can be taken away again', () => {
  expect(rulesOf({ step: '0.50' }, 'EUR')).toEqual({ stepMinor: 50 });
  expect(rulesOf({}, 'EUR', { stepMinor: 50 })).toEqual({ stepMinor: 50 });
  expect(rulesOf({ step: '1' }, 'EUR', { stepMinor: 50 })).toEqual({ stepMinor: 100 });
  expect(rulesOf({ step: false }, 'EUR', { stepMinor: 50 })).toEqual({});
  expect(faultOf(() => rulesOf({ step: '0.505' }, 'EUR'))).toBe('0.505 is no amount of EUR.');
  expect(() => rulesOf({ step: '42949672.96' }, 'EUR')).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({ advice: expect.stringContaining('at most 42949672.95') }),
    }),
  );
  expect(faultOf(() => rulesOf({ step: '0' }, 'EUR'))).toBe('--step 0 is no step.');
});

test('what contradicts itself is refused in the words of the options', () => {
  expect(faultOf(() => change({ max: 5, limit: [parseLimit('10')] }))).toBe('5 and 10 limit the same.');
  expect(faultOf(() => change({ cooldown: [parseCooldown('1h'), parseCooldown('2h/shopper')] }))).toBe(
    '1h and 2h/shopper limit the same.',
  );
  expect(faultOf(() => change({ from: '12:00' }))).toContain('that is no window');
  expect(faultOf(() => change({ from: '09:00', window: [{ until: '10:00' }] }))).toContain(
    'there are several',
  );
  expect(faultOf(() => change({ validFrom: '2037-01-01' }))).toContain('is before --valid-from');
});

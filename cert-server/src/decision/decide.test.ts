import { describe, expect, test } from 'vitest';
import { AMOUNT_LIMIT_MAX } from '../http/admin-bounds.js';
import { TestCounters } from '../testing/test-counters.js';
import { testOffer, testParty } from '../testing/test-offer.js';
import type { CounterUsage } from './counter-usage.js';
import { decide, type Usage } from './decide.js';
import type { OfferVersion, Party } from './offer.js';
import type { OfferRules } from './offer-rules.js';

const nowMs = Date.parse('2026-06-10T08:30:00Z');
const hourMs = 3_600_000;

/** A number is what is used; nothing is held. */
function usage(used: Record<string, number | CounterUsage>, party: Party = testParty()): Usage {
  const entries = Object.entries(used).map(
    ([key, value]) => [key, typeof value === 'number' ? { used: value, held: 0 } : value] as const,
  );
  return { party, used: new Map(entries) };
}

function priced(amountMinor: number, rules: OfferRules, more: Partial<OfferVersion> = {}): OfferVersion {
  return testOffer(rules, 'Europe/Berlin', { amountMinor, ...more });
}

describe('grants', () => {
  test('a grant increments the total and each counter that is limited', () => {
    const verdict = decide(testOffer({ perWeek: 1, perDay: 1 }), usage({}), nowMs);
    expect(verdict).toEqual({
      granted: true,
      awardedMinor: 0,
      increments: [
        { key: 'offer/offer|grants', amount: 1 },
        {
          key: 'offer/offer|grants|shopper/s1|day/2026-06-10',
          amount: 1,
          resetsAtMs: Date.parse('2026-06-10T22:00:00Z'),
        },
        {
          key: 'offer/offer|grants|shopper/s1|week/2026-06-08',
          amount: 1,
          resetsAtMs: Date.parse('2026-06-14T22:00:00Z'),
        },
      ],
    });
  });

  test('a full total never resets; a full week resets on Monday, and each says how full it is', () => {
    expect(decide(testOffer({ max: 100 }), usage({ 'offer/offer|grants': 100 }), nowMs)).toEqual({
      granted: false,
      code: 'limit_reached',
      rule: 'at most 100 in all',
      used: 100,
      maximum: 100,
    });
    const week = { 'offer/offer|grants|shopper/s1|week/2026-06-08': 2 };
    expect(decide(testOffer({ perWeek: 2 }), usage(week), nowMs)).toEqual({
      granted: false,
      code: 'limit_reached',
      rule: 'twice a week for each shopper',
      used: 2,
      maximum: 2,
      resetsAtMs: Date.parse('2026-06-14T22:00:00Z'),
    });
  });

  test('of several full limits, the one that resets last is named', () => {
    const full = {
      'offer/offer|grants|shopper/s1|day/2026-06-10': 1,
      'offer/offer|grants|shopper/s1|month/2026-06-01': 3,
    };
    expect(decide(testOffer({ perDay: 1, perMonth: 3 }), usage(full), nowMs)).toMatchObject({
      rule: '3 times a month for each shopper',
    });
    const all = { ...full, 'offer/offer|grants': 9 };
    expect(decide(testOffer({ perDay: 1, perMonth: 3, max: 9 }), usage(all), nowMs)).toMatchObject({
      rule: 'at most 9 in all',
    });
  });

  test('another shopper, and the same shopper a week later, count from nothing', () => {
    const counters = new TestCounters();
    const offer = testOffer({ perWeek: 1 });
    expect(counters.decide(offer, testParty('s1'), nowMs).granted).toBe(true);
    expect(counters.decide(offer, testParty('s1'), nowMs).granted).toBe(false);
    expect(counters.decide(offer, testParty('s2'), nowMs).granted).toBe(true);
    expect(counters.decide(offer, testParty('s1'), nowMs + 7 * 24 * hourMs).granted).toBe(true);
  });

  test('the zone of the touchpoint comes before that of the offer', () => {
    const offer = testOffer({ perDay: 1, until: '12:00' });
    const away = testParty('s1', { touchpointTimeZone: 'Pacific/Auckland' });
    // 20:30 in Auckland, 10:30 in Berlin.
    expect(decide(offer, usage({}, away), nowMs)).toMatchObject({ code: 'window_closed' });
    const morning = decide(offer, usage({}, away), nowMs + 5 * hourMs);
    expect(morning.granted && morning.increments[1]?.key).toBe(
      'offer/offer|grants|shopper/s1|day/2026-06-11',
    );
  });

  test('a closed window is named before a full limit', () => {
    const full = usage({ 'offer/offer|grants': 1 });
    expect(decide(testOffer({ until: '10:00', max: 1 }), full, nowMs)).toEqual({
      granted: false,
      code: 'window_closed',
      rule: 'only until 10:00',
      used: 0,
      maximum: 0,
      resetsAtMs: Date.parse('2026-06-10T22:00:00Z'),
    });
  });

  test('a maximum below what is used stops grants, and nothing more', () => {
    expect(decide(testOffer({ max: 50 }), usage({ 'offer/offer|grants': 80 }), nowMs)).toMatchObject({
      granted: false,
      used: 80,
      maximum: 50,
    });
  });
});

describe('groups and keys', () => {
  const gold = testParty('s1', { shopperLabels: { tier: 'gold' }, touchpointLabels: { merchant: 'ada' } });

  test('a group is counted together, whoever of it comes', () => {
    const offer = testOffer({ limits: [{ maximum: 1, per: ['touchpoint.merchant'] }] });
    const counters = new TestCounters();
    expect(counters.decide(offer, gold, nowMs).granted).toBe(true);
    const neighbour = { ...gold, shopper: 's2', touchpoint: 'lobby-2' };
    expect(counters.decide(offer, neighbour, nowMs)).toMatchObject({
      rule: 'at most 1 in all for each merchant',
    });
    const other = { ...neighbour, touchpointLabels: { merchant: 'bob' } };
    expect(counters.decide(offer, other, nowMs).granted).toBe(true);
  });

  test('a limit of one value holds for that group alone', () => {
    const offer = testOffer({ limits: [{ maximum: 1, per: ['shopper.tier=gold'] }] });
    const counters = new TestCounters();
    expect(counters.decide(offer, gold, nowMs).granted).toBe(true);
    expect(counters.decide(offer, { ...gold, shopper: 's2' }, nowMs).granted).toBe(false);
    for (let tap = 0; tap < 3; tap++)
      expect(counters.decide(offer, testParty('s3'), nowMs).granted).toBe(true);
  });

  test('who has no such label is counted with all others who have none', () => {
    const offer = testOffer({ limits: [{ maximum: 1, per: ['shopper.tier'] }] });
    const counters = new TestCounters();
    expect(counters.decide(offer, testParty('s1'), nowMs).granted).toBe(true);
    expect(counters.decide(offer, testParty('s2'), nowMs).granted).toBe(false);
    expect(counters.decide(offer, gold, nowMs).granted).toBe(true);
  });

  test('a key counts over all offers that carry it with the same value', () => {
    const rules: OfferRules = { limits: [{ maximum: 2, per: ['shopper', 'key.campaign'] }] };
    const offerOf = (id: string, campaign: string): OfferVersion =>
      testOffer(rules, 'Europe/Berlin', { id, keys: { campaign } });
    const counters = new TestCounters();
    expect(counters.decide(offerOf('coffee', 'summer'), gold, nowMs).granted).toBe(true);
    expect(counters.decide(offerOf('cake', 'summer'), gold, nowMs).granted).toBe(true);
    expect(counters.decide(offerOf('tea', 'summer'), gold, nowMs)).toMatchObject({ used: 2, maximum: 2 });
    expect(counters.decide(offerOf('tea', 'winter'), gold, nowMs).granted).toBe(true);
    expect(counters.decide(offerOf('tea', 'summer'), testParty('s2'), nowMs).granted).toBe(true);
  });

  test('the order in which the operator names dimensions makes no other counter', () => {
    const keyOf = (per: string[]): unknown => {
      const verdict = decide(testOffer({ limits: [{ maximum: 1, per }] }), usage({}, gold), nowMs);
      return verdict.granted && verdict.increments[1]?.key;
    };
    expect(keyOf(['touchpoint', 'shopper'])).toBe('offer/offer|grants|shopper/s1|touchpoint/lobby-1');
    expect(keyOf(['shopper', 'touchpoint'])).toBe(keyOf(['touchpoint', 'shopper']));
    const labelled = { ...gold, shopperLabels: { tier: 'gold', 'tier-x': 'one' } };
    const keys = [
      ['shopper.tier=gold', 'shopper.tier-x'],
      ['shopper.tier', 'shopper.tier-x'],
    ].map((per) => {
      const verdict = decide(testOffer({ limits: [{ maximum: 1, per }] }), usage({}, labelled), nowMs);
      return verdict.granted && verdict.increments[1]?.key;
    });
    expect(keys[0]).toBe(keys[1]);
  });
});

describe('amounts', () => {
  test('a budget is counted in minor units, apart from the grants', () => {
    const offer = priced(250, { limits: [{ maximum: 600, of: 'amount' }, { maximum: 10 }] });
    const counters = new TestCounters();
    expect(counters.decide(offer, testParty(), nowMs)).toEqual({
      granted: true,
      awardedMinor: 250,
      increments: [
        { key: 'offer/offer|grants', amount: 1 },
        { key: 'offer/offer|amount', amount: 250 },
      ],
    });
    expect(counters.decide(offer, testParty(), nowMs).granted).toBe(true);
    expect(counters.decide(offer, testParty(), nowMs)).toMatchObject({
      rule: 'at most 6.00 EUR in all',
      used: 500,
      maximum: 600,
    });
  });

  test('exactly what is left is granted; one unit more is not', () => {
    const offer = priced(250, { limits: [{ maximum: 600, of: 'amount' }] });
    expect(decide(offer, usage({ 'offer/offer|amount': 350 }), nowMs).granted).toBe(true);
    expect(decide(offer, usage({ 'offer/offer|amount': 351 }), nowMs).granted).toBe(false);
  });

  test('the last part: what the tightest of the limits has left, counted in all of them', () => {
    const offer = priced(250, {
      limits: [
        { maximum: 600, of: 'amount', partial: true },
        { maximum: 300, of: 'amount', partial: true, per: ['shopper'] },
        { maximum: 1_000, of: 'amount', per: ['touchpoint'] },
      ],
    });
    const used = {
      'offer/offer|amount': 490,
      'offer/offer|amount|shopper/s1': 260,
      'offer/offer|amount|touchpoint/lobby-1': 960,
    };
    const verdict = decide(offer, usage(used), nowMs);
    expect(verdict).toMatchObject({ granted: true, awardedMinor: 40 });
    expect(verdict.granted && verdict.increments.map(({ amount }) => amount)).toEqual([1, 40, 40, 40]);
    // The limit without parts refuses what it has no room for, however little the others leave.
    const touchpointFull = { ...used, 'offer/offer|amount|touchpoint/lobby-1': 961 };
    expect(decide(offer, usage(touchpointFull), nowMs)).toMatchObject({ granted: false, used: 961 });
  });

  test('of a limit with parts nothing is left: that one refuses, not another that could give a part', () => {
    const offer = priced(250, {
      limits: [
        { maximum: 600, of: 'amount', partial: true, period: { unit: 'day' } },
        { maximum: 9_000, of: 'amount', partial: true, period: { unit: 'month' } },
      ],
    });
    const used = { 'offer/offer|amount|day/2026-06-10': 600, 'offer/offer|amount|month/2026-06-01': 8_990 };
    expect(decide(offer, usage(used), nowMs)).toMatchObject({
      granted: false,
      used: 600,
      maximum: 600,
      resetsAtMs: Date.parse('2026-06-10T22:00:00Z'),
    });
  });

  test('a part is whole steps of what is left; where no step is left, that limit refuses', () => {
    const offer = priced(250, {
      limits: [
        { maximum: 600, of: 'amount', partial: true },
        { maximum: 999, of: 'amount', partial: true, per: ['shopper'] },
        { maximum: 1_000, of: 'amount', per: ['touchpoint'] },
      ],
      stepMinor: 50,
    });
    const at = (inAll: number, ofShopper = 0) =>
      decide(
        offer,
        usage({ 'offer/offer|amount': inAll, 'offer/offer|amount|shopper/s1': ofShopper }),
        nowMs,
      );
    expect(at(351)).toMatchObject({ granted: true, awardedMinor: 200 });
    expect(at(401, 830)).toMatchObject({ granted: true, awardedMinor: 150 });
    const last = at(550);
    expect(last).toMatchObject({ granted: true, awardedMinor: 50 });
    expect(last.granted && last.increments.map(({ amount }) => amount)).toEqual([1, 50, 50, 50]);
    expect(at(551)).toMatchObject({
      granted: false,
      rule: 'at most 6.00 EUR in all, the last one may be a part in steps of 0.50 EUR',
      used: 551,
      maximum: 600,
    });
    // Not the other one, which could give a part.
    expect(at(551, 900)).toMatchObject({ granted: false, maximum: 600 });
    expect(at(0, 950)).toMatchObject({ granted: false, maximum: 999 });
  });

  test('nothing is added where there is nothing to add', () => {
    const offer = { ...priced(250, { limits: [{ maximum: 600, of: 'amount' }] }), amountMinor: 0 };
    const verdict = decide(offer, usage({}), nowMs);
    expect(verdict.granted && verdict.increments).toEqual([{ key: 'offer/offer|grants', amount: 1 }]);
  });

  test('at the edge of safe integers nothing is lost and nothing passes', () => {
    const offer = priced(4_294_967_295, { limits: [{ maximum: AMOUNT_LIMIT_MAX, of: 'amount' }] });
    const last = AMOUNT_LIMIT_MAX - 4_294_967_295;
    expect(decide(offer, usage({ 'offer/offer|amount': last }), nowMs).granted).toBe(true);
    expect(decide(offer, usage({ 'offer/offer|amount': last + 1 }), nowMs).granted).toBe(false);
    const beyond = { 'offer/offer|amount': Number.MAX_SAFE_INTEGER };
    expect(decide(offer, usage(beyond), nowMs)).toMatchObject({ used: Number.MAX_SAFE_INTEGER });
  });
});

describe('rolling spans', () => {
  test('a cool-down counts from the last grant, to the millisecond', () => {
    const offer = testOffer({ cooldowns: [{ seconds: 30 }] });
    const counters = new TestCounters();
    expect(counters.decide(offer, testParty(), nowMs).granted).toBe(true);
    expect(counters.decide(offer, testParty(), nowMs + 29_999)).toMatchObject({
      rule: 'no sooner than 30 seconds after the last one, for each shopper',
      used: 1,
      maximum: 1,
      resetsAtMs: nowMs + 30_000,
    });
    expect(counters.decide(offer, testParty('s2'), nowMs + 1).granted).toBe(true);
    expect(counters.decide(offer, testParty(), nowMs + 30_000).granted).toBe(true);
  });

  test('the last 7 × 24 hours: room is there when the oldest leaves, as the refusal says', () => {
    const offer = testOffer({ limits: [{ maximum: 2, per: ['shopper'], period: { rollingS: 604_800 } }] });
    const counters = new TestCounters();
    counters.decide(offer, testParty(), nowMs);
    counters.decide(offer, testParty(), nowMs + 100 * hourMs);
    const refused = counters.decide(offer, testParty(), nowMs + 101 * hourMs);
    const room = nowMs + 168 * hourMs;
    expect(refused).toMatchObject({ granted: false, used: 2, resetsAtMs: room });
    expect(counters.decide(offer, testParty(), room - 1).granted).toBe(false);
    expect(counters.decide(offer, testParty(), room).granted).toBe(true);
    expect(counters.decide(offer, testParty(), room)).toMatchObject({ resetsAtMs: room + 100 * hourMs });
  });

  test('of an amount: room is there when enough has left for the whole, or for a part', () => {
    const rolling = (partial: boolean): OfferVersion =>
      priced(200, { limits: [{ maximum: 500, of: 'amount', period: { rollingS: 60 }, partial }] });
    const spend = (offer: OfferVersion): TestCounters => {
      const counters = new TestCounters();
      for (const second of [0, 10, 20]) counters.decide(offer, testParty(), nowMs + second * 1_000);
      return counters;
    };
    // 200, 200, and the third is refused: 100 are left, which is too little.
    const whole = spend(rolling(false)).decide(rolling(false), testParty(), nowMs + 30_000);
    expect(whole).toMatchObject({ used: 400, resetsAtMs: nowMs + 60_000 });
    // 200, 200, 100.
    const part = spend(rolling(true)).decide(rolling(true), testParty(), nowMs + 30_000);
    expect(part).toMatchObject({ used: 500, resetsAtMs: nowMs + 60_000 });
    // 200, 200, and of the 70 that are left no step of 100.
    const { limits = [] } = rolling(true).rules;
    const stepped = priced(200, { limits: limits.map((one) => ({ ...one, maximum: 470 })), stepMinor: 100 });
    const step = spend(stepped).decide(stepped, testParty(), nowMs + 30_000);
    expect(step).toMatchObject({ used: 400, resetsAtMs: nowMs + 60_000 });
  });
});

describe('holds', () => {
  const offer = testOffer({ max: 100, spend: { when: 'confirmed', holdS: 3_600 } });
  const total = 'offer/offer|grants';

  test('a grant is held until its receipt, for as long as the offer says', () => {
    expect(decide(offer, usage({}), nowMs)).toMatchObject({ granted: true, holdEndsAtMs: nowMs + hourMs });
    expect(decide(testOffer({ max: 100 }), usage({}), nowMs)).not.toHaveProperty('holdEndsAtMs');
  });

  test('what is held counts as used, and the refusal says when the first of it can be free', () => {
    const held = { used: 60, held: 40, holdEndsAtMs: nowMs + 5_000 };
    expect(decide(offer, usage({ [total]: held }), nowMs)).toMatchObject({
      granted: false,
      used: 100,
      resetsAtMs: nowMs + 5_000,
    });
    expect(decide(offer, usage({ [total]: { ...held, held: 39 } }), nowMs).granted).toBe(true);
  });

  test('where the counted alone fill the limit, the end of a hold is no hope', () => {
    const full = { used: 100, held: 1, holdEndsAtMs: nowMs + 5_000 };
    expect(decide(offer, usage({ [total]: full }), nowMs)).not.toHaveProperty('resetsAtMs');
    // A part needs one unit only.
    const parts = priced(250, { limits: [{ maximum: 600, of: 'amount', partial: true }] });
    const amounts = { used: 590, held: 10, holdEndsAtMs: nowMs + 5_000 };
    expect(decide(parts, usage({ 'offer/offer|amount': amounts }), nowMs)).toMatchObject({
      resetsAtMs: nowMs + 5_000,
    });
    // Of steps of 50, a whole one.
    const steps = priced(250, { limits: [{ maximum: 600, of: 'amount', partial: true }], stepMinor: 50 });
    const stepsUsed = { used: 550, held: 50, holdEndsAtMs: nowMs + 5_000 };
    for (const [used, resetsAtMs] of [
      [550, nowMs + 5_000],
      [551, undefined],
    ] as const) {
      const verdict = decide(steps, usage({ 'offer/offer|amount': { ...stepsUsed, used } }), nowMs);
      expect('resetsAtMs' in verdict ? verdict.resetsAtMs : undefined).toBe(resetsAtMs);
    }
    const day = testOffer({ limits: [{ maximum: 5, period: { unit: 'day' } }] });
    const used = { 'offer/offer|grants|day/2026-06-10': { ...full, used: 5 } };
    expect(decide(day, usage(used), nowMs)).toMatchObject({ resetsAtMs: Date.parse('2026-06-10T22:00:00Z') });
  });
});

import { expect, test } from 'vitest';
import { testOffer, testParty } from '../testing/test-offer.js';
import { counterQueriesOf, countersOf } from './counters.js';
import type { OfferRules } from './offer-rules.js';

const nowMs = Date.parse('2026-06-10T08:30:00Z');
const party = testParty('s1', {
  shopperLabels: { tier: 'gold' },
  touchpointLabels: { merchant: 'cafe-ada', site: 'airport' },
});
const offerOf = (limits: NonNullable<OfferRules['limits']>) =>
  testOffer({ limits }, 'Europe/Berlin', { amountMinor: 100, keys: { campaign: 'summer' } });

// The keys are stored: another text would forget what has been counted.
test.each<[NonNullable<OfferRules['limits']>[number], string]>([
  [{ maximum: 100 }, 'offer/offer|grants'],
  [{ maximum: 100, of: 'amount' }, 'offer/offer|amount'],
  [{ maximum: 1, per: ['shopper'] }, 'offer/offer|grants|shopper/s1'],
  [{ maximum: 1, per: ['touchpoint', 'shopper'] }, 'offer/offer|grants|shopper/s1|touchpoint/lobby-1'],
  [{ maximum: 1, per: ['touchpoint.merchant'] }, 'offer/offer|grants|touchpoint.merchant/cafe-ada'],
  [{ maximum: 1, per: ['touchpoint.floor'] }, 'offer/offer|grants|touchpoint.floor/'],
  [{ maximum: 1, per: ['shopper.tier=gold'] }, 'offer/offer|grants|shopper.tier/gold'],
  [{ maximum: 1, per: ['key.campaign'] }, 'keys|grants|key.campaign/summer'],
  [{ maximum: 1, period: { unit: 'day' } }, 'offer/offer|grants|day/2026-06-10'],
  [{ maximum: 1, period: { unit: 'week', every: 2 } }, 'offer/offer|grants|2-week/2026-06-08'],
  [{ maximum: 1, period: { rollingS: 604_800 } }, 'offer/offer|grants|rolling/604800'],
])('%j counts under %s', (limit, key) => {
  expect(countersOf(offerOf([limit]), party, nowMs).map((counter) => counter.key)).toEqual([key]);
});

test('a limit for another group does not hold, and counts nothing', () => {
  const offer = offerOf([
    { maximum: 1, per: ['shopper.tier=silver'] },
    { maximum: 1, per: ['shopper', 'touchpoint.site=port'] },
  ]);
  expect(countersOf(offer, party, nowMs)).toEqual([]);
});

test('a label that every object has by birth is no label', () => {
  const offer = offerOf([{ maximum: 1, per: ['shopper.constructor'] }]);
  expect(countersOf(offer, party, nowMs)[0]?.key).toBe('offer/offer|grants|shopper.constructor/');
});

test('each key is asked for once, the total of the offer always', () => {
  const gold = { maximum: 1, per: ['shopper.tier=gold'] };
  const offer = offerOf([{ maximum: 100 }, gold, { maximum: 5, per: ['shopper.tier'] }]);
  expect(counterQueriesOf(offer, countersOf(offer, party, nowMs))).toEqual([
    { key: 'offer/offer|grants' },
    { key: 'offer/offer|grants|shopper.tier/gold' },
  ]);
  expect(counterQueriesOf(testOffer({}), [])).toEqual([{ key: 'offer/offer|grants' }]);
});

test('of two rolling limits on one counter, room is asked for under each', () => {
  const day = { rollingS: 86_400 };
  const offer = offerOf([
    { maximum: 3, per: ['shopper.tier=gold'], period: day },
    { maximum: 8, per: ['shopper.tier'], period: day },
  ]);
  expect(counterQueriesOf(offer, countersOf(offer, party, nowMs))[1]).toEqual({
    key: 'offer/offer|grants|shopper.tier/gold|rolling/86400',
    windowMs: 86_400_000,
    roomAtSums: [2, 7],
  });
});

test('room for an amount is room for the whole of it, or for one unit where a part will do', () => {
  const rolling = { maximum: 1_000, of: 'amount' as const, period: { rollingS: 60 } };
  const roomOf = (limit: NonNullable<OfferRules['limits']>[number]) =>
    countersOf(offerOf([limit]), party, nowMs)[0]?.roomAtSum;
  expect(roomOf(rolling)).toBe(900);
  expect(roomOf({ ...rolling, partial: true })).toBe(999);
});

import { describe, expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import type { CounterUsage } from './counter-usage.js';
import { counterQueriesOf, countersOf } from './counters.js';
import { decide } from './decide.js';
import type { Party } from './offer.js';
import type { OfferRules } from './offer-rules.js';

const nowMs = Date.parse('2026-06-10T10:00:00Z');
const hourMs = 3_600_000;
const party: Party = {
  shopper: 'anna',
  shopperLabels: { tier: 'gold' },
  touchpoint: 'lobby-1',
  touchpointLabels: {},
};

/** The refusal where every rolling counter of the offer has this usage. */
function refusal(limits: NonNullable<OfferRules['limits']>, usage: CounterUsage) {
  const offer = { ...testOffer({}), rules: { limits } };
  const queries = counterQueriesOf(offer, countersOf(offer, party, nowMs));
  const used = new Map(queries.map(({ key, windowMs }) => [key, windowMs ? usage : { used: 0, held: 0 }]));
  return decide(offer, { party, used }, nowMs);
}

describe('when a full rolling limit has room again', () => {
  const limits = [{ maximum: 1, per: ['shopper'], period: { rollingS: 7 * 86_400 } }];
  const [holdEndsAtMs, leavesAtMs] = [nowMs + 2 * hourMs, nowMs + 5 * hourMs];

  test.each<[string, CounterUsage, number]>([
    [
      'what is counted leaves',
      { used: 1, held: 0, rooms: new Map([[0, { withHeldAtMs: leavesAtMs, withoutHeldAtMs: leavesAtMs }]]) },
      leavesAtMs,
    ],
    ['what is held ends', { used: 0, held: 1, holdEndsAtMs, rooms: new Map([[0, {}]]) }, holdEndsAtMs],
    [
      'both, and what is counted is there longer',
      { used: 1, held: 1, holdEndsAtMs, rooms: new Map([[0, { withoutHeldAtMs: leavesAtMs }]]) },
      leavesAtMs,
    ],
    [
      'both, and the hold is there longer',
      {
        used: 1,
        held: 1,
        holdEndsAtMs: leavesAtMs,
        rooms: new Map([[0, { withoutHeldAtMs: holdEndsAtMs }]]),
      },
      leavesAtMs,
    ],
  ])('%s', (_what, usage, resetsAtMs) => {
    expect(refusal(limits, usage)).toMatchObject({ granted: false, resetsAtMs });
  });

  test('of two that are enough, the one that goes first', () => {
    const two = [{ maximum: 2, per: ['shopper'], period: { rollingS: 7 * 86_400 } }];
    const room = { withHeldAtMs: leavesAtMs, withoutHeldAtMs: leavesAtMs };
    expect(refusal(two, { used: 1, held: 1, holdEndsAtMs, rooms: new Map([[1, room]]) })).toMatchObject({
      resetsAtMs: leavesAtMs,
    });
    expect(
      refusal(two, { used: 1, held: 1, holdEndsAtMs, rooms: new Map([[1, { withHeldAtMs: leavesAtMs }]]) }),
    ).toMatchObject({ resetsAtMs: holdEndsAtMs });
  });
});

test('of two limits on one counter each has room at its own time, and the later one is named', () => {
  const day = { rollingS: 86_400 };
  const refused = refusal(
    [
      { maximum: 3, per: ['shopper.tier'], period: day },
      { maximum: 1, per: ['shopper.tier=gold'], period: day },
    ],
    {
      used: 3,
      held: 0,
      rooms: new Map([
        [2, { withHeldAtMs: nowMs + hourMs, withoutHeldAtMs: nowMs + hourMs }],
        [0, { withHeldAtMs: nowMs + 3 * hourMs, withoutHeldAtMs: nowMs + 3 * hourMs }],
      ]),
    },
  );
  expect(refused).toMatchObject({ granted: false, maximum: 1, used: 3, resetsAtMs: nowMs + 3 * hourMs });
});

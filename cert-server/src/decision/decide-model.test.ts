/** The decision against a model that counts every limit anew, over all grants there have been. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestCounters } from '../testing/test-counters.js';
import { testOffer } from '../testing/test-offer.js';
import { memberOf, parseDimension } from './dimension.js';
import type { OfferVersion, Party } from './offer.js';
import type { Limit } from './offer-rules.js';
import { periodAt } from './periods.js';

const startMs = Date.parse('2026-06-10T08:30:00Z');
const hourMs = 3_600_000;

const dimension = fc.constantFrom(
  'shopper',
  'touchpoint',
  'touchpoint.merchant',
  'shopper.tier',
  'shopper.tier=gold',
  'key.campaign',
);
const limit: fc.Arbitrary<Limit> = fc
  .record({
    size: fc.integer({ min: 1, max: 6 }),
    of: fc.constantFrom('grants', 'amount'),
    per: fc.subarray(['shopper', 'touchpoint.merchant', 'key.campaign'], { minLength: 0 }),
    more: fc.option(dimension, { nil: undefined }),
    period: fc.constantFrom<Limit['period'][]>(
      undefined,
      { unit: 'day' },
      { unit: 'week', every: 2 },
      { rollingS: 100_000 },
    ),
    partial: fc.boolean(),
  })
  .map(({ size, of, per, more, period, partial }) => {
    const names = more?.startsWith('shopper.tier') ? [...per, more] : per;
    return {
      maximum: of === 'amount' ? size * 90 + 10 : size,
      of,
      ...(names.length === 0 ? {} : { per: names }),
      ...(period === undefined ? {} : { period }),
      ...(of === 'amount' && partial ? { partial } : {}),
    };
  });

const requests = fc.array(
  fc.record({
    shopper: fc.constantFrom('a', 'b', 'c'),
    touchpoint: fc.constantFrom('t1', 't2', 't3'),
    offer: fc.constantFrom(0, 1),
    hours: fc.integer({ min: 0, max: 40 }),
  }),
  { maxLength: 40 },
);
const tiers: Readonly<Record<string, string>> = { a: 'gold', b: 'gold' };
const merchants: Readonly<Record<string, string>> = { t1: 'ada', t2: 'ada' };

function partyOf(shopper: string, touchpoint: string): Party {
  const [tier, merchant] = [tiers[shopper], merchants[touchpoint]];
  return {
    shopper,
    shopperLabels: tier === undefined ? {} : { tier },
    touchpoint,
    touchpointLabels: merchant === undefined ? {} : { merchant },
  };
}

type Grant = {
  readonly offer: OfferVersion;
  readonly party: Party;
  readonly atMs: number;
  readonly awardedMinor: number;
};

/** What of a limit is used, counted anew over all grants there have been: obviously right, and slow. */
function recount(
  limit: Limit,
  offer: OfferVersion,
  party: Party,
  atMs: number,
  grants: readonly Grant[],
): number {
  const { per = [], period, of } = limit;
  const isShared = per.some((text) => text.startsWith('key.'));
  const counted = grants.filter((grant) => {
    if (!isShared && grant.offer.id !== offer.id) return false;
    const isSame = per.every((text) => {
      const each = parseDimension(text);
      return memberOf(each, grant.offer, grant.party) === memberOf(each, offer, party);
    });
    if (!isSame || period === undefined) return isSame;
    if ('rollingS' in period) return grant.atMs > atMs - period.rollingS * 1_000;
    const keys = [grant.atMs, atMs].map((instant) => periodAt(period, instant, offer.timeZone).key);
    return keys[0] === keys[1];
  });
  return counted.reduce((sum, { awardedMinor }) => sum + (of === 'amount' ? awardedMinor : 1), 0);
}

test('whatever the limits and the requests: granted if and only if each limit has room, and all of them count it', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(limit, {
        minLength: 1,
        maxLength: 4,
        selector: ({ of, per, period }) => JSON.stringify([of, per, period]),
      }),
      fc.constantFrom(1, 20, 25, 50),
      requests,
      (limits, stepMinor, taps) => {
        const rules = limits.some(({ partial }) => partial) ? { limits, stepMinor } : { limits };
        const offers = ['one', 'two'].map((id) =>
          testOffer(rules, 'Europe/Berlin', { id, amountMinor: 100, keys: { campaign: 'x' } }),
        );
        const counters = new TestCounters();
        const grants: Grant[] = [];
        let timeMs = startMs;
        for (const { shopper, touchpoint, offer: index, hours } of taps) {
          timeMs += hours * hourMs;
          const offer = offers[index] ?? testOffer({});
          const party = partyOf(shopper, touchpoint);
          const holding = limits.filter(
            ({ per = [] }) => !per.includes('shopper.tier=gold') || party.shopperLabels.tier === 'gold',
          );
          const states = holding.map((each) => ({
            ...each,
            left: each.maximum - recount(each, offer, party, timeMs, grants),
          }));
          const wholeSteps = (left: number) => Math.floor(left / stepMinor) * stepMinor;
          const parts = states.filter(({ partial }) => partial).map(({ left }) => wholeSteps(left));
          const award = Math.min(100, ...parts);
          const hasRoom = states.every(({ of, left }) =>
            of === 'amount' ? award > 0 && left >= award : left >= 1,
          );
          const verdict = counters.decide(offer, party, timeMs);
          expect(verdict.granted).toBe(hasRoom);
          if (verdict.granted) {
            expect(verdict.awardedMinor).toBe(award);
            grants.push({ offer, party, atMs: timeMs, awardedMinor: verdict.awardedMinor });
          } else {
            // What would be awarded if the limits that are at their end had room again.
            const next = Math.min(100, ...parts.filter((left) => left > 0));
            const full = states.filter(
              ({ left, of, partial }) => left < (of !== 'amount' ? 1 : partial ? stepMinor : next),
            );
            expect(full.map(({ maximum }) => maximum)).toContain(verdict.maximum);
          }
          for (const each of holding) {
            expect(recount(each, offer, party, timeMs, grants)).toBeLessThanOrEqual(each.maximum);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

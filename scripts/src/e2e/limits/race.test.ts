/**
 * A thousand shoppers at once: on the embedded database one server, on PostgreSQL three on one database. Every request is signed
 * before the first is sent; every answer is checked to its signature; then the counters are counted again from the vouchers.
 */

import type { Limit } from '@tapseal/cert-server/decision/offer-rules';
import type { OfferBody } from '@tapseal/cert-server/http/offer-schemas';
import { startTestPostgres, type TestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import type { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../seed.js';
import type { Prepared } from './limits-phone.js';
import { LimitsVenue } from './limits-venue.js';
import type { Outcome } from './read-outcome.js';
import { assertRecount, type Scopes } from './recount.js';
import { ServerDesk } from './server-desk.js';

const SHOPPERS = 1_000;
const MAXIMUM = 100;
const RUNS = 10;
/** More than there are places. */
const FEW = 150;

const { random } = seeded('race', 3_100);

const boxes = [
  { name: 'cafe-1', labels: { merchant: 'cafe' } },
  { name: 'cafe-2', labels: { merchant: 'cafe' } },
  { name: 'kiosk-1', labels: { merchant: 'kiosk' } },
  { name: 'gate-1', labels: {} },
];
const merchantOf = (touchpoint: string): string =>
  touchpoint === 'gate-1' ? '' : (touchpoint.split('-')[0] ?? '');

function offerOf(id: string, limits: readonly Limit[], more: Partial<OfferBody> = {}): OfferBody {
  const touchpoints = boxes.map(({ name }) => name);
  return { id, touchpoints, action: 'open', rules: { limits: [...limits] }, ...more };
}

function shuffled<T>(values: readonly T[], chance: SeededRandom): T[] {
  return values
    .map((value) => ({ value, order: chance.unit() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

function granted(outcomes: readonly Outcome[]): Extract<Outcome, { granted: true }>[] {
  return outcomes.filter((outcome) => outcome.granted);
}

function refusals(outcomes: readonly Outcome[]) {
  return outcomes.flatMap((outcome) => (outcome.granted ? [] : [outcome.refusal]));
}

describe.each([
  { store: 'SQLite', servers: 1 },
  { store: 'PostgreSQL', servers: 3 },
])('$store, $servers servers', ({ store, servers }) => {
  let postgres: TestPostgres | undefined;
  let venue: LimitsVenue;
  let desk: ServerDesk;
  const scopes = new Map<string, Scopes>();

  beforeAll(async () => {
    if (store === 'PostgreSQL') postgres = await startTestPostgres();
    const database = await postgres?.createDatabase();
    venue = await LimitsVenue.make({
      phones: SHOPPERS,
      boxes,
      ...(database === undefined ? {} : { database }),
    });
    const started = await Promise.all(Array.from({ length: servers }, () => venue.startServer()));
    desk = new ServerDesk(
      venue,
      started.map(({ url }) => url),
    );
  });
  afterAll(async () => {
    desk?.close();
    await venue?.close();
    await postgres?.stop();
  });

  const prepareAll = (offer: string, amountMinor = 0, count = SHOPPERS): Promise<Prepared[]> =>
    Promise.all(
      shuffled(venue.phones, random)
        .slice(0, count)
        .map((phone, i) => {
          const box = venue.boxes[i % venue.boxes.length];
          if (box === undefined) throw new Error('no box');
          return phone.prepare(box, offer, amountMinor);
        }),
    );

  test.each(Array.from({ length: RUNS }, (_, run) => run + 1))(
    `run %i: of ${SHOPPERS} at once exactly ${MAXIMUM} are granted, and the others refused with a signature`,
    async (run) => {
      const id = `first-come-${run}`;
      await desk.addOffer(offerOf(id, [{ maximum: MAXIMUM }]));
      const outcomes = await desk.redeemAll(await prepareAll(id));
      expect(granted(outcomes)).toHaveLength(MAXIMUM);
      const refused = refusals(outcomes);
      expect(refused).toHaveLength(SHOPPERS - MAXIMUM);
      for (const refusal of refused) {
        expect(refusal).toMatchObject({
          code: 'limit_reached',
          used: MAXIMUM,
          maximum: MAXIMUM,
          resetsAtS: 0,
        });
      }
      expect(assertRecount(await desk.data(), scopes).get(id)).toEqual({
        granted: MAXIMUM,
        used: MAXIMUM,
        held: 0,
      });
    },
  );

  test.each([1, 2])(
    'mixed scopes, run %i: the total, each merchant, and the budget of each shopper hold at once',
    async (run) => {
      const id = `mixed-${run}`;
      const [total, perMerchant, budget, amount] = [450, 180, 150, 100];
      scopes.set(id, ({ touchpoint, shopper, awarded }) => ({
        [`offer/${id}|grants|touchpoint.merchant/${merchantOf(touchpoint)}`]: 1,
        [`offer/${id}|amount|shopper/${shopper}`]: awarded ?? 0,
      }));
      await desk.addOffer(
        offerOf(
          id,
          [
            { maximum: total },
            { maximum: perMerchant, per: ['touchpoint.merchant'] },
            { maximum: budget, of: 'amount', per: ['shopper'], partial: true },
          ],
          { amountMinor: amount },
        ),
      );
      // Every shopper three times: 100, then the 50 that are left, then nothing.
      const prepared = [
        ...(await prepareAll(id, amount)),
        ...(await prepareAll(id, amount)),
        ...(await prepareAll(id, amount)),
      ];
      const outcomes = await desk.redeemAll(shuffled(prepared, random));
      // Two merchants, and whoever has none: 540 places for a total of 450.
      expect(granted(outcomes)).toHaveLength(total);
      for (const { amountMinor } of granted(outcomes))
        expect([amount, budget - amount]).toContain(amountMinor);
      for (const { code, used, maximum } of refusals(outcomes)) {
        expect({ code, used }).toEqual({ code: 'limit_reached', used: maximum });
        expect([total, perMerchant, budget]).toContain(maximum);
      }
      const data = await desk.data();
      expect(assertRecount(data, scopes).get(id)).toEqual({ granted: total, used: total, held: 0 });
      for (const { key, used } of data.counters.filter((counter) => counter.key.startsWith(`offer/${id}|`))) {
        expect(used, key).toBeLessThanOrEqual(
          key.includes('|amount|') ? budget : key.includes('merchant') ? perMerchant : total,
        );
      }
    },
  );

  test.each([1, 2])(
    'reserves and releases, run %i: places that are freed are given away again, and none twice',
    async (run) => {
      const id = `reserved-${run}`;
      await desk.addOffer(
        offerOf(id, [], {
          rules: { limits: [{ maximum: MAXIMUM }], spend: { when: 'confirmed', holdS: 3_600 } },
        }),
      );
      const first = await prepareAll(id);
      const outcomes = await desk.redeemAll(first);
      expect(granted(outcomes)).toHaveLength(MAXIMUM);
      expect(assertRecount(await desk.data(), scopes).get(id)).toEqual({
        granted: MAXIMUM,
        used: 0,
        held: MAXIMUM,
      });

      // Boxes confirm and report faults, the operator frees places, and a thousand more ask, all at once.
      const held = shuffled(
        outcomes.flatMap((outcome, i) => (outcome.granted ? [{ outcome, prepared: first[i] }] : [])),
        random,
      ).flatMap(({ outcome, prepared }) =>
        prepared === undefined ? [] : [{ ...prepared, voucher: outcome.voucher }],
      );
      const [confirmed, failed, released] = [held.slice(0, 40), held.slice(40, 65), held.slice(65, 85)];
      const receipts = [
        ...confirmed.map(({ box, transactionId, voucher }) =>
          box.receipt(transactionId, voucher, 'actuated'),
        ),
        ...failed.map(({ box, transactionId, voucher }) => box.receipt(transactionId, voucher, 'failed')),
      ];
      const second = await prepareAll(id);
      const [more] = await Promise.all([
        desk.redeemAll(second),
        ...receipts.map((receipt) => desk.postReceipts([receipt])),
        ...released.map(({ transactionId }) => desk.release(transactionId)),
      ]);
      // Only a freed place is given away; how many of them were free before the last one asked, nobody can know.
      const freed = failed.length + released.length;
      expect(granted(more).length).toBeLessThanOrEqual(freed);
      for (const refusal of refusals(more))
        expect(refusal).toMatchObject({ used: MAXIMUM, maximum: MAXIMUM });
      const last = await desk.redeemAll(await prepareAll(id, 0, FEW));
      expect(granted(more).length + granted(last).length).toBe(freed);
      expect(assertRecount(await desk.data(), scopes).get(id)).toEqual({
        granted: MAXIMUM + freed,
        used: confirmed.length,
        held: MAXIMUM - confirmed.length,
      });

      // The hour is over on the clock of whoever tidies up, while the next thousand ask.
      const again = await prepareAll(id);
      const [, third] = await Promise.all([
        venue.inStore((inner) => inner.releaseEndedHolds(Date.now() + 3_600_000, SHOPPERS)),
        desk.redeemAll(again),
      ]);
      const rest = await desk.redeemAll(await prepareAll(id, 0, FEW));
      expect(granted(third).length + granted(rest).length).toBe(MAXIMUM - confirmed.length);
      expect(assertRecount(await desk.data(), scopes).get(id)).toEqual({
        granted: 2 * MAXIMUM + freed - confirmed.length,
        used: confirmed.length,
        held: MAXIMUM - confirmed.length,
      });
    },
  );
});

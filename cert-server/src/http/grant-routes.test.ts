/** The record of decisions: paged, watched, part awards, and places that are held and released. */
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestBox } from '../testing/test-box.js';
import { bytesOfText, type TestPhone } from '../testing/test-phone.js';
import type { TestServer } from '../testing/test-server.js';
import { postOffer, startTestVenue } from '../testing/test-venue.js';
import type { GrantPage, GrantView, VoucherView } from './admin-schemas.js';
import type { OfferDetailView, OfferList } from './offer-schemas.js';

let server: TestServer;
let box: TestBox;
let phone: TestPhone;

beforeAll(async () => {
  ({ server, box, phone } = await startTestVenue());
});
afterAll(() => server.close());

const make = (id: string, rules: object, more: object = {}) => postOffer(server, id, rules, more);
const newest = async (): Promise<GrantView | undefined> =>
  (await server.admin<GrantPage>('GET', '/grants?order=newest&limit=1')).body.grants[0];

test('grants are paged by a cursor, and a watcher is woken by the next one', async () => {
  await make('watched', { limits: [{ maximum: 2, per: ['shopper'], period: { unit: 'day' } }] });
  const start = (await server.admin<GrantPage>('GET', '/grants?decisions=all')).body.next;
  const watch = server.admin<GrantPage>('GET', `/grants?after=${start}&waitMs=25000`);
  const answer = await phone.tap(box, 'watched');
  const seen = (await watch).body;
  expect(seen.grants).toMatchObject([
    { transactionId: answer.body.transactionId, offer: 'watched', touchpoint: 'lobby-1', granted: true },
  ]);
  await phone.tap(box, 'watched');
  expect((await phone.tap(box, 'watched')).body.code).toBe('limit_reached');
  const list = async (query: string) =>
    (await server.admin<GrantPage>('GET', `/grants?after=${start}${query}`)).body;
  expect((await list('')).grants).toHaveLength(2);
  expect((await list('&decisions=all')).grants.at(-1)).toMatchObject({
    granted: false,
    code: 'limit_reached',
    rule: 'twice a day for each shopper',
    used: 2,
    maximum: 2,
  });
  const first = await list('&limit=1');
  expect((await server.admin<GrantPage>('GET', `/grants?after=${first.next}`)).body.grants).toHaveLength(1);
  expect((await server.admin('GET', '/grants?limit=501')).body.code).toBe('body_invalid');
  expect((await server.admin('GET', '/grants?limit=0')).body.code).toBe('body_invalid');
  expect((await server.admin('GET', '/grants?limit=many')).body.code).toBe('body_invalid');
  expect((await server.admin('GET', `/vouchers/${'0'.repeat(32)}`)).body.code).toBe('voucher_unknown');
});

test('a part award shows what was approved and what was awarded', async () => {
  const rules = { limits: [{ maximum: 350, of: 'amount', partial: true }] };
  await make('budget', rules, { amountMinor: 250 });
  const tap = async () => phone.redeem(await phone.request(box, 'budget', { amountMinor: 250 }));
  expect((await tap()).status).toBe(200);
  expect(await newest()).toMatchObject({ amountMinor: 250, awardedMinor: 250 });
  const { transactionId } = (await tap()).body;
  expect(await newest()).toMatchObject({ transactionId, amountMinor: 250, awardedMinor: 100 });
  const voucher = await server.admin<VoucherView>('GET', `/vouchers/${transactionId}`);
  expect(voucher.body).toMatchObject({ amountMinor: 250, awardedMinor: 100 });
});

describe('places that are held', () => {
  const spend = { when: 'confirmed', holdS: 3_600 };
  const usage = async () => {
    const { body } = await server.admin<OfferDetailView>('GET', '/offers/reserved');
    const { granted, held, limits } = body;
    return { granted, held, left: limits[0]?.usage?.left };
  };
  const release = (id: string) => server.admin<GrantView>('POST', `/grants/${id}/release`);
  const redeem = async () => (await phone.tap(box, 'reserved')).body;
  const deliver = (voucher: string, outcome: 'actuated' | 'failed') =>
    server.call('POST', '/v1/programmes/venue/receipts', {
      receipts: [bytesToBase64url(box.receipt(bytesOfText(voucher), outcome))],
    });

  beforeAll(() => make('reserved', { limits: [{ maximum: 1 }], spend }));

  test('are released by an operator, once, and are free at once', async () => {
    const { transactionId } = await redeem();
    expect(await newest()).toMatchObject({
      transactionId,
      hold: { state: 'held', endsAt: '2026-06-10T09:30:00.000Z' },
    });
    expect(await usage()).toEqual({ granted: 1, held: 1, left: 0 });
    expect((await redeem()).code).toBe('limit_reached');
    expect((await release(transactionId)).body).toMatchObject({ transactionId, hold: { state: 'released' } });
    expect(await newest()).toMatchObject({ transactionId, hold: { state: 'released' } });
    expect(await usage()).toEqual({ granted: 0, held: 0, left: 1 });
    expect((await release(transactionId)).body.code).toBe('hold_settled');
    expect((await server.app.inject('/metrics')).body).toContain('tapseal_holds_total{change="released"} 1');
  });

  test('are free when their time is over, in all that is shown, before the store has swept them', async () => {
    const { transactionId } = await redeem();
    server.nowMs += 3_600_000 - 1;
    expect(await newest()).toMatchObject({ transactionId, hold: { state: 'held' } });
    expect(await usage()).toEqual({ granted: 1, held: 1, left: 0 });
    server.nowMs += 1;
    expect(await newest()).toMatchObject({ transactionId, hold: { state: 'released' } });
    expect(await usage()).toEqual({ granted: 0, held: 0, left: 1 });
    const voucher = await server.admin<VoucherView>('GET', `/vouchers/${transactionId}`);
    expect(voucher.body).toMatchObject({ hold: { state: 'released' } });
    const { offers } = (await server.admin<OfferList>('GET', '/offers')).body;
    expect(offers.find(({ id }) => id === 'reserved')).toMatchObject({ granted: 0, held: 0 });
    await server.context.store.releaseEndedHolds(server.nowMs, 10);
    expect(await usage()).toEqual({ granted: 0, held: 0, left: 1 });
    server.nowMs -= 3_600_000;
  });

  test('are counted by the receipt, and cannot be released any more', async () => {
    const { transactionId, voucher } = await redeem();
    await deliver(voucher, 'actuated');
    expect(await newest()).toMatchObject({ hold: { state: 'spent' }, receipt: { outcome: 'actuated' } });
    expect(await usage()).toEqual({ granted: 1, held: 0, left: 0 });
    expect((await release(transactionId)).body.code).toBe('hold_settled');
  });

  test('of others than grants that hold some there are none', async () => {
    await make('at-once', {});
    const { transactionId } = (await phone.tap(box, 'at-once')).body;
    expect(await newest()).not.toHaveProperty('hold');
    expect((await release(transactionId)).body).toMatchObject({
      code: 'hold_settled',
      detail: 'it was counted when granted',
    });
    const refused = (await server.admin<GrantPage>('GET', '/grants?decisions=all')).body.grants.find(
      ({ granted }) => !granted,
    );
    expect((await release(refused?.transactionId ?? '')).body.code).toBe('voucher_unknown');
    expect((await release('0'.repeat(32))).body.code).toBe('voucher_unknown');
    expect((await release('0')).body.code).toBe('body_invalid');
  });
});

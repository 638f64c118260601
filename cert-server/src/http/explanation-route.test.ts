/** What a redemption would get now, for operators (explanation) and for the app of a shopper (dry run). Both count nothing. */
import { bytesToHex } from '@tapseal/shared/bytes';
import type { DryRunAnswer, ResolveAnswer } from '@tapseal/shared/http-api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { TestPhone } from '../testing/test-phone.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { addToken, postOffer, startTestVenue } from '../testing/test-venue.js';
import type { Explanation, OfferAdminView } from './offer-schemas.js';

let server: TestServer;
let box: TestBox;
let phone: TestPhone;
let appToken: string;

const weekly = { maximum: 1, per: ['shopper'], period: { unit: 'week' } };
const make = (id: string, rules: object, more: object = {}) =>
  postOffer(server, id, rules, { action: 'credit', ...more });
const explain = (id: string, query = '') =>
  server.admin<Explanation>('GET', `/offers/${id}/explanation${query}`);
const tap = (id: string, amountMinor = 0) =>
  phone.request(box, id, { amountMinor }).then((request) => phone.redeem(request));

beforeAll(async () => {
  ({ server, box, phone } = await startTestVenue());
  appToken = (await addToken(server, 'app')).token;
  await make('coffee', { limits: [{ maximum: 100 }, weekly], windows: [{ until: '12:00' }] });
});
afterAll(() => server.close());

describe('an explanation', () => {
  test('tells for one shopper every limit that holds, and the verdict', async () => {
    await tap('coffee');
    const { body } = await explain('coffee', `?shopper=${phone.shopper}`);
    expect(body).toEqual({
      offer: 'coffee',
      version: 1,
      sentence: expect.stringContaining('once a week for each shopper'),
      amountMinor: 0,
      currency: 'EUR',
      at: '2026-06-10T08:30:00.000Z',
      shopper: phone.shopper,
      shopperLabels: {},
      touchpoint: 'lobby-1',
      touchpointLabels: {},
      timeZone: 'Europe/Berlin',
      verdict: {
        granted: false,
        code: 'limit_reached',
        rule: 'once a week for each shopper',
        used: 1,
        maximum: 1,
        resetsAt: '2026-06-14T22:00:00.000Z',
      },
      window: { open: true, sentence: 'only until 12:00 (Europe/Berlin)' },
      limits: [
        { rule: 'at most 100 in all', of: 'grants', used: 1, held: 0, maximum: 100, left: 99, full: false },
        {
          rule: 'once a week for each shopper',
          of: 'grants',
          used: 1,
          held: 0,
          maximum: 1,
          left: 0,
          full: true,
          resetsAt: '2026-06-14T22:00:00.000Z',
        },
      ],
    });
    expect((await explain('coffee')).body).toMatchObject({ verdict: { granted: true, awardedMinor: 0 } });
    expect((await explain('coffee')).body).not.toHaveProperty('shopper');
  });

  test('says as much as the redemption that follows, and is not counted itself', async () => {
    await make('budget', { limits: [{ maximum: 350, of: 'amount', partial: true }] }, { amountMinor: 250 });
    const before = (await explain('budget', `?shopper=${phone.shopper}`)).body.verdict;
    expect(before).toEqual({ granted: true, awardedMinor: 250 });
    await tap('budget', 250);
    for (let i = 0; i < 3; i++) {
      expect((await explain('budget')).body.verdict).toEqual({ granted: true, awardedMinor: 100 });
    }
    await tap('budget', 250);
    const refused = (await tap('budget', 250)).body;
    const { verdict } = (await explain('budget')).body;
    expect(verdict).toMatchObject({ granted: false, code: refused.code, used: 350, maximum: 350 });
    expect(refused.detail).toBe('at most 3.50 EUR in all, the last one may be a part: 3.50 of 3.50 EUR used');
  });

  test('is of the labels and the zone of shopper and touchpoint', async () => {
    await TestBox.enrol(server, 'tokyo-1');
    await server.admin('PATCH', '/touchpoints/tokyo-1', {
      labels: { merchant: 'cafe-ada' },
      timeZone: 'Asia/Tokyo',
    });
    await server.admin('PATCH', `/shoppers/${phone.shopper}/labels`, { tier: 'gold' });
    const rules = {
      limits: [
        { maximum: 5, per: ['shopper.tier=gold'] },
        { maximum: 9, per: ['touchpoint.merchant'] },
      ],
      windows: [{ until: '12:00' }],
    };
    await make('labelled', rules, { touchpoints: ['lobby-1', 'tokyo-1'] });
    const { body } = await explain('labelled', `?shopper=${phone.shopper}&touchpoint=tokyo-1`);
    expect(body).toMatchObject({
      touchpoint: 'tokyo-1',
      touchpointLabels: { merchant: 'cafe-ada' },
      shopperLabels: { tier: 'gold' },
      timeZone: 'Asia/Tokyo',
      verdict: { granted: false, code: 'window_closed', resetsAt: '2026-06-10T15:00:00.000Z' },
      window: { open: false, resetsAt: '2026-06-10T15:00:00.000Z' },
    });
    expect(body.limits.map(({ maximum }) => maximum)).toEqual([5, 9]);
    // Somebody new has no tier, and the offer is open in Berlin.
    const anybody = (await explain('labelled')).body;
    expect(anybody).toMatchObject({
      touchpoint: 'lobby-1',
      window: { open: true },
      verdict: { granted: true },
    });
    expect(anybody.limits.map(({ maximum }) => maximum)).toEqual([9]);
  });

  test('knows of a pause, and when a held place would end', async () => {
    await make('reserved', { spend: { when: 'confirmed', holdS: 3_600 } });
    expect((await explain('reserved')).body.verdict).toEqual({
      granted: true,
      awardedMinor: 0,
      holdEndsAt: '2026-06-10T09:30:00.000Z',
    });
    await server.admin('POST', '/offers/reserved/pause');
    expect((await explain('reserved')).body.verdict).toMatchObject({ granted: false, code: 'offer_paused' });
  });

  test('grants nothing where a box cannot stand for it, by the code of the redemption', async () => {
    const other = await TestBox.enrol(server, 'other-1');
    await server.admin('POST', '/touchpoints', { name: 'empty-1' });
    await make('boxed', {}, { touchpoints: ['other-1', 'empty-1'] });
    const verdictAt = async (name: string) => (await explain('boxed', `?touchpoint=${name}`)).body.verdict;
    expect(await verdictAt('other-1')).toMatchObject({ granted: true });
    expect(await verdictAt('empty-1')).toEqual({
      granted: false,
      code: 'touchpoint_unknown',
      rule: 'no box is enrolled at this touchpoint yet',
    });
    await server.admin('POST', '/touchpoints/other-1/revoke', {});
    // Before the offer itself, as in a redemption.
    await server.admin('POST', '/offers/boxed/pause');
    const refused = await phone.redeem(await phone.request(other, 'boxed'));
    expect(refused.body.code).toBe('touchpoint_revoked');
    expect(await verdictAt('other-1')).toEqual({
      granted: false,
      code: 'touchpoint_revoked',
      rule: 'the touchpoint is revoked',
    });
  });

  test('of what there is not says so', async () => {
    await server.admin('POST', '/touchpoints', { name: 'elsewhere' });
    expect((await explain('nothing')).body.code).toBe('offer_unknown');
    expect((await explain('coffee', '?shopper=nobody')).body.code).toBe('shopper_unknown');
    expect((await explain('coffee', '?touchpoint=nowhere')).body.code).toBe('touchpoint_unknown');
    expect((await explain('coffee', '?touchpoint=elsewhere')).body.code).toBe('offer_not_here');
    expect((await explain('coffee', '?shopper=')).body.code).toBe('body_invalid');
  });
});

describe('a dry run', () => {
  const dryRun = (body: object, token?: string) =>
    server.call<DryRunAnswer>('POST', '/v1/programmes/venue/dry-runs', body, token);
  const here = () => ({ touchpoint: bytesToHex(box.id) });
  const mine = () => ({ ...here(), phoneId: bytesToHex(phone.id) });

  test('tells a stranger what resolve tells, word for word', async () => {
    const body = { advert: Buffer.from(box.advert()).toString('base64url'), phoneId: bytesToHex(phone.id) };
    const resolved = await server.call<ResolveAnswer>('POST', '/v1/programmes/venue/resolve', body);
    expect(resolved.body.offers.map(({ id }) => id)).toContain('coffee');
    for (const view of resolved.body.offers) {
      expect(await dryRun({ ...mine(), offer: view.id })).toMatchObject({
        status: 200,
        body: { offer: view },
      });
      expect((await dryRun({ ...mine(), offer: view.id })).body).toEqual({ offer: view });
    }
    const coffee = (await dryRun({ ...mine(), offer: 'coffee' })).body.offer;
    expect(coffee).toMatchObject({
      open: false,
      code: 'limit_reached',
      rule: 'once a week for each shopper',
    });
    // Whose phone is not said, or not known, is somebody new.
    expect((await dryRun({ ...here(), offer: 'coffee' })).body.offer.open).toBe(true);
    const unknown = { ...here(), phoneId: '0'.repeat(32), offer: 'coffee' };
    expect((await dryRun(unknown)).body.offer.open).toBe(true);
  });

  test('tells the app how full the limit is, and how much would be awarded', async () => {
    expect((await dryRun({ ...mine(), offer: 'coffee' }, appToken)).body).toMatchObject({
      used: 1,
      maximum: 1,
    });
    expect((await dryRun({ ...here(), offer: 'coffee' }, appToken)).body).toEqual({
      offer: expect.objectContaining({ open: true }),
      awardedMinor: 0,
    });
    expect((await dryRun({ ...here(), offer: 'reserved' }, appToken)).body).toEqual({
      offer: expect.objectContaining({ open: false, code: 'offer_paused' }),
    });
    const auditor = (await addToken(server, 'auditor')).token;
    expect((await dryRun({ ...mine(), offer: 'coffee' }, auditor)).body.code).toBe('token_forbidden');
  });

  test('counts nothing and records nothing', async () => {
    const granted = async () => (await server.admin<OfferAdminView>('GET', '/offers/coffee')).body.granted;
    const last = () => server.context.store.lastSequence('venue');
    const before = [await granted(), await last()];
    for (let i = 0; i < 3; i++) await dryRun({ ...here(), offer: 'coffee' });
    expect([await granted(), await last()]).toEqual(before);
  });

  test('does not tell an offer of another touchpoint from one that is nowhere', async () => {
    await make('secret', {}, { touchpoints: ['elsewhere'] });
    const [elsewhere, nowhere] = [
      await dryRun({ ...here(), offer: 'secret' }),
      await dryRun({ ...here(), offer: 'nothing' }),
    ];
    expect(elsewhere.body.code).toBe('offer_not_here');
    expect({ ...elsewhere.body, instance: '' }).toEqual({ ...nowhere.body, instance: '' });
    expect((await dryRun({ touchpoint: '0'.repeat(16), offer: 'coffee' })).body.code).toBe(
      'touchpoint_unknown',
    );
    const gone = await TestBox.enrol(server, 'gone');
    await server.admin('POST', '/touchpoints/gone/revoke', {});
    expect((await dryRun({ touchpoint: bytesToHex(gone.id), offer: 'coffee' })).body.code).toBe(
      'touchpoint_revoked',
    );
    expect((await dryRun({ touchpoint: 'lobby-1', offer: 'coffee' })).body.code).toBe('body_invalid');
  });

  test('of a revoked phone is refused as its redemption is', async () => {
    const lost = await TestPhone.register(server);
    const body = { ...here(), phoneId: bytesToHex(lost.id), offer: 'coffee' };
    expect((await dryRun(body, appToken)).body.offer.open).toBe(true);
    await server.admin('POST', `/phones/${bytesToHex(lost.id)}/revoke`, {});
    const refused = await lost.redeem(await lost.request(box, 'coffee'));
    expect(refused).toMatchObject({ status: 403, body: { code: 'phone_revoked' } });
    expect(await dryRun(body, appToken)).toMatchObject({ status: 403, body: { code: 'phone_revoked' } });
    expect(await dryRun(body)).toMatchObject({ status: 403, body: { code: 'phone_revoked' } });
  });

  test('after the certificates have ended is refused as the redemption is', async () => {
    const old = await startTestVenue();
    await postOffer(old.server, 'coffee', {});
    const body = { offer: 'coffee', touchpoint: bytesToHex(old.box.id) };
    const ask = (more: object = {}) =>
      old.server.call<DryRunAnswer>('POST', '/v1/programmes/venue/dry-runs', { ...body, ...more });
    old.server.nowMs += 40 * 365 * 86_400_000;
    expect((await ask()).body.code).toBe('touchpoint_certificate_invalid');
    const phoneId = bytesToHex(old.phone.id);
    expect((await ask({ phoneId })).body.code).toBe('phone_certificate_invalid');
    const explained = await old.server.admin<Explanation>('GET', '/offers/coffee/explanation');
    expect(explained.body.verdict).toMatchObject({ granted: false, code: 'touchpoint_certificate_invalid' });
    await old.server.close();
  });

  test('is limited like resolve', async () => {
    const small = await startTestServer({ rateLimits: { resolve: 1 } });
    const ask = () =>
      small.call('POST', '/v1/programmes/venue/dry-runs', { offer: 'a', touchpoint: '0'.repeat(16) });
    expect((await ask()).body.code).toBe('touchpoint_unknown');
    expect(await ask()).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    await small.close();
  });
});

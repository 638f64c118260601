/** What belongs to one programme is unknown in every other: phones, boxes, adverts, nonces, transactions, receipts. */
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { NonceAnswer, ReceiptsAnswer, ResolveAnswer } from '@tapseal/shared/http-api';
import { signRegistration } from '@tapseal/shared/registration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestBox } from '../testing/test-box.js';
import { bytesOfText, type TestPhone } from '../testing/test-phone.js';
import { crypto, type TestServer } from '../testing/test-server.js';
import { postOffer, startTestVenue } from '../testing/test-venue.js';
import type { TokenCreated } from './admin-schemas.js';
import type { Explanation } from './offer-schemas.js';

const OTHER = '/v1/programmes/other';
let server: TestServer;
let box: TestBox;
let phone: TestPhone;

const otherNonce = async () =>
  bytesOfText((await server.call<NonceAnswer>('POST', `${OTHER}/nonces`)).body.nonce);
const redeemAtOther = async (offer: string) => {
  const request = await phone.request(box, offer, { programme: 'other', serverNonce: await otherNonce() });
  return (await server.call('POST', `${OTHER}/redemptions`, { request: bytesToBase64url(request) })).body
    .code;
};

beforeAll(async () => {
  ({ server, box, phone } = await startTestVenue());
  const other = { id: 'other', title: 'Other', timeZone: 'UTC', currency: 'USD' };
  await server.call('POST', '/v1/programmes', other, server.ownerToken);
  expect((await postOffer(server, 'gate', {})).status).toBe(201);
});
afterAll(() => server.close());

test('a box is unknown in another programme, by its advert and by its hello', async () => {
  const resolve = async (body: unknown) => server.call<ResolveAnswer>('POST', `${OTHER}/resolve`, body);
  expect((await resolve({ advert: bytesToBase64url(box.advert()) })).body.code).toBe('advert_unknown');
  const [nonce, transactionId] = [await otherNonce(), crypto.randomBytes(16)];
  const question = {
    hello: bytesToBase64url(box.hello(challengeOf(crypto, nonce, phone.id, transactionId))),
    nonce: bytesToBase64url(nonce),
    phoneId: bytesToHex(phone.id),
    transactionId: bytesToHex(transactionId),
  };
  expect((await resolve(question)).body.code).toBe('touchpoint_unknown');
  const ownNonce = { ...question, nonce: bytesToBase64url(await phone.nonce()) };
  expect((await resolve(ownNonce)).body.code).toBe('nonce_invalid');
});

test('a phone is unknown there; with a registration there as well, its box still is', async () => {
  expect(await redeemAtOther('gate')).toBe('phone_unknown');
  const registration = bytesToBase64url(await signRegistration('other', await otherNonce(), phone.signer));
  const registered = await server.call<{ shopper: string }>('POST', `${OTHER}/phones`, { registration });
  expect(registered.status).toBe(200);
  expect(registered.body.shopper).not.toBe(phone.shopper);
  expect(await redeemAtOther('gate')).toBe('touchpoint_unknown');
});

test('a touchpoint of one programme takes no offer of another', async () => {
  const offer = { id: 'gate', touchpoints: ['lobby-1'], action: 'open', rules: {} };
  const answer = await server.call('POST', `${OTHER}/offers`, offer, server.ownerToken);
  expect(answer.body.code).toBe('touchpoint_unknown');
});

test('vouchers and receipts are those of their own programme', async () => {
  const tap = (await phone.tap(box, 'gate')).body;
  const path = `${OTHER}/vouchers/${tap.transactionId}`;
  expect((await server.call('GET', path, undefined, server.ownerToken)).body.code).toBe('voucher_unknown');
  const receipts = [bytesToBase64url(box.receipt(bytesOfText(tap.voucher)))];
  const post = async (base: string) =>
    (await server.call<ReceiptsAnswer>('POST', `${base}/receipts`, { receipts })).body.results;
  expect(await post(OTHER)).toEqual([{ stored: false, code: 'touchpoint_unknown' }]);
  expect(await post('/v1/programmes/venue')).toEqual([{ stored: true }]);
});

test('offers, versions, shoppers, touchpoints and holds are unknown to owners of another programme', async () => {
  const rules = { spend: { when: 'confirmed', holdS: 3_600 } };
  const offer = { id: 'reserved', touchpoints: ['lobby-1'], action: 'open', rules };
  expect((await server.admin('POST', '/offers', offer)).status).toBe(201);
  const { transactionId } = (await phone.tap(box, 'reserved')).body;
  const { token } = (
    await server.call<TokenCreated>('POST', `${OTHER}/tokens`, { role: 'owner' }, server.ownerToken)
  ).body;
  const change = { version: 2, touchpoints: ['lobby-1'], action: 'open', rules: {} };
  const touchpoint = bytesToHex(box.id);
  const asks = [
    ['PUT', '/offers/reserved', change, 'offer_unknown'],
    ['GET', '/offers/reserved/versions', undefined, 'offer_unknown'],
    ['GET', '/offers/reserved/versions/1', undefined, 'offer_unknown'],
    ['GET', `/offers/reserved/explanation?shopper=${phone.shopper}`, undefined, 'offer_unknown'],
    ['PATCH', '/touchpoints/lobby-1', { labels: { merchant: 'other' } }, 'touchpoint_unknown'],
    ['GET', `/shoppers/${phone.shopper}`, undefined, 'shopper_unknown'],
    ['PATCH', `/shoppers/${phone.shopper}/labels`, { tier: 'gold' }, 'shopper_unknown'],
    ['POST', `/grants/${transactionId}/release`, undefined, 'voucher_unknown'],
    ['POST', '/dry-runs', { offer: 'reserved', touchpoint }, 'touchpoint_unknown'],
  ] as const;
  for (const [method, path, body, code] of asks) {
    expect((await server.call(method, `${OTHER}${path}`, body, token)).body.code, path).toBe(code);
    // Its token is none of this programme.
    const here = await server.call(method, `/v1/programmes/venue${path}`, body, token);
    expect(here.body.code, path).toBe('token_forbidden');
  }
  const { body } = await server.admin<{ labels: object }>('GET', `/shoppers/${phone.shopper}`);
  expect(body.labels).toEqual({});
  expect((await server.admin<{ version: number }>('GET', '/offers/reserved')).body.version).toBe(1);
});

test('a key that offers of two programmes carry is counted in each for itself', async () => {
  const rules = { limits: [{ maximum: 1, per: ['key.campaign'] }] };
  const body = { touchpoints: ['lobby-1'], action: 'open', keys: { campaign: 'summer' }, rules };
  await server.call('POST', `${OTHER}/touchpoints`, { name: 'lobby-1' }, server.ownerToken);
  for (const base of [OTHER, '/v1/programmes/venue']) {
    const made = await server.call('POST', `${base}/offers`, { id: 'summer', ...body }, server.ownerToken);
    expect(made.status).toBe(201);
  }
  expect((await phone.tap(box, 'summer')).status).toBe(200);
  expect((await phone.tap(box, 'summer')).body.code).toBe('limit_reached');
  const there = await server.call<Explanation>(
    'GET',
    `${OTHER}/offers/summer/explanation`,
    undefined,
    server.ownerToken,
  );
  expect(there.body.limits).toMatchObject([{ used: 0, left: 1 }]);
});

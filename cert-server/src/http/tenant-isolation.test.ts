/** What belongs to one programme is unknown in every other: phones, boxes, adverts, nonces, transactions, receipts. */
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { NonceAnswer, ReceiptsAnswer, ResolveAnswer } from '@tapseal/shared/http-api';
import { signRegistration } from '@tapseal/shared/registration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { bytesOfText, TestPhone } from '../testing/test-phone.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';

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
  server = await startTestServer();
  const other = { id: 'other', title: 'Other', timeZone: 'UTC', currency: 'USD' };
  await server.call('POST', '/v1/programmes', other, server.ownerToken);
  box = await TestBox.enrol(server, 'lobby-1');
  phone = await TestPhone.register(server);
  const offer = { id: 'gate', touchpoints: ['lobby-1'], action: 'open', rules: {} };
  expect((await server.admin('POST', '/offers', offer)).status).toBe(201);
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

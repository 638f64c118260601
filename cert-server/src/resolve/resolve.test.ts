import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { ResolveAnswer } from '@tapseal/shared/http-api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { refreshDueWindows } from '../rotation/background-upkeep.js';
import { TestBox } from '../testing/test-box.js';
import { shorthandRules } from '../testing/test-offer.js';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';

const EPOCH_MS = 1_024_000;
let server: TestServer;
let box: TestBox;
const resolve = (body: unknown) => server.call<ResolveAnswer>('POST', '/v1/programmes/venue/resolve', body);
const byAdvert = (advert: Uint8Array, phone?: TestPhone) =>
  resolve({
    advert: bytesToBase64url(advert),
    ...(phone === undefined ? {} : { phoneId: bytesToHex(phone.id) }),
  });

async function helloBody(phone: TestPhone, at: TestBox) {
  const [nonce, transactionId] = [await phone.nonce(), crypto.randomBytes(16)];
  return {
    hello: bytesToBase64url(at.hello(challengeOf(crypto, nonce, phone.id, transactionId))),
    nonce: bytesToBase64url(nonce),
    phoneId: bytesToHex(phone.id),
    transactionId: bytesToHex(transactionId),
  };
}

beforeAll(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  server.nowMs = START_MS;
  box = await TestBox.enrol(server, `box-${bytesToHex(crypto.randomBytes(4))}`);
});
afterAll(() => server.close());

test('by advert: name, place and the offers of this touchpoint, with what is open to this shopper', async () => {
  const id = bytesToHex(crypto.randomBytes(4));
  for (const rules of [{ perWeek: 1 }, { until: '08:00' }]) {
    const offer = {
      id: `${id}-${Object.keys(rules)[0]?.toLowerCase()}`,
      touchpoints: [box.name],
      rules: shorthandRules(rules),
    };
    await server.admin('POST', '/offers', { ...offer, action: 'dispense', title: 'Coffee', amountMinor: 0 });
  }
  const [phone, other] = [await TestPhone.register(server), await TestPhone.register(server)];
  expect((await phone.tap(box, `${id}-perweek`)).status).toBe(200);
  const answer = await byAdvert(box.advert(), phone);
  expect(answer.body.touchpoint).toEqual({
    id: bytesToHex(box.id),
    name: box.name,
    title: box.name,
    place: '',
  });
  expect(answer.body.offers).toEqual([
    {
      id: `${id}-perweek`,
      title: 'Coffee',
      action: 'dispense',
      amountMinor: 0,
      currency: 'EUR',
      open: false,
      code: 'limit_reached',
      rule: 'once a week for each shopper',
      resetsAt: '2026-06-14T22:00:00.000Z',
    },
    expect.objectContaining({ id: `${id}-until`, open: false, code: 'window_closed' }),
  ]);
  for (const view of [await byAdvert(box.advert(), other), await byAdvert(box.advert())]) {
    expect(view.body.offers[0]).toMatchObject({ open: true });
  }
});

test('the nonce of the answer is good for a tap', async () => {
  const phone = await TestPhone.register(server);
  const answer = await byAdvert(box.advert(), phone);
  const serverNonce = Uint8Array.from(Buffer.from(answer.body.nonce, 'base64url'));
  const tap = await phone.redeem(await phone.request(box, 'nothing', { serverNonce }));
  expect(tap.body.code).toBe('offer_unknown');
});

test('property 15: an unknown ID, an old epoch, a wrong MAC and a revoked box are one answer', async () => {
  const forged = crypto.randomBytes(24);
  const tampered = box.advert();
  tampered[23] = (tampered[23] ?? 0) ^ 1;
  const old = box.advert();
  const revoked = await TestBox.enrol(server, `${box.name}-revoked`);
  await server.admin('POST', `/touchpoints/${revoked.name}/revoke`, {});
  const answers = [await byAdvert(forged), await byAdvert(tampered), await byAdvert(revoked.advert())];
  server.nowMs += 3 * EPOCH_MS;
  await refreshDueWindows(server.context);
  answers.push(await byAdvert(old));
  const shapes = answers.map(({ body }) => JSON.stringify({ ...body, instance: '' }));
  expect(new Set(shapes).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 404, body: { code: 'advert_unknown' } });
});

test('property 15: lookups are limited for each address, with the time to wait', async () => {
  const limited = await startTestServer({ rateLimits: { resolve: 3 } });
  const ask = () =>
    limited.call('POST', '/v1/programmes/venue/resolve', {
      advert: bytesToBase64url(crypto.randomBytes(24)),
    });
  for (let i = 0; i < 3; i++) expect((await ask()).status).toBe(404);
  const answer = await ask();
  expect(answer).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect((await limited.call('POST', '/v1/programmes/venue/nonces')).status).toBe(200);
  await limited.close();
});

test('as time passes, the adverts of the box stay known without a hello', async () => {
  for (let epoch = 0; epoch < 40; epoch++) {
    server.nowMs += EPOCH_MS;
    box.counterS += EPOCH_MS / 1_000;
    await refreshDueWindows(server.context);
    expect((await byAdvert(box.advert())).status, `epoch ${epoch}`).toBe(200);
  }
});

test('a box that skipped epochs at its restarts is still known, up to six ahead', async () => {
  box.counterS = 6 * 1_024;
  expect((await byAdvert(box.advert())).status).toBe(200);
  box.counterS = 7 * 1_024;
  expect((await byAdvert(box.advert())).status).toBe(404);
});

test('a box that was off for weeks is unknown by advert until its next hello', async () => {
  server.nowMs += 35 * 86_400_000;
  await refreshDueWindows(server.context);
  box.counterS = 1_024;
  const phone = await TestPhone.register(server);
  expect((await byAdvert(box.advert(), phone)).status).toBe(404);
  const resolved = await resolve(await helloBody(phone, box));
  expect(resolved.body.touchpoint.name).toBe(box.name);
  expect((await byAdvert(box.advert(), phone)).status).toBe(200);
});

test('a clock that was years ahead, and is set back: the next hello makes the box known again', async () => {
  const phone = await TestPhone.register(server);
  server.nowMs += 365 * 86_400_000;
  expect((await resolve(await helloBody(phone, box))).status).toBe(200);
  server.nowMs = START_MS + 20 * EPOCH_MS;
  box.counterS = 20 * 1_024;
  expect((await byAdvert(box.advert())).status).toBe(404);
  expect((await resolve(await helloBody(phone, box))).status).toBe(200);
  expect((await byAdvert(box.advert())).status).toBe(200);
});

test('by hello: each fault has its code', async () => {
  const phone = await TestPhone.register(server);
  const good = await helloBody(phone, box);
  expect((await resolve(good)).status).toBe(200);
  const otherTransaction = { ...good, transactionId: bytesToHex(crypto.randomBytes(16)) };
  expect((await resolve(otherTransaction)).body.code).toBe('challenge_mismatch');
  const foreignNonce = { ...good, nonce: bytesToBase64url(crypto.randomBytes(40)) };
  expect((await resolve(foreignNonce)).body.code).toBe('nonce_invalid');
  expect((await resolve({ ...good, hello: bytesToBase64url(crypto.randomBytes(170)) })).body.code).toBe(
    'seal_invalid',
  );
  server.nowMs += 120_001;
  expect((await resolve(good)).body.code).toBe('nonce_expired');
});

test('by hello: a box whose certificate is over is refused', async () => {
  const phone = await TestPhone.register(server);
  server.nowMs += 11 * 365 * 86_400_000;
  expect((await resolve(await helloBody(phone, box))).body.code).toBe('touchpoint_certificate_invalid');
});

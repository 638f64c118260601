import { SERVER_NONCE_TTL_MS } from '@tapseal/shared/bounds';
import { bytesToBase64url, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { decodeCbor, encodeCbor } from '@tapseal/shared/cbor';
import { challengeOf } from '@tapseal/shared/challenge';
import { verifyRefusal } from '@tapseal/shared/refusal';
import { signRegistration } from '@tapseal/shared/registration';
import { makeServerNonce } from '@tapseal/shared/server-nonce';
import { verifyVoucher } from '@tapseal/shared/voucher';
import { verifyVoucherJws } from '@tapseal/shared/voucher-jws';
import { type VoucherKey, voucherKeyOf } from '@tapseal/shared/voucher-key';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OfferRules } from '../decision/offer-rules.js';
import type { GrantPage } from '../http/admin-schemas.js';
import type { OfferAdminView, OfferVersionDetail } from '../http/offer-schemas.js';
import { makeEnrolmentRequest, TestBox } from '../testing/test-box.js';
import { type Shorthand, shorthandRules } from '../testing/test-offer.js';
import { bytesOfText, TestPhone } from '../testing/test-phone.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';

let server: TestServer;
let box: TestBox;
let keys: VoucherKey[];

async function addOffer(id: string, rules: OfferRules & Shorthand, touchpoint = 'lobby-1'): Promise<void> {
  const answer = await server.admin('POST', '/offers', {
    id,
    touchpoints: [touchpoint],
    action: 'open',
    rules: shorthandRules(rules),
  });
  expect(answer.status).toBe(201);
}

async function granted(id: string): Promise<number> {
  return (await server.admin<OfferAdminView>('GET', `/offers/${id}`)).body.granted;
}

async function decisionCount(): Promise<number> {
  return (await server.admin<GrantPage>('GET', '/grants?decisions=all&limit=500')).body.grants.length;
}

beforeAll(async () => {
  server = await startTestServer();
  box = await TestBox.enrol(server, 'lobby-1');
  await TestBox.enrol(server, 'lobby-2');
  keys = [voucherKeyOf(crypto, server.authority.voucherSigner.publicKey.bytes)];
  await addOffer('gate', {});
});
beforeEach(() => {
  server.nowMs = START_MS;
});
afterAll(() => server.close());

test('a tap is granted, with a voucher in both forms that says what was asked', async () => {
  for (const algorithm of ['Ed25519', 'P-256'] as const) {
    const phone = await TestPhone.register(server, algorithm);
    const transactionId = crypto.randomBytes(16);
    const request = await phone.request(box, 'gate', { transactionId });
    const answer = await phone.redeem(request);
    expect(answer.status).toBe(200);
    const voucher = verifyVoucher(crypto, bytesOfText(answer.body.voucher), keys);
    expect(voucher).toMatchObject({ action: 'open', amountMinor: 0, serverTimeS: START_MS / 1_000 });
    expect(voucher.touchpointId).toEqual(box.id);
    // What the server gives out as the text of the version is what it signed the hash of.
    const version = await server.admin<OfferVersionDetail>('GET', '/offers/gate/versions/1');
    const offerHash = crypto.sha256(utf8(version.body.canonical));
    const requestHash = crypto.sha256(request);
    expect(voucher.requestHash).toEqual(requestHash.slice(0, 16));
    expect(voucher.offerHash).toEqual(offerHash.slice(0, 16));
    expect(await verifyVoucherJws(crypto, answer.body.jws, keys)).toMatchObject({
      iss: 'venue',
      jti: bytesToHex(transactionId),
      offer: 'gate',
      offerVersion: 1,
      offerHash: bytesToBase64url(offerHash),
      requestHash: bytesToBase64url(requestHash),
    });
    expect(answer.body.manifest).toBeUndefined();
  }
});

describe('the same transaction again', () => {
  test('gets the same bytes, hours later, though its nonce is long over; and is counted once', async () => {
    const phone = await TestPhone.register(server);
    await addOffer('idempotent', { max: 5 });
    const request = await phone.request(box, 'idempotent');
    const first = await phone.redeem(request);
    server.nowMs += 7 * 3_600_000;
    expect((await phone.redeem(request)).body).toEqual(first.body);
    expect(await granted('idempotent')).toBe(1);
  });

  test('a refusal is repeated as it was, though the offer is open again', async () => {
    const phone = await TestPhone.register(server);
    await addOffer('morning', { until: '10:00' });
    const request = await phone.request(box, 'morning');
    const first = await phone.redeem(request);
    expect(first.body.code).toBe('window_closed');
    server.nowMs += 15 * 3_600_000;
    const again = await phone.redeem(request);
    expect(again.body).toEqual({ ...first.body, instance: again.body.instance });
  });

  test('with other contents it is a conflict, and the first answer stands', async () => {
    const phone = await TestPhone.register(server);
    const transactionId = crypto.randomBytes(16);
    const request = await phone.request(box, 'gate', { transactionId });
    const first = await phone.redeem(request);
    const other = await phone.redeem(await phone.request(box, 'gate', { transactionId, amountMinor: 1 }));
    expect(other).toMatchObject({ status: 409, body: { code: 'transaction_conflict' } });
    expect((await phone.redeem(request)).body).toEqual(first.body);
  });

  test('another phone cannot read it', async () => {
    const [phone, thief] = [await TestPhone.register(server), await TestPhone.register(server)];
    const transactionId = crypto.randomBytes(16);
    await phone.redeem(await phone.request(box, 'gate', { transactionId }));
    const stolen = await thief.redeem(await thief.request(box, 'gate', { transactionId }));
    expect(stolen.body).toMatchObject({ code: 'transaction_conflict' });
    expect(stolen.body.voucher).toBeUndefined();
  });

  test('gets the same bytes though its touchpoint is revoked since', async () => {
    const phone = await TestPhone.register(server);
    const gone = await TestBox.enrol(server, 'gone');
    await addOffer('at-gone', {}, 'gone');
    const request = await phone.request(gone, 'at-gone');
    const first = await phone.redeem(request);
    expect((await server.admin('POST', '/touchpoints/gone/revoke')).status).toBe(200);
    expect((await phone.redeem(await phone.request(gone, 'at-gone'))).body.code).toBe('touchpoint_revoked');
    expect((await phone.redeem(request)).body).toMatchObject({
      voucher: first.body.voucher,
      jws: first.body.jws,
    });
  });

  test('does not tell where the box stands: its hello is as old as the first time', async () => {
    const phone = await TestPhone.register(server);
    const still = await TestBox.enrol(server, 'still');
    await addOffer('at-still', {}, 'still');
    const request = await phone.request(still, 'at-still');
    await phone.redeem(request);
    const before = await server.context.store.findBox('venue', still.id);
    server.nowMs += SERVER_NONCE_TTL_MS - 1_000;
    expect((await phone.redeem(request)).status).toBe(200);
    expect(await server.context.store.findBox('venue', still.id)).toEqual(before);
  });

  test('many copies at once are one grant, and all get the same bytes', async () => {
    const phone = await TestPhone.register(server);
    await addOffer('at-once', { max: 5 });
    const request = await phone.request(box, 'at-once');
    const answers = await Promise.all(Array.from({ length: 20 }, () => phone.redeem(request)));
    expect(new Set(answers.map(({ body }) => body.voucher)).size).toBe(1);
    expect(await granted('at-once')).toBe(1);
  });
});

describe('each step refuses with its own code, and changes nothing', () => {
  let phone: TestPhone;
  let decisions: number;

  beforeAll(async () => {
    phone = await TestPhone.register(server);
    decisions = await decisionCount();
  });

  async function refused(request: Uint8Array, status: number, code: string): Promise<void> {
    const answer = await phone.redeem(request);
    expect(answer).toMatchObject({ status, body: { code, type: `urn:tapseal:problem:${code}`, status } });
    expect(answer.body.refusal).toBeUndefined();
    expect(await decisionCount()).toBe(decisions);
  }

  test('shape: a request of another programme', async () => {
    await refused(await phone.request(box, 'gate', { programme: 'other' }), 400, 'message_malformed');
  });

  test('shape: no CBOR', async () => {
    await refused(Uint8Array.of(0xff, 0x00), 400, 'message_malformed');
  });

  test('nonce: of another key, or of another programme', async () => {
    const foreign = makeServerNonce(crypto, crypto.randomBytes(32), 'venue', START_MS);
    await refused(await phone.request(box, 'gate', { serverNonce: foreign }), 400, 'nonce_invalid');
    const other = makeServerNonce(crypto, server.authority.nonceKey, 'other', START_MS);
    await refused(await phone.request(box, 'gate', { serverNonce: other }), 400, 'nonce_invalid');
  });

  test('property 14: an old nonce gets nothing', async () => {
    const request = await phone.request(box, 'gate');
    server.nowMs += 120_001;
    await refused(request, 400, 'nonce_expired');
  });

  test('phone: not registered', async () => {
    await refused(await new TestPhone(server).request(box, 'gate'), 403, 'phone_unknown');
  });

  test('phone: a certificate that is over', async () => {
    server.nowMs += 3 * 365 * 86_400_000;
    await refused(await phone.request(box, 'gate'), 403, 'phone_certificate_invalid');
  });

  test('phone: signed by another key', async () => {
    const other = new TestPhone(server);
    await refused(await phone.request(box, 'gate', {}, other.signer), 400, 'phone_signature_invalid');
  });

  test('seal: a hello that is not for this server', async () => {
    const sealedHello = crypto.seal(
      crypto.boxKeyPair(crypto.randomBytes(32)).publicKey,
      crypto.randomBytes(120),
    );
    await refused(await phone.request(box, 'gate', { sealedHello }), 400, 'seal_invalid');
  });

  test('touchpoint: not enrolled', async () => {
    const keysOfStranger = { signer: box.signer, advertPrivateKey: crypto.randomBytes(32) };
    const stranger = new TestBox(server, 'stranger', crypto.randomBytes(8), keysOfStranger);
    await refused(await phone.request(stranger, 'gate'), 404, 'touchpoint_unknown');
  });

  test('touchpoint: a hello signed by another key', async () => {
    const { signer } = await makeEnrolmentRequest('0000-0000-0000-0000-0000-0000-0000-0000');
    const impostor = new TestBox(server, 'lobby-1', box.id, {
      signer,
      advertPrivateKey: crypto.randomBytes(32),
    });
    await refused(await phone.request(impostor, 'gate'), 400, 'hello_signature_invalid');
  });

  test('property 14: an old hello, of another transaction, gets nothing', async () => {
    const serverNonce = await phone.nonce();
    const challenge = challengeOf(crypto, serverNonce, phone.id, crypto.randomBytes(16));
    const request = await phone.request(box, 'gate', { serverNonce, sealedHello: box.hello(challenge) });
    await refused(request, 400, 'challenge_mismatch');
  });

  test('box nonce: granted to another transaction already', async () => {
    const boxNonce = crypto.randomBytes(16);
    const ask = async () => {
      const [serverNonce, transactionId] = [await phone.nonce(), crypto.randomBytes(16)];
      const challenge = challengeOf(crypto, serverNonce, phone.id, transactionId);
      const sealedHello = box.hello(challenge, { boxNonce });
      return phone.request(box, 'gate', { serverNonce, transactionId, sealedHello });
    };
    expect((await phone.redeem(await ask())).status).toBe(200);
    decisions += 1;
    await refused(await ask(), 409, 'box_nonce_used');
  });
});

describe('rules refuse with a signed refusal, on record, and count nothing', () => {
  test.each([
    ['offer_unknown', 404, 'nothing', {}],
    ['offer_not_here', 403, 'elsewhere', {}],
    ['offer_paused', 403, 'paused', {}],
    ['offer_amount_mismatch', 409, 'gate', { amountMinor: 5 }],
    ['offer_not_started', 403, 'future', {}],
    ['offer_ended', 403, 'past', {}],
    ['window_closed', 403, 'early', {}],
  ])('%s', async (code, status, offer, changes) => {
    if (offer === 'elsewhere') await addOffer(offer, {}, 'lobby-2');
    if (offer === 'paused') await addOffer(offer, {});
    if (offer === 'paused') await server.admin('POST', '/offers/paused/pause');
    if (offer === 'future') await addOffer(offer, { validFrom: '2026-06-11' });
    if (offer === 'past') await addOffer(offer, { validTo: '2026-06-09' });
    if (offer === 'early') await addOffer(offer, { until: '08:00' });
    const phone = await TestPhone.register(server);
    const before = await decisionCount();
    const request = await phone.request(box, offer, changes);
    const answer = await phone.redeem(request);
    expect(answer).toMatchObject({ status, body: { code } });
    const refusal = await verifyRefusal(crypto, bytesOfText(answer.body.refusal ?? ''), keys);
    expect(refusal).toMatchObject({ code, requestHash: crypto.sha256(request) });
    expect(answer.body.resetsAt === undefined).toBe(refusal.resetsAtS === 0);
    expect(await decisionCount()).toBe(before + 1);
  });

  test('a time past 2106 is more than the refusal can say: the offer is refused all the same, and again', async () => {
    await addOffer('far-away', { validFrom: '2200-01-01' });
    const phone = await TestPhone.register(server);
    const request = await phone.request(box, 'far-away');
    const answer = await phone.redeem(request);
    expect(answer).toMatchObject({ status: 403, body: { code: 'offer_not_started' } });
    const refusal = await verifyRefusal(crypto, bytesOfText(answer.body.refusal ?? ''), keys);
    expect(refusal).toMatchObject({ code: 'offer_not_started', resetsAtS: 0 });
    expect((await phone.redeem(request)).body.refusal).toBe(answer.body.refusal);
  });

  test('once a week for each shopper: the second is refused with the time it resets, and then granted', async () => {
    await addOffer('weekly', { perWeek: 1 });
    const [phone, other] = [await TestPhone.register(server), await TestPhone.register(server)];
    expect((await phone.tap(box, 'weekly')).status).toBe(200);
    const second = await phone.tap(box, 'weekly');
    expect(second).toMatchObject({
      status: 403,
      body: {
        code: 'limit_reached',
        detail: 'once a week for each shopper: 1 of 1 used',
        resetsAt: '2026-06-14T22:00:00.000Z',
      },
    });
    expect((await other.tap(box, 'weekly')).status).toBe(200);
    server.nowMs = Date.parse('2026-06-14T22:00:00.000Z') - 1;
    expect((await phone.tap(box, 'weekly')).status).toBe(403);
    server.nowMs += 1;
    expect((await phone.tap(box, 'weekly')).status).toBe(200);
  });

  test('property 12: only until 12:00, to the millisecond, by the clock of the server', async () => {
    await addOffer('noon', { until: '12:00' });
    const phone = await TestPhone.register(server);
    server.nowMs = Date.parse('2026-06-10T09:59:59.999Z');
    expect((await phone.tap(box, 'noon')).status).toBe(200);
    server.nowMs += 1;
    expect((await phone.tap(box, 'noon')).body.code).toBe('window_closed');
  });

  test('an amount is approved as it is offered', async () => {
    const paid = { id: 'paid', touchpoints: ['lobby-1'], action: 'dispense', amountMinor: 250, rules: {} };
    expect((await server.admin('POST', '/offers', paid)).status).toBe(201);
    const phone = await TestPhone.register(server);
    const answer = await phone.redeem(await phone.request(box, 'paid', { amountMinor: 250 }));
    expect(verifyVoucher(crypto, bytesOfText(answer.body.voucher), keys).amountMinor).toBe(250);
  });
});

test('200 requests at once on a limit of 100: exactly 100 vouchers', async () => {
  await addOffer('hundred', { max: 100 });
  const phone = await TestPhone.register(server);
  const requests = await Promise.all(Array.from({ length: 200 }, () => phone.request(box, 'hundred')));
  const answers = await Promise.all(requests.map((request) => phone.redeem(request)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
  expect(answers.filter(({ body }) => body.code === 'limit_reached')).toHaveLength(100);
  expect(await granted('hundred')).toBe(100);
});

describe('property 21: revocation is effective at the very next request', () => {
  test('of a phone', async () => {
    const phone = await TestPhone.register(server);
    const request = await phone.request(box, 'gate');
    expect((await phone.redeem(request)).status).toBe(200);
    await server.admin('POST', `/phones/${bytesToHex(phone.id)}/revoke`, { reason: 'lost' });
    expect((await phone.tap(box, 'gate')).body.code).toBe('phone_revoked');
    // Nor does it get its old answers any more.
    expect((await phone.redeem(request)).body.code).toBe('phone_revoked');
    expect((await phone.register()).body.code).toBe('phone_revoked');
  });

  test('of a touchpoint; and boxes behind the manifest get the new one with their next voucher', async () => {
    const stolen = await TestBox.enrol(server, 'stolen-1');
    await addOffer('stolen-gate', {}, 'stolen-1');
    const phone = await TestPhone.register(server);
    expect((await phone.tap(stolen, 'stolen-gate')).status).toBe(200);
    await server.admin('POST', '/touchpoints/stolen-1/revoke', {});
    expect((await phone.tap(stolen, 'stolen-gate')).body.code).toBe('touchpoint_revoked');

    const behind = await phone.tap(box, 'gate');
    const manifest = await server.call<{ version: number; manifest: string }>(
      'GET',
      '/v1/programmes/venue/manifest',
    );
    expect(behind.body.manifest).toBe(manifest.body.manifest);
    box.manifestVersion = manifest.body.version;
    expect((await phone.tap(box, 'gate')).body.manifest).toBeUndefined();
  });
});

test('property 8: any one bit of a request flipped is refused, with one shape of error', async () => {
  const phone = await TestPhone.register(server);
  const request = await phone.request(box, 'gate');
  const before = await decisionCount();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: request.length * 8 - 1 }), async (bit) => {
      const spoilt = Uint8Array.from(request);
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const { status, body, headers } = await phone.redeem(spoilt);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(headers['content-type']).toContain('application/problem+json');
      expect(
        Object.keys(body)
          .sort()
          .filter((key) => key !== 'detail'),
      ).toEqual(['advice', 'code', 'instance', 'status', 'title', 'type']);
    }),
    { numRuns: 300 },
  );
  expect(await decisionCount()).toBe(before);
});

test('property 9: no signature of another kind or party passes for a request', async () => {
  const phone = await TestPhone.register(server);
  const registration = await signRegistration('venue', await phone.nonce(), phone.signer);
  const granted = await phone.tap(box, 'gate');
  const receipt = box.receipt(bytesOfText(granted.body.voucher));
  for (const bytes of [registration, receipt, bytesOfText(granted.body.voucher)]) {
    expect((await phone.redeem(bytes)).body.code).toBe('message_malformed');
  }
  // The payload of a request under the context string of a registration.
  const request = await phone.request(box, 'gate');
  const [header, unprotected, payload] = decodeCbor(request) as [Uint8Array, Map<number, number>, Uint8Array];
  const asRegistration = phone.signer.sign(
    encodeCbor(['Signature1', header, new TextEncoder().encode('tapseal/1/registration'), payload]),
  );
  const forged = encodeCbor([header, unprotected, payload, asRegistration]);
  expect((await phone.redeem(forged)).body.code).toBe('phone_signature_invalid');
  // A request signed by a touchpoint's key, and a hello signed by the phone's.
  expect((await phone.redeem(await phone.request(box, 'gate', {}, box.signer))).body.code).toBe(
    'phone_signature_invalid',
  );
  const [serverNonce, transactionId] = [await phone.nonce(), crypto.randomBytes(16)];
  const challenge = challengeOf(crypto, serverNonce, phone.id, transactionId);
  const sealedHello = box.hello(challenge, {}, phone.signer);
  const byPhone = await phone.request(box, 'gate', { serverNonce, transactionId, sealedHello });
  expect((await phone.redeem(byPhone)).body.code).toBe('hello_signature_invalid');
});

test('property 10: a request that asks for another algorithm is refused before any signature is checked', async () => {
  const phone = await TestPhone.register(server);
  const request = await phone.request(box, 'gate');
  const [, unprotected, payload, signature] = decodeCbor(request) as [
    Uint8Array,
    Map<number, number>,
    Uint8Array,
    Uint8Array,
  ];
  for (const algorithm of [-7, -257, 5, 0]) {
    const header = encodeCbor(new Map([[1, algorithm]]));
    const answer = await phone.redeem(encodeCbor([header, unprotected, payload, signature]));
    expect(answer.body.code).toBe('suite_unsupported');
  }
});

test('the body: a field too many, too long or missing is named, and never repeated', async () => {
  const path = '/v1/programmes/venue/redemptions';
  const call = (body: unknown) => server.call('POST', path, body);
  expect((await call({ request: 'AAAA', extra: 1 })).body).toMatchObject({
    code: 'body_invalid',
    detail: 'body: unknown field extra',
  });
  expect((await call({})).body).toMatchObject({
    code: 'body_invalid',
    detail: expect.stringContaining('request'),
  });
  expect((await call({ request: 'A'.repeat(5_000) })).body).toMatchObject({
    code: 'message_too_long',
    status: 413,
    detail: expect.stringContaining('request'),
  });
  expect((await call({ request: 12 })).body.code).toBe('body_invalid');
  expect((await call({ request: 'A'.repeat(20_000) })).body).toMatchObject({
    code: 'body_too_long',
    status: 413,
  });
  expect((await call({ request: bytesToBase64url(crypto.randomBytes(30)).slice(0, 37) })).status).toBe(400);
});

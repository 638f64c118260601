import { X509Certificate } from 'node:crypto';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { signRegistration } from '@tapseal/shared/registration';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestPhone } from '../testing/test-phone.js';
import { crypto, START_MS, startTestServer, type TestServer } from '../testing/test-server.js';
import { addToken } from '../testing/test-venue.js';
import { registerPhone } from './register-phone.js';

let server: TestServer;
let appToken: string;

beforeAll(async () => {
  server = await startTestServer();
  appToken = (await addToken(server, 'app')).token;
});
beforeEach(() => {
  server.nowMs = START_MS;
});
afterAll(() => server.close());

test.each(['Ed25519', 'P-256'] as const)(
  'a phone with a key of %s gets a certificate for it',
  async (algorithm) => {
    const phone = await TestPhone.register(server, algorithm);
    const certificate = new X509Certificate(phone.certificate);
    const id = bytesToHex(phone.id);
    expect(certificate.subject).toBe(`O=venue\nOU=phone\nCN=${id}\nserialNumber=${id}`);
    const der = certificate.publicKey.export({ format: 'der', type: 'spki' });
    expect(Uint8Array.from(der.subarray(-phone.signer.publicKey.bytes.length))).toEqual(
      phone.signer.publicKey.bytes,
    );
  },
);

test('the same key again is the same phone; its certificate is renewed when it nears its end', async () => {
  const phone = await TestPhone.register(server);
  const { shopper, certificate } = phone;
  expect((await phone.register()).body).toMatchObject({ shopper, certificate });
  server.nowMs += 690 * 86_400_000;
  const renewed = (await phone.register()).body;
  expect(renewed.shopper).toBe(shopper);
  expect(renewed.certificate).not.toBe(certificate);
});

test('property 29: with a token of the app, many keys are one shopper; the reference is not kept in clear', async () => {
  const [one, two] = [new TestPhone(server), new TestPhone(server, 'P-256')];
  // Letters that no hexadecimal number and no time has.
  await one.register('customer-zyx', appToken);
  await two.register('customer-zyx', appToken);
  expect(one.shopper).toBe(two.shopper);
  expect(one.shopper).not.toContain('zyx');
  expect((await one.register('customer-xyz', appToken)).body.code).toBe('state_conflict');
  expect(server.logLines.join('')).not.toContain('zyx');
});

test('a shopper reference needs the token of an app, or of an owner', async () => {
  const operator = (await addToken(server, 'operator')).token;
  const phone = new TestPhone(server);
  expect(await phone.register('customer')).toMatchObject({ status: 401, body: { code: 'token_missing' } });
  expect((await phone.register('customer', `${appToken.slice(0, -1)}!`)).body.code).toBe('token_invalid');
  expect((await phone.register('customer', operator)).body.code).toBe('token_forbidden');
  expect((await phone.register('customer', server.ownerToken)).status).toBe(200);
});

test('a registration without proof of possession, with an old nonce or for another programme is refused', async () => {
  const phone = new TestPhone(server);
  const post = async (registration: Uint8Array) => {
    const body = { registration: bytesToBase64url(registration) };
    return (await server.call('POST', '/v1/programmes/venue/phones', body)).body.code;
  };
  const nonce = await phone.nonce();
  const stranger = new TestPhone(server);
  const borrowed = { publicKey: phone.signer.publicKey, sign: stranger.signer.sign };
  expect(await post(await signRegistration('venue', nonce, borrowed))).toBe('proof_invalid');
  expect(await post(await signRegistration('other', nonce, phone.signer))).toBe('message_malformed');
  expect(await post(await signRegistration('venue', crypto.randomBytes(40), phone.signer))).toBe(
    'nonce_invalid',
  );
  server.nowMs += 120_001;
  expect(await post(await signRegistration('venue', nonce, phone.signer))).toBe('nonce_expired');
});

test('a phone that is revoked while its certificate is renewed gets none', async () => {
  const phone = await TestPhone.register(server);
  server.nowMs += 690 * 86_400_000;
  const { context } = server;
  const store = {
    ...context.store,
    findPhone: async (programme: string, id: Uint8Array) => {
      const found = await context.store.findPhone(programme, id);
      const audit = { atMs: server.nowMs, token: 'token', act: 'phone.revoke', object: '' };
      await context.store.revokePhone(programme, id, undefined, audit);
      return found;
    },
  };
  const registration = await signRegistration('venue', await phone.nonce(), phone.signer);
  await expect(registerPhone({ ...context, store }, 'venue', registration, undefined)).rejects.toMatchObject({
    code: 'phone_revoked',
  });
  const kept = await context.store.findPhone('venue', phone.id);
  expect(new X509Certificate(kept?.certificate ?? '').toString()).toBe(
    new X509Certificate(phone.certificate).toString(),
  );
});

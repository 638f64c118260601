import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { encodeJwk } from '@tapseal/shared/jwk';
import { truncatedHash } from '@tapseal/shared/truncated-hash';
import { signVoucher, type Voucher } from '@tapseal/shared/voucher';
import { signVoucherJws, type VoucherGrounds, voucherClaims } from '@tapseal/shared/voucher-jws';
import { voucherKeyOf } from '@tapseal/shared/voucher-key';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalOffer, offerHash } from '../decision/offer-hash.js';
import { testOffer } from '../testing/test-offer.js';
import { type Home, makeHome } from './testing/tapseal-process.js';

const crypto = createNativeCrypto();
const signer = crypto.signer('Ed25519', new Uint8Array(32).fill(7));
const stranger = crypto.signer('Ed25519', new Uint8Array(32).fill(8));
const { keyId } = voucherKeyOf(crypto, signer.publicKey.bytes);

const offer = testOffer({ max: 100 }, 'Europe/Berlin', {
  id: 'free-coffee',
  version: 3,
  title: 'A coffee, or für ½ €',
  action: 'dispense',
  amountMinor: 250,
});
const offerText = canonicalOffer(offer);

const grounds: VoucherGrounds = {
  programme: 'main',
  offer: offer.id,
  offerVersion: offer.version,
  offerHash: offerHash(crypto, offerText),
  requestHash: new Uint8Array(32).fill(6),
};

const voucher: Voucher = {
  touchpointId: new Uint8Array(8).fill(1),
  boxNonce: new Uint8Array(16).fill(2),
  transactionId: new Uint8Array(16).fill(3),
  action: 'dispense',
  amountMinor: 250,
  serverTimeS: 1_790_000_000,
  manifestVersion: 4,
  receiptsThrough: 5,
  requestHash: truncatedHash(grounds.requestHash),
  offerHash: truncatedHash(grounds.offerHash),
};
const cose = signVoucher(voucher, signer, keyId);
const jws = signVoucherJws(crypto, voucherClaims(voucher, grounds), signer);

let home: Home;

beforeAll(() => {
  home = makeHome();
  writeFileSync(home.path('cose'), cose);
  writeFileSync(home.path('cose.txt'), `${bytesToBase64url(cose)}\n`);
  writeFileSync(home.path('jws'), `${jws}\n`);
  writeFileSync(home.path('offer.json'), offerText);
  const keySet = (bytes: Uint8Array): string => JSON.stringify({ keys: [encodeJwk(crypto, bytes)] });
  writeFileSync(home.path('jwks.json'), keySet(signer.publicKey.bytes));
  writeFileSync(home.path('other.json'), keySet(stranger.publicKey.bytes));
});

afterAll(() => home.remove());

function verify(...args: string[]) {
  return home.run(['voucher', 'verify', ...args]);
}

describe('tapseal voucher verify, without a network', () => {
  test.each(['cose', 'cose.txt', 'jws'])('a valid voucher passes every check: %s', async (file) => {
    const { code, stdout, stderr } = await verify(file, '--jwks', 'jwks.json', '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const answer = JSON.parse(stdout);
    expect(answer.valid).toBe(true);
    expect(
      answer.checks.map((check: { name: string; result: string }) => [check.name, check.result]),
    ).toEqual([
      ['keys', 'passed'],
      ['shape', 'passed'],
      ['algorithm', 'passed'],
      ['signature', 'passed'],
    ]);
    expect(answer.voucher).toMatchObject({
      transactionId: '03'.repeat(16),
      action: 'dispense',
      amountMinor: 250,
    });
  });

  test('people read VALID and what the voucher says', async () => {
    const { stdout } = await verify('jws', '--jwks', 'jwks.json');
    expect(stdout).toMatch(/^VALID voucher \(JWS form\)/);
    expect(stdout).toMatch(/^offer +free-coffee, version 3$/m);
    expect(stdout).toContain(`SHA-256 ${bytesToBase64url(grounds.offerHash)}`);
    expect(stdout).toContain('2026-09-21T14:13:20Z');
  });

  const tampered: readonly [string, () => Uint8Array | string, string, string, string][] = [
    [
      'one bit of the signature',
      () => cose.with(cose.length - 1, (cose.at(-1) ?? 0) ^ 1),
      'jwks.json',
      'signature',
      'voucher_signature_invalid',
    ],
    [
      'another amount in the JWS',
      () => withAmount(jws, 1),
      'jwks.json',
      'signature',
      'voucher_signature_invalid',
    ],
    ['a key that is not in the set', () => cose, 'other.json', 'signature', 'voucher_signature_invalid'],
    ['a byte too many', () => new Uint8Array([...cose, 0]), 'jwks.json', 'shape', 'message_malformed'],
    [
      'an algorithm of the attacker',
      () => withHeader(jws, { alg: 'none' }),
      'jwks.json',
      'algorithm',
      'suite_unsupported',
    ],
    [
      'another kind of token',
      () => withHeader(jws, { alg: 'EdDSA', typ: 'JWT' }),
      'jwks.json',
      'algorithm',
      'suite_unsupported',
    ],
  ];
  test.each(tampered)('refused: %s', async (_name, content, keys, failing, code) => {
    writeFileSync(home.path('tampered'), content());
    const result = await verify('tampered', '--jwks', keys, '--json');
    expect(result.code).toBe(1);
    const answer = JSON.parse(result.stdout);
    expect(answer).toMatchObject({ valid: false, code });
    expect(answer.voucher).toBeUndefined();
    const first = answer.checks.find((check: { result: string }) => check.result !== 'passed');
    expect(first).toMatchObject({ name: failing, result: 'failed' });
    expect(JSON.parse(result.stderr)).toMatchObject({ code });
  });

  test('a file that is no JWK set fails the check of the keys', async () => {
    writeFileSync(home.path('no-set.json'), '{"keys":5}');
    const result = await verify('jws', '--jwks', 'no-set.json');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/keys +FAILED/);
    expect(result.stdout).toContain('NOT VALID');
  });

  test.each([
    ['no file of this name', ['missing', '--jwks', 'jwks.json'], 'There is no file missing.'],
    ['no keys anywhere', ['jws'], 'There are no keys to verify with.'],
    ['no JSON', ['jws', '--jwks', 'jws'], 'jws is not JSON.'],
    ['a folder', ['.', '--jwks', 'jwks.json'], '. is not a file.'],
    [
      '--openssl with a file beside the voucher',
      ['jws', '--jwks', 'jwks.json', '--openssl', '--offer-version', 'offer.json'],
      'do not go with --openssl',
    ],
    ['--out alone', ['jws', '--jwks', 'jwks.json', '--out', 'x'], '--out belongs to --openssl.'],
  ])('a fault of usage: %s', async (_name, args, sentence) => {
    const result = await verify(...args);
    expect(result.stdout).toBe('');
    expect(result.stderr).toContain(sentence);
    expect(result.code).toBe(sentence.includes('JSON') ? 1 : 2);
  });

  test('a file that is far too long is not read', async () => {
    writeFileSync(home.path('long'), new Uint8Array(5_000));
    const result = await verify('long', '--jwks', 'jwks.json');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('5000 bytes');
  });
});

describe('tapseal voucher verify --offer-version', () => {
  test.each(['cose', 'jws'])('says yes to the text of the version that granted: %s', async (file) => {
    const json = await verify(file, '--jwks', 'jwks.json', '--offer-version', 'offer.json', '--json');
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout).checks.at(-1)).toMatchObject({ name: 'offer', result: 'passed' });
    const { stdout } = await verify(file, '--jwks', 'jwks.json', '--offer-version', 'offer.json');
    expect(stdout).toMatch(/^VALID/);
    expect(stdout).toMatch(/^offer +ok/m);
  });

  test.each(['\n', '\r\n'])('does not mind the line end that an editor adds', async (lineEnd) => {
    writeFileSync(home.path('line.json'), `${offerText}${lineEnd}`);
    expect((await verify('jws', '--jwks', 'jwks.json', '--offer-version', 'line.json')).code).toBe(0);
  });

  test.each([
    ['another maximum', canonicalOffer({ ...offer, rules: { limits: [{ maximum: 1_000 }] } })],
    ['the version after', canonicalOffer({ ...offer, version: 4 })],
    ['another order of the same', JSON.stringify(offer)],
    ['two line ends', `${offerText}\n\n`],
    ['nothing', ''],
  ])('says no to %s, and that the voucher itself is good', async (_name, text) => {
    writeFileSync(home.path('other-offer.json'), text);
    for (const file of ['cose', 'jws']) {
      const args = [file, '--jwks', 'jwks.json', '--offer-version', 'other-offer.json'];
      const json = await verify(...args, '--json');
      expect(json.code).toBe(1);
      const answer = JSON.parse(json.stdout);
      expect(answer).toMatchObject({ valid: false, code: 'voucher_mismatch', voucher: { amountMinor: 250 } });
      expect(answer.checks.filter((check: { result: string }) => check.result !== 'passed')).toMatchObject([
        { name: 'offer', result: 'failed' },
      ]);
      const { stdout } = await verify(...args);
      expect(stdout).toMatch(/^NO MATCH: a valid voucher/);
      expect(stdout).toMatch(/^offer +FAILED/m);
    }
  });
});

describe('tapseal voucher verify --other-form', () => {
  test.each([
    ['cose', 'jws'],
    ['jws', 'cose.txt'],
  ])('both forms of one voucher say the same: %s and %s', async (file, other) => {
    const result = await verify(file, '--jwks', 'jwks.json', '--other-form', other, '--json');
    expect(result.code).toBe(0);
    expect(JSON.parse(result.stdout).checks.at(-1)).toMatchObject({ name: 'forms', result: 'passed' });
  });

  const signedCose = (change: Partial<Voucher>) => signVoucher({ ...voucher, ...change }, signer, keyId);
  const different = new Uint8Array(16).fill(9);
  test.each([
    ['the request hash', signedCose({ requestHash: different }), 'request hash'],
    ['the offer hash', signedCose({ offerHash: different }), 'offer hash'],
    ['the amount', signedCose({ amountMinor: 249 }), 'amount'],
    ['the transaction', signedCose({ transactionId: different }), 'transaction'],
  ])('a COSE voucher that differs in %s is not of it', async (_name, other, difference) => {
    writeFileSync(home.path('other.cose'), other);
    const result = await verify('jws', '--jwks', 'jwks.json', '--other-form', 'other.cose', '--json');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ valid: false, code: 'voucher_mismatch' });
    expect(JSON.parse(result.stderr).detail).toBe(`the forms differ in ${difference}`);
  });

  test('a JWS whose hash is cut short agrees with nothing', async () => {
    const claims = {
      ...voucherClaims(voucher, grounds),
      offerHash: bytesToBase64url(voucher.offerHash).slice(0, 4),
    };
    writeFileSync(home.path('short.jws'), signVoucherJws(crypto, claims, signer));
    const result = await verify('cose', '--jwks', 'jwks.json', '--other-form', 'short.jws', '--json');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stderr).detail).toBe('the forms differ in offer hash');
  });

  test('the same form twice proves nothing', async () => {
    const result = await verify('jws', '--jwks', 'jwks.json', '--other-form', 'jws');
    expect(result.code).toBe(1);
    expect(result.stdout).toMatch(/^forms +FAILED/m);
  });

  test('the other form has to be signed as well', async () => {
    writeFileSync(home.path('forged.cose'), cose.with(cose.length - 1, (cose.at(-1) ?? 0) ^ 1));
    const args = [
      'jws',
      '--jwks',
      'jwks.json',
      '--other-form',
      'forged.cose',
      '--offer-version',
      'offer.json',
    ];
    const result = await verify(...args, '--json');
    expect(result.code).toBe(1);
    const answer = JSON.parse(result.stdout);
    expect(answer.code).toBe('voucher_signature_invalid');
    expect(answer.checks.slice(-2)).toMatchObject([
      { name: 'forms', result: 'failed' },
      { name: 'offer', result: 'not_reached' },
    ]);
  });
});

describe('--openssl', () => {
  test.each(['cose', 'cose.txt', 'jws'])('the commands verify %s, and refuse it altered', async (file) => {
    const out = `check-${file}`;
    const made = await verify(file, '--jwks', 'jwks.json', '--openssl', '--out', out);
    expect(made.code).toBe(0);
    const script = home.path(`${out}/verify.sh`);
    expect(execFileSync('sh', [script], { encoding: 'utf8' })).toContain('Signature Verified Successfully');
    const path = home.path(`${out}/voucher`);
    const altered = readFileSync(path);
    const middle = altered.length - 40;
    altered[middle] = (altered[middle] ?? 0) === 0x41 ? 0x42 : 0x41;
    writeFileSync(path, altered);
    const again = spawnSync('sh', [script], { encoding: 'utf8' });
    expect(again.status).not.toBe(0);
    expect(again.stdout).toContain('Signature Verification Failure');
  });

  test('the printed commands stand by themselves', async () => {
    const { stdout } = await verify('cose', '--jwks', 'jwks.json', '--openssl');
    writeFileSync(home.path('printed.sh'), stdout);
    expect(execFileSync('sh', ['-e', 'printed.sh'], { cwd: home.directory, encoding: 'utf8' })).toContain(
      'Successfully',
    );
    expect(stdout).not.toContain('node');
  });

  test('does not make commands for a key that is not in the set', async () => {
    const result = await verify('cose', '--jwks', 'other.json', '--openssl', '--json');
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stderr).code).toBe('voucher_signature_invalid');
  });
});

function withAmount(token: string, amountMinor: number): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const claims = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), amountMinor };
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
}

function withHeader(token: string, change: Record<string, string>): string {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), ...change };
  return `${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${payload}.${signature}`;
}

/** The commands of docs/verify.md, run as they stand there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesToBase64url, bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';
import { encodeJwk } from '@tapseal/shared/jwk';
import { fixedOfferText, fixedParties, fixedTap } from '@tapseal/shared/vectors/fixed-parties';
import { signVoucherJws, type VoucherClaims } from '@tapseal/shared/voucher-jws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadAuthority } from '../authority/authority.js';
import { createAuthority } from '../authority/create-authority.js';
import { canonicalOffer, offerHash } from '../decision/offer-hash.js';
import { testOffer } from '../testing/test-offer.js';

const crypto = createNativeCrypto();
const other = crypto.signer('Ed25519', new Uint8Array(32).fill(8));
const guide = readFileSync(new URL('../../../docs/verify.md', import.meta.url), 'utf8');

const offer = {
  id: 'free-coffee',
  version: 3,
  title: 'Für alle: ½ €',
  action: 'dispense',
  amountMinor: 250,
} as const;
const offerText = canonicalOffer(testOffer({ max: 100 }, 'Europe/Berlin', offer));

let directory: string;
let signer: Signer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-guide-'));
  const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));
  symlinkSync(modules, join(directory, 'node_modules'));
  await createAuthority(crypto, directory, Date.now());
  const authority = await loadAuthority(crypto, directory);
  signer = authority.voucherSigner;
  writeFileSync(join(directory, 'authority.pem'), authority.root.pem);
  const x5c = [authority.voucherCertificate, authority.issuing, authority.root].map(({ der }) =>
    Buffer.from(der).toString('base64'),
  );
  const keys = [
    encodeJwk(crypto, other.publicKey.bytes),
    { ...encodeJwk(crypto, signer.publicKey.bytes), x5c },
  ];
  writeFileSync(join(directory, 'jwks.json'), JSON.stringify({ keys }, null, 2));
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function blocks(language: string): string[] {
  return [...guide.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(
    (found) => found[1] ?? '',
  );
}

/** Titles of several lengths, so that every length of base64url without padding occurs. */
function writeVoucher(offer: string): string {
  const claims: VoucherClaims = {
    iss: 'main',
    jti: '03'.repeat(16),
    iat: 1_700_000_000,
    touchpoint: '01'.repeat(8),
    action: 'dispense',
    amountMinor: 250,
    offer,
    offerVersion: 3,
    offerHash: bytesToBase64url(offerHash(crypto, offerText)),
    requestHash: 'A'.repeat(43),
  };
  const jws = signVoucherJws(crypto, claims, signer);
  writeFileSync(join(directory, 'voucher.jws'), `${jws}\n`);
  return jws;
}

function runShell(script: string) {
  return spawnSync('sh', ['-c', script], { cwd: directory, encoding: 'utf8' });
}

test.each(['a', 'ab', 'abc', 'abcd'])('openssl verifies, and the claims are read: offer %s', (offer) => {
  writeVoucher(offer);
  const [verify = '', read = ''] = blocks('sh');
  const verified = runShell(verify);
  expect(verified).toMatchObject({ status: 0, stderr: '' });
  expect(verified.stdout).toContain('Signature Verified Successfully');
  expect(runShell(`${verify}\n${read}`).stdout).toMatch(
    new RegExp(`"typ":"tapseal-voucher\\+jwt"}.*"offer":"${offer}"`, 's'),
  );
});

test('public tools tell the hash of the offer version from that of any other text', () => {
  writeVoucher('free-coffee');
  const [verify = '', , compare = ''] = blocks('sh');
  const hashesOf = (text: string): string[] => {
    writeFileSync(join(directory, 'offer.json'), text);
    const { status, stderr, stdout } = runShell(`set -e\n${verify}\n${compare}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout.trimEnd().split('\n').slice(-2);
  };
  const hex = bytesToHex(offerHash(crypto, offerText));
  expect(hashesOf(offerText)).toEqual([hex, hex]);
  for (const other of [offerText.replace('100', '1000'), `${offerText}\n`, offerText.replace(':', ': ')]) {
    const [ofText, ofVoucher] = hashesOf(other);
    expect(ofVoucher).toBe(hex);
    expect(ofText).toMatch(/^[0-9a-f]{64}$/);
    expect(ofText).not.toBe(hex);
  }
});

test('the COSE form ends with the first 16 bytes of the same hash', () => {
  const tap = fixedTap(fixedParties(crypto));
  writeFileSync(join(directory, 'voucher.cose'), tap.signedVoucher);
  const [, , , tail = ''] = blocks('sh');
  expect(runShell(tail)).toMatchObject({
    status: 0,
    stderr: '',
    stdout: `${bytesToHex(crypto.sha256(utf8(fixedOfferText))).slice(0, 32)}\n`,
  });
});

test('openssl refuses a voucher whose claims were changed', () => {
  const [header = '', , signature = ''] = writeVoucher('a').split('.');
  const claims = Buffer.from('{"iss":"main"}').toString('base64url');
  writeFileSync(join(directory, 'voucher.jws'), `${header}.${claims}.${signature}\n`);
  const [verify = ''] = blocks('sh');
  expect(runShell(verify)).toMatchObject({ status: 1 });
});

test('openssl follows the chain to the root, and to no other root', async () => {
  writeVoucher('a');
  const [verify = '', , , , chain = ''] = blocks('sh');
  const followed = runShell(`set -e\n${verify}\n${chain}`);
  expect(followed).toMatchObject({ status: 0, stderr: '' });
  expect(followed.stdout).toContain('chain.pem: OK');

  const elsewhere = join(directory, 'elsewhere');
  mkdirSync(elsewhere);
  await createAuthority(crypto, elsewhere, Date.now());
  const stranger = chain.replace('authority.pem', 'elsewhere/root.crt.pem');
  expect(runShell(`set -e\n${verify}\n${stranger}`).status).not.toBe(0);
});

test('a JOSE library verifies, and refuses what was changed', () => {
  const jws = writeVoucher('a');
  const [script = ''] = blocks('js');
  writeFileSync(join(directory, 'verify.mjs'), script);
  // Colours would stand within the line.
  const env = { ...process.env, FORCE_COLOR: '0' };
  const run = () => spawnSync(process.execPath, ['verify.mjs'], { cwd: directory, encoding: 'utf8', env });
  expect(run().stdout).toContain("offer: 'a'");
  writeFileSync(
    join(directory, 'voucher.jws'),
    jws.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
  );
  const refused = run();
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toContain('ERR_JWS_SIGNATURE_VERIFICATION_FAILED');
});

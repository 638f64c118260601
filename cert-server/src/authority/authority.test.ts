import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { PublicKey } from '@tapseal/shared/crypto-port';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Authority, loadAuthority } from './authority.js';
import { certificatePem } from './certificate-encoding.js';
import { createAuthority } from './create-authority.js';
import { CertificateVerifier } from './verify-certificate.js';
import { workbenchCertificate } from './workbench-certificate.js';

const crypto = createNativeCrypto();
const nowMs = Date.now();
const DAY_MS = 86_400_000;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const opensslHint = hasOpenssl ? '' : ' (skipped: apt-get install openssl)';
const directories: string[] = [];
let directory: string;
let authority: Authority;

async function makeAuthority(): Promise<{ directory: string; authority: Authority }> {
  const made = mkdtempSync(join(tmpdir(), 'tapseal-authority-test-'));
  directories.push(made);
  await createAuthority(crypto, made, nowMs);
  return { directory: made, authority: await loadAuthority(crypto, made) };
}

beforeAll(async () => {
  ({ directory, authority } = await makeAuthority());
});
afterAll(() => {
  for (const made of directories) rmSync(made, { recursive: true });
});

const touchpointKey = crypto.signer('Ed25519', crypto.randomBytes(32)).publicKey;
const scalar = crypto.randomBytes(32).fill(1, 0, 1);
const phoneKeys: PublicKey[] = [
  crypto.signer('Ed25519', crypto.randomBytes(32)).publicKey,
  crypto.signer('P-256', scalar).publicKey,
];
const touchpoint = { unit: 'touchpoint', programme: 'venue', id: crypto.randomBytes(8) } as const;
const factsKey = crypto.randomBytes(32);
const phone = { unit: 'phone', programme: 'venue', id: crypto.randomBytes(16) } as const;
const issueTouchpoint = () =>
  authority.issueForTouchpoint(
    { programme: 'venue', name: 'lobby-1', id: touchpoint.id },
    touchpointKey,
    nowMs,
  );

/** Runs openssl in the directory of the authority. */
function openssl(...args: string[]): string {
  return execFileSync('openssl', args, { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
}

function save(name: string, der: Uint8Array): string {
  writeFileSync(join(directory, name), certificatePem(der));
  return name;
}

describe.skipIf(!hasOpenssl)(`openssl agrees${opensslHint}`, () => {
  const verify = (...args: string[]) => openssl('verify', '-x509_strict', '-CAfile', 'root.crt.pem', ...args);

  test('with the chains of voucher key, touchpoints and phones', async () => {
    expect(verify('-untrusted', 'issuing.crt.pem', 'voucher.crt.pem')).toContain('OK');
    const own = save('touchpoint.crt.pem', await issueTouchpoint());
    expect(verify('-untrusted', 'issuing.crt.pem', own)).toContain('OK');
    for (const [i, key] of phoneKeys.entries()) {
      const name = save(`phone-${i}.crt.pem`, await authority.issueForPhone(phone, key, nowMs));
      expect(verify('-untrusted', 'issuing.crt.pem', name)).toContain('OK');
    }
  });

  test('with the workbench certificate, for each of its names and for no other', async () => {
    await workbenchCertificate(crypto, directory, ['server.local', '192.168.7.1'], nowMs);
    const check = (...args: string[]) =>
      verify('-purpose', 'sslserver', '-untrusted', 'tls-authority.crt.pem', ...args, 'workbench.crt.pem');
    for (const name of ['localhost', 'server.local']) expect(check('-verify_hostname', name)).toContain('OK');
    for (const ip of ['127.0.0.1', '::1', '192.168.7.1']) expect(check('-verify_ip', ip)).toContain('OK');
    expect(() => check('-verify_hostname', 'elsewhere.local')).toThrow();
  });

  test('that a touchpoint can sign no certificate', async () => {
    const text = openssl(
      'x509',
      '-noout',
      '-text',
      '-in',
      save('touchpoint.crt.pem', await issueTouchpoint()),
    );
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Subject Key Identifier/);
    expect(text).toMatch(/Authority Key Identifier/);
    const issuing = openssl('x509', '-noout', '-text', '-in', 'issuing.crt.pem');
    expect(issuing).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(issuing).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
  });
});

test('private keys are readable by their owner alone, and no file is ever overwritten', async () => {
  for (const name of readdirSync(directory).filter(
    (file) => file.endsWith('.key') || file.includes('.key.'),
  )) {
    expect(statSync(join(directory, name)).mode & 0o777, name).toBe(0o600);
  }
  await expect(createAuthority(crypto, directory, nowMs)).rejects.toMatchObject({ code: 'EEXIST' });
  expect((await loadAuthority(crypto, directory)).rootFingerprint).toBe(authority.rootFingerprint);
});

test('serial numbers are positive, random, and never the same twice', async () => {
  const serials = await Promise.all(
    Array.from({ length: 20 }, async () => new X509Certificate(await issueTouchpoint()).serialNumber),
  );
  expect(new Set(serials).size).toBe(20);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{39}$/);
});

test('the workbench certificate is kept while it is good, and made anew for another name or near its end', async () => {
  const { directory: own } = await makeAuthority();
  const first = await workbenchCertificate(crypto, own, [], nowMs);
  expect(await workbenchCertificate(crypto, own, [], nowMs + DAY_MS)).toEqual(first);
  const named = await workbenchCertificate(crypto, own, ['till.local'], nowMs + DAY_MS);
  expect(named.cert).not.toBe(first.cert);
  const renewed = await workbenchCertificate(crypto, own, ['till.local'], nowMs + 380 * DAY_MS);
  expect(renewed.key).not.toBe(named.key);
});

describe('verification', () => {
  const verifier = (): CertificateVerifier =>
    new CertificateVerifier(crypto, authority.issuing.der, authority.root.der, factsKey);

  test('gives the key of a certificate of this subject, within its validity', async () => {
    const der = await issueTouchpoint();
    expect(verifier().verify(der, touchpoint, nowMs + 1_000)).toEqual(touchpointKey);
    for (const key of phoneKeys) {
      expect(
        verifier().verify(await authority.issueForPhone(phone, key, nowMs), phone, nowMs + 1_000),
      ).toEqual(key);
    }
  });

  test('property 9: a certificate of another kind, programme or id is none', async () => {
    const der = await issueTouchpoint();
    const strangers = [
      { ...touchpoint, unit: 'phone' as const },
      { ...touchpoint, programme: 'other' },
      { ...touchpoint, id: crypto.randomBytes(8) },
    ];
    for (const subject of strangers) expect(verifier().verify(der, subject, nowMs + 1_000)).toBeUndefined();
  });

  test('validity is checked at each call, though the certificate is remembered', async () => {
    const der = await issueTouchpoint();
    const one = verifier();
    expect(one.verify(der, touchpoint, nowMs + 1_000)).toBeDefined();
    expect(one.verify(der, touchpoint, nowMs - 2_000)).toBeUndefined();
    expect(one.verify(der, touchpoint, nowMs + 3_651 * DAY_MS)).toBeUndefined();
    expect(one.verify(der, touchpoint, nowMs + 3_649 * DAY_MS)).toBeDefined();
  });

  test('a certificate of another authority, and one with a bit flipped, is none', async () => {
    const foreign = (await makeAuthority()).authority;
    const der = await foreign.issueForTouchpoint(
      { programme: 'venue', name: 'lobby-1', id: touchpoint.id },
      touchpointKey,
      nowMs,
    );
    expect(verifier().verify(der, touchpoint, nowMs + 1_000)).toBeUndefined();
    const own = await issueTouchpoint();
    for (let byte = 0; byte < own.length; byte += 7) {
      const spoilt = Uint8Array.from(own);
      spoilt[byte] = (spoilt[byte] ?? 0) ^ 4;
      expect(verifier().verify(spoilt, touchpoint, nowMs + 1_000), `byte ${byte}`).toBeUndefined();
    }
    expect(
      () => new CertificateVerifier(crypto, foreign.issuing.der, authority.root.der, factsKey),
    ).toThrow();
  });

  test('an authority is no touchpoint', () => {
    expect(verifier().verify(authority.issuing.der, touchpoint, nowMs + 1_000)).toBeUndefined();
    expect(verifier().verify(authority.voucherCertificate.der, touchpoint, nowMs + 1_000)).toBeUndefined();
  });
});

/**
 * Property 24: low-order points, malleable and non-canonical signatures are refused, by each adapter alike. Every `invalid`
 * case is refused; every `valid` case is accepted unless our strictness refuses it, and those are counted by flag.
 */
import { describe, expect, test } from 'vitest';
import { adapters } from './adapters.contract.js';
import { bytesToHex } from './bytes.js';
import type { KeyAlgorithm } from './crypto-port.js';
import {
  hasWycheproof,
  hexField,
  tally,
  type WycheproofCase,
  wycheproofGroups,
  wycheproofNeeds,
} from './wycheproof.contract.js';

type Verdict = { readonly of: WycheproofCase; readonly accepted: boolean };

async function verdictsOnSignatures(
  file: string,
  algorithm: KeyAlgorithm,
  verify: (key: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const group of wycheproofGroups(file)) {
    const key = hexField(algorithm === 'Ed25519' ? group.publicKey?.pk : group.publicKey?.uncompressed);
    for (const of of group.tests) {
      verdicts.push({ of, accepted: await verify(key, hexField(of.msg), hexField(of.sig)) });
    }
  }
  return verdicts;
}

function acceptedInvalid(verdicts: readonly Verdict[]): number[] {
  return verdicts.filter(({ of, accepted }) => of.result === 'invalid' && accepted).map(({ of }) => of.tcId);
}

function refusedValid(verdicts: readonly Verdict[]): Record<string, number> {
  return tally(
    verdicts
      .filter(({ of, accepted }) => of.result === 'valid' && !accepted)
      .map(({ of }) => of.flags.join(' ')),
  );
}

describe.skipIf(!hasWycheproof).each(adapters)(
  `property 24: Wycheproof on $name${wycheproofNeeds}`,
  ({ crypto }) => {
    test('Ed25519: nothing invalid passes, everything valid does', async () => {
      const verdicts = await verdictsOnSignatures(
        'ed25519_test.json',
        'Ed25519',
        (bytes, message, signature) => crypto.verify({ algorithm: 'Ed25519', bytes }, message, signature),
      );
      expect(verdicts.length).toBeGreaterThan(100);
      expect(acceptedInvalid(verdicts)).toEqual([]);
      expect(refusedValid(verdicts)).toEqual({});
    });

    test('ECDSA P-256 (r ‖ s): nothing invalid passes; of the valid only those with a high s are refused', async () => {
      const verdicts = await verdictsOnSignatures(
        'ecdsa_secp256r1_sha256_p1363_test.json',
        'P-256',
        (bytes, message, signature) => crypto.verify({ algorithm: 'P-256', bytes }, message, signature),
      );
      expect(verdicts.length).toBeGreaterThan(200);
      expect(acceptedInvalid(verdicts)).toEqual([]);
      const half = 0x7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8n;
      const refused = verdicts.filter(({ of, accepted }) => of.result === 'valid' && !accepted);
      const highS = refused.filter(({ of }) => BigInt(`0x${String(of.sig).slice(64)}`) > half);
      expect(refused).toEqual(highS);
      expect(refusedValid(verdicts)).toEqual({
        ArithmeticError: 28,
        EdgeCasePublicKey: 13,
        PointDuplication: 1,
        SpecialCaseHash: 23,
        ValidSignature: 5,
      });
    });

    test('X25519: low-order points give no secret, everything else gives the right one', () => {
      const outcomes = wycheproofGroups('x25519_test.json').flatMap((group) =>
        group.tests.map((of) => ({
          of,
          secret: crypto.x25519(hexField(of.private), hexField(of.public)),
        })),
      );
      expect(outcomes.length).toBeGreaterThan(500);
      const zero = '00'.repeat(32);
      const wrong = outcomes.filter(({ of, secret }) =>
        of.shared === zero ? secret !== undefined : secret === undefined || bytesToHex(secret) !== of.shared,
      );
      expect(wrong.map(({ of }) => of.tcId)).toEqual([]);
      const withheld = outcomes.filter(({ secret }) => secret === undefined);
      // RFC 7748 §6.1 leaves it to the protocol; this one refuses them.
      expect(tally(withheld.map(({ of }) => of.result))).toEqual({ acceptable: 31 });
      expect(withheld.every(({ of }) => of.flags.includes('LowOrderPublic'))).toBe(true);
    });

    test('HKDF-SHA-256: every valid case gives its output, every invalid one is an error', () => {
      let count = 0;
      for (const group of wycheproofGroups('hkdf_sha256_test.json')) {
        for (const of of group.tests) {
          const derive = () =>
            crypto.hkdfSha256(hexField(of.ikm), hexField(of.salt), hexField(of.info), Number(of.size));
          if (of.result === 'valid') expect(bytesToHex(derive()), `case ${of.tcId}`).toBe(of.okm);
          else expect(derive, `case ${of.tcId}`).toThrow();
          count++;
        }
      }
      expect(count).toBeGreaterThan(80);
    });
  },
);

/**
 * What a certificate says, kept beside it in the phone's record under a MAC of the server: key and validity, for this subject
 * and this certificate. The chain was checked when the certificate was issued; to check it again for each shopper who comes
 * once a week would cost more than everything else in a redemption (docs/decisions/020-sealed-facts.md). Facts that do not
 * open are as good as none: the certificate itself is read then.
 */
import { HASH_BYTES, P256_KEY_BYTES, UINT32_MAX } from '@tapseal/shared/bounds';
import { equalBytes } from '@tapseal/shared/bytes';
import { decodeCbor, encodeCbor } from '@tapseal/shared/cbor';
import type { Hashing, PublicKey } from '@tapseal/shared/crypto-port';
import { FieldReader } from '@tapseal/shared/fields';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import type { CertificateSubject } from './verify-certificate.js';

export type SealedFacts = {
  readonly publicKey: PublicKey;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

/** What the facts are sealed for. */
type Sealing = {
  readonly hashing: Pick<Hashing, 'hmacSha256'>;
  /** 32 secret bytes of the server. */
  readonly key: Uint8Array;
  readonly subject: CertificateSubject;
  /** SHA-256 of the DER. */
  readonly fingerprint: Uint8Array;
};

const algorithms = ['Ed25519', 'P-256'] as const;

function macOf(
  { hashing, key, subject, fingerprint }: Sealing,
  facts: readonly (number | Uint8Array)[],
): Uint8Array {
  const { unit, programme, id } = subject;
  // An array in CBOR: no two lists of values have the same bytes.
  return hashing.hmacSha256(key, encodeCbor([unit, programme, id, fingerprint, ...facts]));
}

export function sealFacts(sealing: Sealing, { publicKey, notBeforeMs, notAfterMs }: SealedFacts): Uint8Array {
  const facts = [
    algorithms.indexOf(publicKey.algorithm),
    publicKey.bytes,
    // Certificates count in seconds.
    Math.floor(notBeforeMs / 1_000),
    Math.floor(notAfterMs / 1_000),
  ];
  return encodeCbor([...facts, macOf(sealing, facts)]);
}

/** Undefined where they are not the server's own for this certificate of this subject. */
export function openFacts(sealing: Sealing, sealed: Uint8Array): SealedFacts | undefined {
  try {
    const fields = new FieldReader('facts', decodeCbor(sealed), 5);
    const algorithm = algorithms[fields.uint('algorithm', algorithms.length - 1)];
    const bytes = fields.bytesBetween('key', 32, P256_KEY_BYTES);
    const notBeforeS = fields.uint('notBefore', UINT32_MAX);
    const notAfterS = fields.uint('notAfter', UINT32_MAX);
    const mac = fields.bytes('mac', HASH_BYTES);
    if (algorithm === undefined) return undefined;
    const facts = [algorithms.indexOf(algorithm), bytes, notBeforeS, notAfterS];
    if (!equalBytes(macOf(sealing, facts), mac)) return undefined;
    return {
      publicKey: { algorithm, bytes },
      notBeforeMs: notBeforeS * 1_000,
      notAfterMs: notAfterS * 1_000,
    };
  } catch (error) {
    if (isTapsealError(error)) return undefined;
    throw error;
  }
}

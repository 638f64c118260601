/**
 * Enrolment (docs/protocol.md §9): what a box and its server agree on at the workbench. The code that the operator types has
 * two parts: a secret that the server knows by its hash, and a fingerprint of the root, by which the box knows the server.
 */
import { ENROLMENT_BINDING_BYTES_MAX, HASH_BYTES, X25519_KEY_BYTES } from './bounds.js';
import { bytesToHex, equalBytes, utf8 } from './bytes.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, sign1, verifySign1 } from './cose-sign1.js';
import type { Hashing, PublicKey, Randomness, Signer, Verifying } from './crypto-port.js';
import { assertBytes, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';

// Crockford's base 32: no letter that is read as a digit.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const PART_CHARS = 16;

function toBase32(bytes: Uint8Array, chars: number): string {
  const bits = BigInt(`0x${bytesToHex(bytes)}`);
  const width = bytes.length * 8;
  let out = '';
  for (let i = 1; i <= chars; i++) out += alphabet[Number((bits >> BigInt(width - 5 * i)) & 31n)];
  return out;
}

export type EnrolmentCode = {
  /** 16 characters, 80 random bits: known to operator, box and, as a hash, server. */
  readonly secret: string;
  /** 16 characters: the first 80 bits of SHA-256 of the root certificate (DER). */
  readonly rootFingerprint: string;
};

export function makeEnrolmentCode(
  crypto: Randomness & Pick<Hashing, 'sha256'>,
  rootCertificate: Uint8Array,
): EnrolmentCode {
  return {
    secret: toBase32(crypto.randomBytes(10), PART_CHARS),
    rootFingerprint: rootFingerprintOf(crypto, rootCertificate),
  };
}

export function rootFingerprintOf(hashing: Pick<Hashing, 'sha256'>, rootCertificate: Uint8Array): string {
  return toBase32(hashing.sha256(rootCertificate), PART_CHARS);
}

/** `ABCD-EFGH-JKMN-PQRS-TVWX-YZ01-2345-6789`: eight groups of four, secret first. */
export function formatEnrolmentCode(code: EnrolmentCode): string {
  return (code.secret + code.rootFingerprint).replace(/(.{4})(?=.)/g, '$1-');
}

/** Reads what a person typed: case, spaces and hyphens do not matter, O is 0, I and L are 1. Undefined for anything else. */
export function parseEnrolmentCode(text: string): EnrolmentCode | undefined {
  // ASCII before upper case: other scripts have letters whose upper case is one of ours.
  if (text.length > 80 || !/^[0-9A-Za-z\s-]*$/.test(text)) return undefined;
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  if (!/^[0-9A-HJKMNP-TV-Z]{32}$/.test(plain)) return undefined;
  return { secret: plain.slice(0, PART_CHARS), rootFingerprint: plain.slice(PART_CHARS) };
}

/** What the server stores of a code. 32 bytes. */
export function enrolmentSecretHash(hashing: Pick<Hashing, 'sha256'>, secret: string): Uint8Array {
  return hashing.sha256(utf8(`tapseal/1/enrolment-code/${secret}`));
}

/** Binds the X25519 key of the adverts and the code to the Ed25519 key that the certificate will name. */
export function signEnrolmentBinding(
  secretHash: Uint8Array,
  advertPublicKey: Uint8Array,
  signer: Signer,
): Uint8Array {
  assertBytes('secretHash', secretHash, HASH_BYTES);
  assertBytes('advertPublicKey', advertPublicKey, X25519_KEY_BYTES);
  return sign1('enrolment', encodeCbor([secretHash, advertPublicKey]), signer);
}

/**
 * @returns the X25519 public key of the box, 32 bytes
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, enrolment_request_invalid
 */
export function verifyEnrolmentBinding(
  verifying: Verifying,
  bytes: Uint8Array,
  boxKey: PublicKey,
  secretHash: Uint8Array,
): Uint8Array {
  const message = decodeSign1('enrolment', bytes, { bytesMax: ENROLMENT_BINDING_BYTES_MAX });
  const fields = new FieldReader('enrolment', decodeCbor(message.payload), 2);
  const boundHash = fields.bytes('secretHash', HASH_BYTES);
  const advertPublicKey = fields.bytes('advertPublicKey', X25519_KEY_BYTES);
  verifySign1(verifying, message, boxKey, 'enrolment_request_invalid');
  if (!equalBytes(boundHash, secretHash)) throw new TapsealError('enrolment_request_invalid', 'code');
  return advertPublicKey;
}

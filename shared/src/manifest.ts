/**
 * Manifest (docs/protocol.md §6.9): S → P → T, signed by the root: which voucher keys are valid, whom to seal hellos to, and
 * what is revoked. Versions only go upwards, within the programme that it names: all programmes of a server share one root.
 */
import {
  ED25519_KEY_BYTES,
  ID_BYTES,
  MANIFEST_BYTES_MAX,
  MANIFEST_REVOKED_MAX,
  MANIFEST_VOUCHER_KEYS_MAX,
  UINT32_MAX,
  VOUCHER_KEY_ID_BYTES,
  X25519_KEY_BYTES,
} from './bounds.js';
import { copyBytes } from './bytes.js';
import { decodeCbor, encodeCbor } from './cbor.js';
import { decodeSign1, sign1, verifySign1 } from './cose-sign1.js';
import type { PublicKey, Signer, Verifying } from './crypto-port.js';
import { assertBytes, assertName, assertUint, FieldReader } from './fields.js';
import { TapsealError } from './tapseal-error.js';

export type Manifest = {
  /** Whose boxes it is for. */
  readonly programme: string;
  readonly version: number;
  readonly issuedAtS: number;
  /** Ed25519 public keys, 32 bytes each. */
  readonly voucherKeys: readonly Uint8Array[];
  /** X25519 public key of the server, 32 bytes. */
  readonly sealKey: Uint8Array;
  /** Ids of touchpoints (8 bytes) that must stop. */
  readonly revokedTouchpoints: readonly Uint8Array[];
  /** Ids of voucher keys (4 bytes) that are never valid again. */
  readonly revokedVoucherKeys: readonly Uint8Array[];
};

export function signManifest(manifest: Manifest, root: Signer): Uint8Array {
  assertName('programme', manifest.programme);
  assertUint('version', manifest.version, UINT32_MAX);
  assertUint('issuedAtS', manifest.issuedAtS, UINT32_MAX);
  assertBytes('sealKey', manifest.sealKey, X25519_KEY_BYTES);
  for (const key of manifest.voucherKeys) assertBytes('voucherKeys', key, ED25519_KEY_BYTES);
  for (const id of manifest.revokedTouchpoints) assertBytes('revokedTouchpoints', id, ID_BYTES);
  for (const id of manifest.revokedVoucherKeys) assertBytes('revokedVoucherKeys', id, VOUCHER_KEY_ID_BYTES);
  assertUint('voucherKeys', manifest.voucherKeys.length, MANIFEST_VOUCHER_KEYS_MAX);
  assertUint('revokedTouchpoints', manifest.revokedTouchpoints.length, MANIFEST_REVOKED_MAX);
  assertUint('revokedVoucherKeys', manifest.revokedVoucherKeys.length, MANIFEST_REVOKED_MAX);
  const payload = encodeCbor([
    manifest.programme,
    manifest.version,
    manifest.issuedAtS,
    manifest.voucherKeys,
    manifest.sealKey,
    manifest.revokedTouchpoints,
    manifest.revokedVoucherKeys,
  ]);
  return sign1('manifest', payload, root);
}

function readList(name: string, values: readonly unknown[], length: number): Uint8Array[] {
  return values.map((value) => {
    if (!(value instanceof Uint8Array) || value.length !== length) {
      throw new TapsealError('message_malformed', `manifest: ${name}`);
    }
    return copyBytes(value);
  });
}

/**
 * Whether its programme is the box's own is for the box to judge.
 * @param rootKey Ed25519, from the enrolment
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, manifest_signature_invalid
 */
export function verifyManifest(verifying: Verifying, bytes: Uint8Array, rootKey: PublicKey): Manifest {
  const message = decodeSign1('manifest', bytes, { bytesMax: MANIFEST_BYTES_MAX });
  const fields = new FieldReader('manifest', decodeCbor(message.payload), 7);
  const manifest: Manifest = {
    programme: fields.name('programme'),
    version: fields.uint('version', UINT32_MAX),
    issuedAtS: fields.uint('issuedAtS', UINT32_MAX),
    voucherKeys: readList(
      'voucherKeys',
      fields.array('voucherKeys', MANIFEST_VOUCHER_KEYS_MAX),
      ED25519_KEY_BYTES,
    ),
    sealKey: fields.bytes('sealKey', X25519_KEY_BYTES),
    revokedTouchpoints: readList(
      'revokedTouchpoints',
      fields.array('revokedTouchpoints', MANIFEST_REVOKED_MAX),
      ID_BYTES,
    ),
    revokedVoucherKeys: readList(
      'revokedVoucherKeys',
      fields.array('revokedVoucherKeys', MANIFEST_REVOKED_MAX),
      VOUCHER_KEY_ID_BYTES,
    ),
  };
  verifySign1(verifying, message, rootKey, 'manifest_signature_invalid');
  return manifest;
}

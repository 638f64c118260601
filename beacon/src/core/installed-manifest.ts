/**
 * The manifest in force, made ready for the checks (docs/protocol.md §6.9). Versions only go upwards (property 7), and only
 * within the box's own programme: the root is that of every programme of the server.
 */
import { equalBytes } from '@tapseal/shared/bytes';
import type { Hashing, PublicKey, Verifying } from '@tapseal/shared/crypto-port';
import { type Manifest, verifyManifest } from '@tapseal/shared/manifest';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type VoucherKey, voucherKeyOf } from '@tapseal/shared/voucher-key';

export type InstalledManifest = {
  readonly version: number;
  /** X25519, 32 bytes. */
  readonly sealKey: Uint8Array;
  /** Valid ones only. */
  readonly voucherKeys: readonly VoucherKey[];
  readonly isRevoked: boolean;
};

export type ManifestTrust = {
  readonly crypto: Verifying & Pick<Hashing, 'sha256'>;
  readonly rootKey: PublicKey;
  /** Of the enrolment. */
  readonly programme: string;
  readonly touchpointId: Uint8Array;
};

function ready(manifest: Manifest, trust: ManifestTrust): InstalledManifest {
  return {
    version: manifest.version,
    sealKey: manifest.sealKey,
    voucherKeys: manifest.voucherKeys
      .map((bytes) => voucherKeyOf(trust.crypto, bytes))
      .filter((key) => !manifest.revokedVoucherKeys.some((revoked) => equalBytes(revoked, key.keyId))),
    isRevoked: manifest.revokedTouchpoints.some((id) => equalBytes(id, trust.touchpointId)),
  };
}

/**
 * @throws TapsealError message_too_long, message_malformed, suite_unsupported, manifest_signature_invalid,
 * manifest_wrong_programme
 */
export function openManifest(bytes: Uint8Array, trust: ManifestTrust): InstalledManifest {
  const manifest = verifyManifest(trust.crypto, bytes, trust.rootKey);
  if (manifest.programme !== trust.programme) throw new TapsealError('manifest_wrong_programme');
  return ready(manifest, trust);
}

/** @throws TapsealError as openManifest, and manifest_older */
export function openNewerManifest(
  bytes: Uint8Array,
  trust: ManifestTrust,
  installed: InstalledManifest,
): InstalledManifest {
  const manifest = openManifest(bytes, trust);
  if (manifest.version <= installed.version) throw new TapsealError('manifest_older');
  return manifest;
}

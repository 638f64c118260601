/** The server's keys for vouchers and refusals, as verifiers hold them. */
import { equalBytes } from './bytes.js';
import type { Hashing, PublicKey } from './crypto-port.js';
import { voucherKeyIdOf } from './key-id.js';

export type VoucherKey = {
  /** 4 bytes, the `kid`. */
  readonly keyId: Uint8Array;
  /** Ed25519. */
  readonly publicKey: PublicKey;
};

/** @param bytes 32 bytes of an Ed25519 public key */
export function voucherKeyOf(hashing: Pick<Hashing, 'sha256'>, bytes: Uint8Array): VoucherKey {
  const publicKey: PublicKey = { algorithm: 'Ed25519', bytes };
  return { keyId: voucherKeyIdOf(hashing, publicKey), publicKey };
}

export function findVoucherKey(
  keys: readonly VoucherKey[],
  keyId: Uint8Array | undefined,
): VoucherKey | undefined {
  if (keyId === undefined) return undefined;
  return keys.find((key) => equalBytes(key.keyId, keyId));
}

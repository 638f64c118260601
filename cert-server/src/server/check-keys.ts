/**
 * Whether the keys of the data directory are those of the database, before a server answers anybody: a second server with
 * keys of its own would sign vouchers that no box accepts, and could not open what phones bring.
 */
import { equalBytes } from '@tapseal/shared/bytes';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { verifyManifest } from '@tapseal/shared/manifest';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import type { Authority } from '../authority/authority.js';
import type { ProgrammeStore } from '../store/store-port.js';

type Keys = Pick<Authority, 'rootSigner' | 'voucherSigner' | 'sealKey'>;

/**
 * @param bytes the newest manifest of `programme`
 * @throws TapsealError keys_mismatch
 */
export function assertOwnManifest(
  crypto: CryptoPort,
  { rootSigner, voucherSigner, sealKey }: Keys,
  programme: string,
  bytes: Uint8Array,
): void {
  const mismatch = (key: string): TapsealError =>
    new TapsealError('keys_mismatch', `programme ${programme}: the ${key} is another one`);
  try {
    const manifest = verifyManifest(crypto, bytes, rootSigner.publicKey);
    if (!manifest.voucherKeys.some((key) => equalBytes(key, voucherSigner.publicKey.bytes))) {
      throw mismatch('voucher key');
    }
    if (!equalBytes(manifest.sealKey, sealKey.publicKey)) throw mismatch('seal key');
  } catch (error) {
    if (isTapsealError(error) && error.code === 'manifest_signature_invalid') throw mismatch('root key');
    throw error;
  }
}

/** @throws TapsealError keys_mismatch */
export async function assertKeysOfStore(
  store: Pick<ProgrammeStore, 'listProgrammes' | 'findManifest'>,
  crypto: CryptoPort,
  authority: Keys,
): Promise<void> {
  for (const { id } of await store.listProgrammes()) {
    const manifest = await store.findManifest(id);
    if (manifest !== undefined) assertOwnManifest(crypto, authority, id, manifest.bytes);
  }
}

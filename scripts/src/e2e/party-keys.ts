/** Keys of all parties, as a thief of every disk would have them: to sign what only a signature's kind or party can stop. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadBox } from '@tapseal/beacon/enrol/box-directory';
import { decodeEpochFile } from '@tapseal/beacon/store/epoch-file';
import { authorityFiles } from '@tapseal/cert-server/authority/key-files';
import type { Signer } from '@tapseal/shared/crypto-port';
import { voucherKeyIdOf } from '@tapseal/shared/key-id';
import { bytesOf, crypto } from './phone-brain.js';
import type { Box, Venue } from './venue.js';

/** The private part of a PEM file: Ed25519, X25519 or P-256, 32 bytes. */
export function privateKeyOf(pemFile: string): Uint8Array {
  return bytesOf(createPrivateKey(readFileSync(pemFile, 'utf8')).export({ format: 'jwk' }).d);
}

export function serverFile(venue: Venue, name: keyof typeof authorityFiles): string {
  return join(venue.workbench.folder, 'data', 'tapseal', authorityFiles[name]);
}

export function stateDirectoryOf(venue: Venue, box: Box): string {
  return join(venue.workbench.folder, box.plan.name, 'state');
}

export function boxSeedOf(venue: Venue, box: Box): Uint8Array {
  return loadBox(stateDirectoryOf(venue, box)).seed;
}

export function advertKeyOf(venue: Venue, box: Box): Uint8Array {
  const { directory } = loadBox(stateDirectoryOf(venue, box));
  return decodeEpochFile(Uint8Array.from(readFileSync(join(directory, 'epoch')))).advertKey;
}

export type Parties = {
  readonly root: Signer;
  readonly voucher: Signer;
  /** The `kid` of the voucher key. */
  readonly keyId: Uint8Array;
  /** X25519 public key that hellos are sealed to. */
  readonly sealKey: Uint8Array;
};

export function serverParties(venue: Venue): Parties {
  const signer = (name: 'rootKey' | 'voucherKey') =>
    crypto.signer('Ed25519', privateKeyOf(serverFile(venue, name)));
  const voucher = signer('voucherKey');
  return {
    root: signer('rootKey'),
    voucher,
    keyId: voucherKeyIdOf(crypto, voucher.publicKey),
    sealKey: crypto.boxKeyPair(privateKeyOf(serverFile(venue, 'sealKey'))).publicKey,
  };
}

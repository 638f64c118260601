/** `tapseal-beacon status`: reads the state without changing it, so that it works while the box runs. */
import { X509Certificate } from 'node:crypto';
import { bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { findConfig, stateDirectory } from '../config/config-file.js';
import { openManifest } from '../core/installed-manifest.js';
import { loadBox } from '../enrol/box-directory.js';
import { rootKeyOf } from '../enrol/box-identity.js';
import { readStore } from '../store/box-store.js';
import { NodeDisk } from '../store/node-disk.js';
import type { CommandOptions } from './command-options.js';
import { EXIT_OK } from './exit-codes.js';

/** @throws TapsealError not_enrolled, storage_corrupt, storage_failed, config_invalid */
export async function commandStatus(options: CommandOptions): Promise<number> {
  const configured = findConfig(options.config, process.env)?.config.stateDirectory;
  const directory = stateDirectory(options.stateDir ?? configured, process.env);
  const { directory: boxDirectory, identity } = loadBox(directory);
  const { state, journalBytes, tornBytes } = readStore(new NodeDisk(boxDirectory));
  const manifest = openManifest(state.manifest, {
    crypto: createNativeCrypto(),
    rootKey: rootKeyOf(identity),
    programme: identity.programme,
    touchpointId: identity.touchpointId,
  });
  const certificate = new X509Certificate(identity.certificates[0]);
  const view = {
    enrolled: true,
    name: identity.name,
    programme: identity.programme,
    touchpointId: bytesToHex(identity.touchpointId),
    stateDirectory: directory,
    certificateValidFrom: new Date(certificate.validFrom).toISOString(),
    certificateValidTo: new Date(certificate.validTo).toISOString(),
    revoked: manifest.isRevoked,
    manifestVersion: manifest.version,
    bootCounter: state.bootCounter,
    epoch: state.epoch,
    receiptCounter: state.receiptCounter,
    receiptsUnacknowledged: state.receipts.length,
    transactionsRemembered: state.used.size,
    transactionsWithoutReceipt: state.pending.size,
    newestServerTime: state.serverTimeS === 0 ? null : new Date(state.serverTimeS * 1_000).toISOString(),
    store: 'sound',
    journalBytes,
    journalTornBytes: tornBytes,
  };
  process.stdout.write(options.json === true ? `${JSON.stringify(view)}\n` : table(view));
  return EXIT_OK;
}

function table(view: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(view).map(
    ([key, value]) => [words(key), String(value ?? 'none yet')] as const,
  );
  const width = Math.max(...entries.map(([label]) => label.length));
  return entries.map(([label, value]) => `${label.padEnd(width)}  ${value}\n`).join('');
}

function words(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/**
 * The state directory: one folder for each enrolment, and the link `current` to the one in force. An enrolment is written
 * whole into a new folder, then the link is replaced in one step: a power cut leaves the old box or the new one.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { utf8 } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { createStore } from '../store/box-store.js';
import { replaceFile } from '../store/disk.js';
import { NodeDisk } from '../store/node-disk.js';
import { type BoxIdentity, decodeIdentity, encodeIdentity } from './box-identity.js';
import { decodeKeyFile, encodeKeyFile } from './key-file.js';

const CURRENT = 'current';
const KEY_FILE = 'box-key.pem';
const IDENTITY_FILE = 'identity.json';
const OWNER_ONLY = 0o700;

export type EnrolledBox = {
  /** Of the enrolment in force: where its store is. */
  readonly directory: string;
  readonly identity: BoxIdentity;
  /** Ed25519 seed, 32 bytes. */
  readonly seed: Uint8Array;
};

export function isEnrolled(stateDirectory: string): boolean {
  return existsSync(join(stateDirectory, CURRENT, IDENTITY_FILE));
}

/** @throws TapsealError not_enrolled, storage_corrupt, storage_failed */
export function loadBox(stateDirectory: string): EnrolledBox {
  const directory = join(stateDirectory, CURRENT);
  return {
    directory,
    identity: decodeIdentity(readText(directory, IDENTITY_FILE)),
    seed: decodeKeyFile(readText(directory, KEY_FILE)),
  };
}

function readText(directory: string, name: string): string {
  try {
    return readFileSync(join(directory, name), 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'ENOENT')
      throw new TapsealError('storage_failed', `${join(directory, name)}: ${code}`, { cause });
    if (!existsSync(directory)) throw new TapsealError('not_enrolled', directory);
    throw new TapsealError('storage_corrupt', `${name} is missing`);
  }
}

export type NewBox = {
  readonly identity: BoxIdentity;
  readonly seed: Uint8Array;
  /** Signed, as the server sent it. */
  readonly manifest: Uint8Array;
  /** Of epoch 0. */
  readonly advertKey: Uint8Array;
};

/** All or nothing. @throws TapsealError storage_failed */
export function installBox(stateDirectory: string, box: NewBox): void {
  let directory: string | undefined;
  try {
    mkdirSync(stateDirectory, { recursive: true, mode: OWNER_ONLY });
    const replaced = linkTarget(stateDirectory);
    // mkdtemp makes it 0700.
    directory = mkdtempSync(join(stateDirectory, 'box-'));
    const disk = new NodeDisk(directory);
    replaceFile(disk, KEY_FILE, utf8(encodeKeyFile(box.seed)));
    replaceFile(disk, IDENTITY_FILE, utf8(encodeIdentity(box.identity)));
    createStore(disk, box);
    disk.close();
    const next = join(stateDirectory, `${CURRENT}.next`);
    rmSync(next, { force: true });
    symlinkSync(basename(directory), next);
    renameSync(next, join(stateDirectory, CURRENT));
    syncDirectory(stateDirectory);
    // The folder stays for inspection; nothing needs its key any more.
    if (replaced !== undefined) rmSync(join(stateDirectory, replaced, KEY_FILE), { force: true });
  } catch (cause) {
    // A key that never came into force is not left lying about.
    if (directory !== undefined && linkTarget(stateDirectory) !== basename(directory))
      rmSync(directory, { recursive: true, force: true });
    throw new TapsealError('storage_failed', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

function linkTarget(stateDirectory: string): string | undefined {
  try {
    return readlinkSync(join(stateDirectory, CURRENT));
  } catch {
    return undefined;
  }
}

function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

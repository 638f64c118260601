/** `tapseal init`: makes the data directory with keys, certificates, database, first programme and first owner token. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { loadAuthority } from '../authority/authority.js';
import { createAuthority } from '../authority/create-authority.js';
import { authorityFiles } from '../authority/key-files.js';
import { checkTimeZone } from '../decision/offer.js';
import type { ProgrammeBody } from '../http/admin-schemas.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { EVERY_PROGRAMME } from '../store/records.js';
import { openSqliteStore } from '../store/sqlite-store.js';
import { makeApiToken } from '../tokens/api-token.js';

export const DATABASE_FILE = 'tapseal.sqlite';

export type InitialiseOptions = {
  readonly directory: string;
  readonly programme: ProgrammeBody;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

export type Initialised = {
  readonly programme: string;
  /** Acts in every programme of the deployment; shown once. */
  readonly ownerToken: string;
  /** 16 characters, as in the second half of every enrolment code. */
  readonly rootFingerprint: string;
  readonly directory: string;
};

/** True where `directory` holds anything that `initialise` makes. */
function isInitialised(directory: string): boolean {
  return [...Object.values(authorityFiles), DATABASE_FILE].some((name) => existsSync(join(directory, name)));
}

function removeMade(directory: string): void {
  const database = [DATABASE_FILE, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`];
  for (const name of [...Object.values(authorityFiles), ...database])
    rmSync(join(directory, name), { force: true });
}

/**
 * Never overwrites; what fails half-way leaves nothing behind.
 * @throws TapsealError already_initialised, body_invalid (time zone)
 */
export async function initialise(options: InitialiseOptions): Promise<Initialised> {
  const { directory, programme } = options;
  const nowMs = (options.now ?? Date.now)();
  checkTimeZone(programme.timeZone);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (isInitialised(directory)) throw new TapsealError('already_initialised', directory);
  const crypto = createNativeCrypto();
  try {
    await createAuthority(crypto, directory, nowMs);
    const authority = await loadAuthority(crypto, directory);
    const store = openSqliteStore(join(directory, DATABASE_FILE), nowMs);
    try {
      const { id, token, secretHash } = makeApiToken(crypto);
      const audit = { atMs: nowMs, token: id, act: 'initialise', object: programme.id };
      const record = { ...programme, createdAtMs: nowMs };
      await store.addProgramme(record, manifestSigning(authority, nowMs), audit);
      await store.addToken(
        {
          programme: EVERY_PROGRAMME,
          id,
          role: 'owner',
          label: 'first owner',
          secretHash,
          createdAtMs: nowMs,
          expiresAtMs: undefined,
          revokedAtMs: undefined,
        },
        audit,
      );
      return {
        programme: programme.id,
        ownerToken: token,
        rootFingerprint: authority.rootFingerprint,
        directory,
      };
    } finally {
      await store.close();
    }
  } catch (error) {
    removeMade(directory);
    throw error;
  }
}

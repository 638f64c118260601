/** `tapseal init`: makes the data directory with keys and certificates, the database, the first programme and owner token. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { loadAuthority } from '../authority/authority.js';
import { createAuthority } from '../authority/create-authority.js';
import { authorityFiles } from '../authority/key-files.js';
import { checkTimeZone } from '../decision/make-offer.js';
import type { ProgrammeBody } from '../http/admin-schemas.js';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { describeLocation, migrateStore, openStore } from '../store/open-store.js';
import { EVERY_PROGRAMME } from '../store/records.js';
import { DATABASE_FILE, storeLocation } from '../store/store-location.js';
import { makeApiToken } from '../tokens/api-token.js';

export type InitialiseOptions = {
  readonly directory: string;
  /** A PostgreSQL database without a programme; the directory holds the keys alone then. */
  readonly database?: string | undefined;
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
 * Never overwrites; what fails half-way leaves no keys behind, and in a database of others nothing but empty tables.
 * @throws TapsealError already_initialised, body_invalid (time zone), database_not_empty, and faults of the database
 */
export async function initialise(options: InitialiseOptions): Promise<Initialised> {
  const { directory, programme } = options;
  const nowMs = (options.now ?? Date.now)();
  const location = storeLocation(directory, options.database);
  checkTimeZone(programme.timeZone);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (isInitialised(directory)) throw new TapsealError('already_initialised', directory);
  const crypto = createNativeCrypto();
  try {
    // Before the keys: most of what can go wrong is the way to the database.
    await migrateStore(location, nowMs);
    const store = await openStore(location, nowMs);
    try {
      if ((await store.listProgrammes()).length > 0) {
        throw new TapsealError('database_not_empty', describeLocation(location));
      }
      await createAuthority(crypto, directory, nowMs);
      const authority = await loadAuthority(crypto, directory);
      const { id, token, secretHash } = makeApiToken(crypto);
      const audit = { atMs: nowMs, token: id, act: 'initialise', object: programme.id };
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
      // Last, since a database that holds a programme is taken.
      const record = { ...programme, createdAtMs: nowMs };
      if (!(await store.addProgramme(record, manifestSigning(authority, nowMs), audit))) {
        throw new TapsealError('database_not_empty', describeLocation(location));
      }
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

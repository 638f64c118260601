/** `tapseal import`: takes what `tapseal export` wrote, all of it or nothing. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import { type Authority, loadAuthority } from '../../authority/authority.js';
import { authorityFiles } from '../../authority/key-files.js';
import { assertOwnManifest } from '../../server/check-keys.js';
import { assertOwnSecret } from '../../server/check-secret.js';
import { migrateStore, withStoreFaults } from '../../store/open-store.js';
import { type ImportSummary, importProgramme } from '../../store/portable/import-programme.js';
import { openSink } from '../../store/portable/open-portable.js';
import { openPortableFile, type PortableFile } from '../../store/portable/portable-file.js';
import { type StoreLocation, storeLocation } from '../../store/store-location.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { problemError, usageError } from '../problem-error.js';
import { startProgress } from '../progress.js';
import { rowsInWords } from '../rows-in-words.js';
import { directoryOf, type StoreOptions } from '../store-options.js';

type Options = GlobalOptions & StoreOptions & { readonly in: string };

const crypto = createNativeCrypto();

async function keysOf(directory: string): Promise<Authority> {
  if (existsSync(join(directory, authorityFiles.rootCertificate))) return loadAuthority(crypto, directory);
  throw problemError(
    'not_initialised',
    directory,
    'Give with --data the directory with the keys that the programme had so far.',
  );
}

/** Of a file: somebody has it open. */
function inUse(error: unknown, location: StoreLocation): unknown {
  if (location.kind !== 'sqlite' || !isTapsealError(error) || error.code !== 'database_unavailable')
    return error;
  return problemError(
    error.code,
    `${location.file} is open in another program, most likely a server. Nothing was imported.`,
    'Stop the server, import, and start it again.',
    { cause: error },
  );
}

async function insert(
  context: CommandContext,
  location: StoreLocation,
  file: PortableFile,
  authority: Authority,
): Promise<ImportSummary> {
  const { programme } = file.header;
  const sink = await openSink(location, programme).catch((error: unknown) => {
    throw inUse(error, location);
  });
  const progress = startProgress(context, 'Importing');
  try {
    return await importProgramme(file, sink, {
      assertManifest: (bytes) => assertOwnManifest(crypto, authority, programme, bytes),
      assertPhones: (phones) => assertOwnSecret(authority, programme, phones),
      onProgress: (done, total) => progress.show(done, total),
    });
  } catch (error) {
    if (!isTapsealError(error) || error.code !== 'name_taken') throw error;
    throw problemError(
      'name_taken',
      `The database has a programme ${programme}, which stays as it is.`,
      'Name another database. A programme that is there cannot be replaced, because it would forget what it granted.',
    );
  } finally {
    progress.end();
    await sink.close();
  }
}

/** A data directory whose programmes were in PostgreSQL has keys and no database: it gets one, unless the import fails. */
async function withDatabase<T>(location: StoreLocation, nowMs: number, use: () => Promise<T>): Promise<T> {
  if (location.kind === 'postgres' || existsSync(location.file)) return use();
  try {
    await migrateStore(location, nowMs);
    return await use();
  } catch (error) {
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${location.file}${suffix}`, { force: true });
    throw error;
  }
}

export async function importFromFile(context: CommandContext, options: Options): Promise<void> {
  const directory = directoryOf(context, options);
  const location = storeLocation(directory, options.database);
  const authority = await keysOf(directory);
  const startedMs = context.now();
  const file = openPortableFile(options.in);
  try {
    const { programme } = file.header;
    if (options.programme !== undefined && options.programme !== programme) {
      throw usageError(`${options.in} holds the programme ${programme}.`, 'Leave --programme out.');
    }
    const { rows, exportedAt } = await withStoreFaults(location, () =>
      withDatabase(location, startedMs, () => insert(context, location, file, authority)),
    );
    const seconds = Math.round((context.now() - startedMs) / 100) / 10;
    printAnswer(context, options, { programme, exportedAt, rows, seconds }, () =>
      [
        `Imported programme ${programme} as it was at ${exportedAt}: ${rowsInWords(rows)}, in ${seconds} s.`,
        'Its own tokens work as before. An owner token for all programmes is not among them: where this is',
        'the first programme of the database, make one with `tapseal token renew-owner`.',
      ].join('\n'),
    );
  } finally {
    file.close();
  }
}

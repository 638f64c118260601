/** What lies in the data directory of a server, as far as backup and restore must know: one database, and small files (keys). */
import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { authorityFiles } from '../authority/key-files.js';
import { problemError } from './problem-error.js';

/** Keys and certificates have a few hundred bytes; nothing else of this size belongs there. */
export const KEPT_FILE_BYTES_MAX = 1_048_576;
const KEPT_FILES_MAX = 1_000;

export type DataDirectory = {
  /** Path relative to the directory, with `/`; undefined where there are keys alone. */
  readonly database: string | undefined;
  /** All other files, relative too. */
  readonly files: readonly string[];
};

const sqliteMagic = 'SQLite format 3\u0000';

function isDatabase(path: string): boolean {
  const head = new Uint8Array(sqliteMagic.length);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
  } finally {
    closeSync(file);
  }
  return new TextDecoder('latin1').decode(head) === sqliteMagic;
}

/** @throws ProblemError not_initialised, usage_invalid */
export function surveyDataDirectory(directory: string): DataDirectory {
  const databases: string[] = [];
  const files: string[] = [];
  const entries = existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true })
    : [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const relative = path.slice(join(directory, '/').length);
    // The write-ahead log and its index belong to the database, whose copy has them merged in.
    if (!entry.isFile() || /-(wal|shm|journal)$/.test(entry.name)) continue;
    if (isDatabase(path)) databases.push(relative);
    else files.push(relative);
  }
  const [database, ...others] = databases;
  if (database === undefined && !files.includes(authorityFiles.rootKey)) {
    throw problemError('not_initialised', directory);
  }
  if (others.length > 0 || files.length > KEPT_FILES_MAX) {
    throw problemError(
      'usage_invalid',
      `${directory} holds more than a server keeps there (${others[0] ?? `${files.length} files`}).`,
      'Move away what does not belong there.',
    );
  }
  for (const file of files) {
    if (statSync(join(directory, file)).size > KEPT_FILE_BYTES_MAX) {
      throw problemError(
        'usage_invalid',
        `${join(directory, file)} is too large for a file of a server.`,
        'Move it away.',
      );
    }
  }
  return { database, files };
}

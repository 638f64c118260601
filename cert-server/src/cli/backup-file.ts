/**
 * A backup is one SQLite file: the database as it stood at one moment, and beside its tables two more, with the key files and
 * with what the backup is. So it needs no archiver, is checked as a whole, and can be opened with `sqlite3` in ten years.
 * It holds every private key of the server.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { KEPT_FILE_BYTES_MAX, surveyDataDirectory } from './data-directory.js';
import { problemError, usageError } from './problem-error.js';

const FORMAT = 1;

export type BackupSummary = {
  readonly madeAt: string;
  /** Its path in the data directory; undefined where the keys alone are in the backup. */
  readonly database: string | undefined;
  readonly files: number;
  readonly programmes: number;
  readonly decisions: number;
};

function syncFile(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}

function digest(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest();
}

/** Of a backup without a database: the name that no file has. */
const NO_DATABASE = '';

function count(database: Sqlite.Database, table: 'programme' | 'decision'): number {
  return database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? 0;
}

export type BackupOptions = {
  /** The database is elsewhere, or of no interest. */
  readonly keysOnly?: boolean | undefined;
};

/** A backup without the database has to be asked for: else one that got lost would be noticed at the restore. */
function databaseToCopy(
  directory: string,
  database: string | undefined,
  keysOnly: boolean,
): string | undefined {
  if (keysOnly) return undefined;
  if (database !== undefined) return join(directory, database);
  throw problemError(
    'not_initialised',
    `${directory} holds keys and no database.`,
    'Where the database is a PostgreSQL server, back the keys up with --keys-only, and the database with its own tools.',
  );
}

/**
 * Backs up a data directory, also while a server works on it: the copy is one read transaction.
 * @param madeAt RFC 3339
 * @throws ProblemError not_initialised, usage_invalid
 */
export function makeBackup(
  directory: string,
  out: string,
  madeAt: string,
  { keysOnly = false }: BackupOptions = {},
): BackupSummary {
  const survey = surveyDataDirectory(directory);
  const database = databaseToCopy(directory, survey.database, keysOnly);
  const temporary = `${out}.${process.pid}.new`;
  try {
    // SQLite writes into an empty file that exists: so nobody else can read it at any moment.
    closeSync(openSync(temporary, 'wx', 0o600));
    if (database !== undefined) copyDatabase(database, temporary);
    const summary = addFiles(temporary, directory, {
      files: survey.files,
      database: database === undefined ? undefined : survey.database,
      madeAt,
    });
    syncFile(temporary);
    linkSync(temporary, out);
    syncFile(dirname(out));
    return summary;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function copyDatabase(from: string, to: string): void {
  const source = new Sqlite(from, { fileMustExist: true });
  try {
    source.pragma('busy_timeout = 5000');
    source.prepare('VACUUM INTO ?').run(to);
  } finally {
    source.close();
  }
}

function countAll(
  backup: Sqlite.Database,
  database: string | undefined,
): Pick<BackupSummary, 'programmes' | 'decisions'> {
  if (database === undefined) return { programmes: 0, decisions: 0 };
  return { programmes: count(backup, 'programme'), decisions: count(backup, 'decision') };
}

function addFiles(
  path: string,
  directory: string,
  { files, database, madeAt }: { files: readonly string[]; database: string | undefined; madeAt: string },
): BackupSummary {
  const backup = new Sqlite(path);
  try {
    backup.exec(`
      CREATE TABLE backup (format INTEGER NOT NULL, made_at TEXT NOT NULL, database TEXT NOT NULL) STRICT;
      CREATE TABLE backup_file (path TEXT PRIMARY KEY, content BLOB NOT NULL, sha256 BLOB NOT NULL) STRICT;
    `);
    backup.prepare('INSERT INTO backup VALUES (?, ?, ?)').run(FORMAT, madeAt, database ?? NO_DATABASE);
    const insert = backup.prepare('INSERT INTO backup_file VALUES (?, ?, ?)');
    for (const file of files) {
      const content = readFileSync(join(directory, file));
      insert.run(file, content, digest(content));
    }
    return { madeAt, database, files: files.length, ...countAll(backup, database) };
  } finally {
    backup.close();
  }
}

type FileRow = { readonly path: string; readonly content: Uint8Array; readonly sha256: Uint8Array };

/** A path that stays below the directory: the file may have been made by anybody. */
function isInside(path: string): boolean {
  return path.split('/').every((part) => /^[\w][\w.-]{0,99}$/.test(part)) && path.length <= 200;
}

function notABackup(path: string, why: string): Error {
  return usageError(
    `${path} is no backup of a Tapseal server, or is damaged: ${why}.`,
    'Choose another file.',
  );
}

/**
 * Restores into a directory that is empty or does not exist. Nothing is left there where it fails.
 * @throws ProblemError already_initialised, usage_invalid
 */
export function restoreBackup(path: string, directory: string): BackupSummary {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    throw problemError('already_initialised', `${directory} is not empty.`);
  }
  if (!existsSync(path)) throw usageError(`There is no file ${path}.`, 'Give the path of a backup.');
  const backup = openBackup(path);
  try {
    const { database, madeAt } = readHead(backup, path);
    const rows = backup.prepare<[], FileRow>('SELECT path, content, sha256 FROM backup_file').all();
    for (const row of rows) {
      const sound = isInside(row.path) && row.content.length <= KEPT_FILE_BYTES_MAX;
      if (!sound || !digest(row.content).equals(row.sha256)) throw notABackup(path, `the file ${row.path}`);
    }
    const made = countAll(backup, database);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    try {
      for (const row of rows) writeKept(join(directory, row.path), row.content);
      if (database !== undefined) writeDatabase(backup, join(directory, database));
    } catch (error) {
      for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
      throw error;
    }
    syncFile(directory);
    return { madeAt, database, files: rows.length, ...made };
  } finally {
    backup.close();
  }
}

function openBackup(path: string): Sqlite.Database {
  const backup = new Sqlite(path, { readonly: true, fileMustExist: true });
  try {
    // Opens anything; the first statement tells whether it is a database at all.
    const result = backup.pragma('integrity_check', { simple: true });
    if (result !== 'ok') throw notABackup(path, 'the check of the database fails');
    return backup;
  } catch (error) {
    backup.close();
    if (error instanceof Sqlite.SqliteError) throw notABackup(path, error.message);
    throw error;
  }
}

function readHead(backup: Sqlite.Database, path: string): { database: string | undefined; madeAt: string } {
  const tables = backup
    .prepare("SELECT name FROM sqlite_schema WHERE name IN ('backup', 'backup_file')")
    .all();
  if (tables.length !== 2) throw notABackup(path, 'it holds no files');
  const head = backup
    .prepare<[], { format: number; made_at: string; database: string }>('SELECT * FROM backup')
    .get();
  if (head?.format !== FORMAT) throw notABackup(path, 'its format is of another version');
  if (head.database === NO_DATABASE) return { database: undefined, madeAt: head.made_at };
  if (!isInside(head.database)) throw notABackup(path, 'the name of the database');
  return { database: head.database, madeAt: head.made_at };
}

function writeKept(path: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, content, { mode: 0o600, flag: 'wx', flush: true });
}

function writeDatabase(backup: Sqlite.Database, path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'wx', 0o600));
  backup.prepare('VACUUM INTO ?').run(path);
  const restored = new Sqlite(path);
  // The keys are files again; VACUUM, so that they stay in no free page of the database.
  restored.exec('DROP TABLE backup_file; DROP TABLE backup; VACUUM;');
  restored.close();
  syncFile(path);
}

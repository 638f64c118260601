/** The rows of a programme in SQLite, over a connection of their own: what a server writes meanwhile is not in this read. */
import Sqlite from 'better-sqlite3';
import { longOf } from './portable-row.js';
import { type PortableSink, type PortableSource, ROWS_AT_ONCE } from './portable-store.js';
import { columnsOf, type PortableRow, type PortableTable, portableTables } from './portable-tables.js';

const BUSY_TIMEOUT_MS = 5_000;
/** As long as other commands have it open; a server does not close it by itself. */
const CLOSED_BY_OTHERS_MS = 1_000;

/** Longs as text: this library would round them. */
function selectionOf({ columns }: PortableTable): string {
  return columns.map(({ name, type }) => (type === 'long' ? `CAST(${name} AS TEXT)` : name)).join(', ');
}

function* pagesOf(table: PortableTable, rows: Iterable<PortableRow>): Generator<readonly PortableRow[]> {
  const hasLongs = table.columns.some(({ type }) => type === 'long');
  const readRow = (row: PortableRow): PortableRow =>
    row.map((value, index) => (table.columns[index]?.type === 'long' ? longOf(String(value)) : value));
  let page: PortableRow[] = [];
  for (const row of rows) {
    page.push(hasLongs ? readRow(row) : row);
    if (page.length < ROWS_AT_ONCE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function hasProgramme(database: Sqlite.Database, programme: string): boolean {
  return database.prepare('SELECT 1 FROM programme WHERE id = ?').get(programme) !== undefined;
}

/** @param file of a database at the newest step */
export function openSqliteSource(file: string, programme: string): PortableSource {
  // Not opened read-only: such a connection leaves the files of its log behind, with the wrong owner for the server.
  const database = new Sqlite(file, { fileMustExist: true });
  database.pragma('query_only = ON');
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  // The first read fixes what all later ones see.
  database.exec('BEGIN');
  return {
    hasProgramme: async () => hasProgramme(database, programme),
    count: async ({ name, programmeColumn }) =>
      database
        .prepare<[string], number>(`SELECT count(*) FROM ${name} WHERE ${programmeColumn} = ?`)
        .pluck()
        .get(programme) ?? 0,
    pages: async function* (table) {
      const order = table.key.length === 0 ? '' : ` ORDER BY ${table.key.join(', ')}`;
      const rows = database
        .prepare<[string], PortableRow>(
          `SELECT ${selectionOf(table)} FROM ${table.name} WHERE ${table.programmeColumn} = ?${order}`,
        )
        .raw()
        .iterate(programme);
      yield* pagesOf(table, rows);
    },
    close: async () => {
      database.close();
    },
  };
}

/**
 * A server beside an import would stand still at each write, for seconds, and then refuse it: so the file is not shared at all.
 * Every connection keeps a lock on the file that ends with its process, and this one takes them all.
 * @param file of a database at the newest step; nobody else can open it until this is closed
 * @throws SqliteError SQLITE_BUSY where somebody has it open
 */
export function openSqliteSink(file: string, programme: string): PortableSink {
  const database = new Sqlite(file, { fileMustExist: true });
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma(`busy_timeout = ${CLOSED_BY_OTHERS_MS}`);
  database.pragma('locking_mode = EXCLUSIVE');
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  const insertOf = (table: PortableTable) =>
    database.prepare(
      `INSERT INTO ${table.name} (${[table.programmeColumn, ...columnsOf(table)].join(', ')})
       VALUES (?${', ?'.repeat(table.columns.length)})`,
    );
  const inserts = new Map(portableTables.map((table) => [table.name, insertOf(table)]));
  return {
    hasProgramme: async () => hasProgramme(database, programme),
    insert: async ({ name }, rows) => {
      for (const row of rows) inserts.get(name)?.run(programme, ...row);
    },
    commit: async () => {
      database.exec('COMMIT');
    },
    // Closing rolls back what is open.
    close: async () => {
      database.close();
    },
  };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../testing/test-postgres.js';
import { migrateStore } from '../open-store.js';
import { type ColumnType, portableTables } from './portable-tables.js';

const nowMs = 1_790_000_000_000;

type Column = { readonly name: string; readonly type: string; readonly nullable: boolean };
type Schema = Map<string, { columns: Column[]; key: string[] }>;

/** What a store keeps for itself: its own steps, and numbers that follow from the rows. */
const notPortable = ['migration', 'decision_sequence'];

function expected(typeOf: (type: ColumnType) => string): Schema {
  return new Map(
    portableTables.map((table) => [
      table.name,
      {
        columns: [
          { name: table.programmeColumn, type: typeOf('text'), nullable: false },
          ...table.columns.map(({ name, type, nullable }) => ({ name, type: typeOf(type), nullable })),
        ].sort(byName),
        key: [table.programmeColumn, ...table.key],
      },
    ]),
  );
}

function byName(a: Column, b: Column): number {
  return a.name < b.name ? -1 : 1;
}

function sorted(schema: Schema): [string, object][] {
  return [...schema].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('the catalogue is the schema', () => {
  let directory: string;
  let postgres: TestPostgres;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'tapseal-catalogue-'));
    postgres = await startTestPostgres();
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await postgres.stop();
  });

  test('of the embedded database', async () => {
    const file = join(directory, 'a.sqlite');
    await migrateStore({ kind: 'sqlite', file }, nowMs);
    const database = new Sqlite(file, { readonly: true });
    const tables = database
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all()
      .filter((name) => !notPortable.includes(name));
    const schema: Schema = new Map(
      tables.map((name) => {
        const info = database.pragma(`table_info(${name})`) as {
          name: string;
          type: string;
          notnull: number;
          pk: number;
        }[];
        const key = info.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
        const columns = info.map((column) => ({
          name: column.name,
          type: column.type,
          nullable: column.notnull === 0 && column.pk === 0,
        }));
        return [name, { columns: columns.sort(byName), key: key.map((column) => column.name) }];
      }),
    );
    database.close();
    const typeOf = { text: 'TEXT', integer: 'INTEGER', long: 'INTEGER', bytes: 'BLOB' };
    expect(sorted(schema)).toEqual(sorted(expected((type) => typeOf[type])));
  });

  test('of PostgreSQL', async () => {
    const url = await postgres.createDatabase();
    await migrateStore({ kind: 'postgres', url }, nowMs);
    const name = new URL(url).pathname.slice(1);
    const columns = await postgres.query<Column & { table_name: string }>(
      `SELECT table_name, column_name AS name, data_type AS type, is_nullable = 'YES' AS nullable
       FROM information_schema.columns WHERE table_schema = 'public'`,
      name,
    );
    const keys = await postgres.query<{ table_name: string; name: string }>(
      `SELECT k.table_name, k.column_name AS name FROM information_schema.key_column_usage k
       JOIN information_schema.table_constraints c USING (constraint_schema, constraint_name)
       WHERE c.constraint_type = 'PRIMARY KEY' AND c.table_schema = 'public'
       ORDER BY k.table_name, k.ordinal_position`,
      name,
    );
    const schema: Schema = new Map();
    for (const { table_name, ...column } of columns) {
      if (notPortable.includes(table_name)) continue;
      const table = schema.get(table_name) ?? { columns: [], key: [] };
      table.columns.push(column);
      schema.set(table_name, table);
    }
    for (const { table_name, name: column } of keys) schema.get(table_name)?.key.push(column);
    for (const table of schema.values()) table.columns.sort(byName);
    const typeOf = { text: 'text', integer: 'bigint', long: 'bigint', bytes: 'bytea' };
    expect(sorted(schema)).toEqual(sorted(expected((type) => typeOf[type])));
  });
});

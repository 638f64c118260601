/**
 * The rows of a programme in PostgreSQL. They are read in one transaction that sees one moment, page by page along the key:
 * cursors and COPY are not the same on every server that speaks this protocol.
 */
import type pg from 'pg';
import { connectPostgres } from '../connect-postgres.js';
import { longOf } from './portable-row.js';
import { type PortableSink, type PortableSource, ROWS_AT_ONCE } from './portable-store.js';
import {
  type ColumnType,
  columnsOf,
  keyPositionsOf,
  type PortableColumn,
  type PortableRow,
  type PortableTable,
  type PortableValue,
  portableTables,
} from './portable-tables.js';

const sqlType: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  long: 'bigint',
  bytes: 'bytea',
};

function readValue({ name, type }: PortableColumn, value: unknown): PortableValue {
  if (value === null || type === 'text' || type === 'bytes') return value as PortableValue;
  if (type === 'long') return longOf(String(value));
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new Error(`${name} holds a number that is no safe integer`);
}

async function hasProgramme(client: pg.Client, programme: string): Promise<boolean> {
  return (await client.query('SELECT 1 FROM programme WHERE id = $1', [programme])).rows.length > 0;
}

/** `(a, b) > ($2, $3)`: the rows after the one with these key values. */
function afterKey({ key }: PortableTable): string {
  return ` AND (${key.join(', ')}) > (${key.map((_, index) => `$${index + 2}`).join(', ')})`;
}

async function* pagesOf(
  client: pg.Client,
  programme: string,
  table: PortableTable,
): AsyncGenerator<readonly PortableRow[]> {
  const { name, programmeColumn, key, columns } = table;
  const from = `SELECT ${columnsOf(table).join(', ')} FROM ${name} WHERE ${programmeColumn} = $1`;
  const order = key.length === 0 ? '' : ` ORDER BY ${key.join(', ')} LIMIT ${ROWS_AT_ONCE}`;
  const positions = keyPositionsOf(table);
  let after: readonly PortableValue[] = [];
  for (;;) {
    const text = `${from}${after.length === 0 ? '' : afterKey(table)}${order}`;
    const { rows } = await client.query<unknown[]>({
      text,
      values: [programme, ...after],
      rowMode: 'array',
    });
    const page = rows.map((row) => columns.map((column, index) => readValue(column, row[index])));
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < ROWS_AT_ONCE || key.length === 0) return;
    after = positions.map((position) => last[position] ?? null);
  }
}

/** @param url of a database at the newest step */
export async function openPostgresSource(url: string, programme: string): Promise<PortableSource> {
  const client = await connectPostgres(url);
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  return {
    hasProgramme: () => hasProgramme(client, programme),
    count: async ({ name, programmeColumn }) => {
      const { rows } = await client.query<{ rows: string }>(
        `SELECT count(*) AS rows FROM ${name} WHERE ${programmeColumn} = $1`,
        [programme],
      );
      return Number(rows[0]?.rows ?? 0);
    },
    pages: (table) => pagesOf(client, programme, table),
    close: () => client.end(),
  };
}

/** All rows of a page in one statement: one array for each column. */
function insertOf({ name, programmeColumn, columns }: PortableTable): string {
  const names = columns.map((column) => column.name);
  const arrays = columns.map(({ type }, index) => `$${index + 2}::${sqlType[type]}[]`);
  return `INSERT INTO ${name} (${[programmeColumn, ...names].join(', ')})
    SELECT $1::text, * FROM unnest(${arrays.join(', ')})`;
}

/** @param url of a database at the newest step */
export async function openPostgresSink(url: string, programme: string): Promise<PortableSink> {
  const client = await connectPostgres(url);
  await client.query('BEGIN');
  return {
    hasProgramme: () => hasProgramme(client, programme),
    insert: async (table, rows) => {
      const arrays = table.columns.map((_, index) => rows.map((row) => row[index] ?? null));
      await client.query({
        name: `insert-${table.name}`,
        text: insertOf(table),
        values: [programme, ...arrays],
      });
    },
    commit: async () => {
      // Servers number decisions by a row of their own, and not by the highest number.
      await client.query(
        `INSERT INTO decision_sequence (programme, last)
         SELECT $1, coalesce(max(sequence), 0) FROM decision WHERE programme = $1`,
        [programme],
      );
      await client.query('COMMIT');
      // Without statistics the planner takes tables this full for empty ones. It gathers them by itself, but later.
      for (const { name } of portableTables) await client.query(`ANALYZE ${name}`).catch(() => undefined);
    },
    // A connection that ends rolls back what is open.
    close: () => client.end(),
  };
}

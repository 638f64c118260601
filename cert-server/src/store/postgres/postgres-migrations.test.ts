import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../testing/test-postgres.js';
import { migratePostgres } from './postgres-migrations.js';
import { POSTGRES_NEWEST_STEP } from './postgres-schema.js';
import { openPostgresStore } from './postgres-store.js';

let server: TestPostgres;

beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server.stop());

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

test('run by two at once, each step is applied by one of them; run again, none is', async () => {
  for (let round = 0; round < 5; round++) {
    const url = await server.createDatabase();
    const applied: number[] = [];
    const onStep = (step: number) => applied.push(step);
    await Promise.all([1, 2, 3].map((nowMs) => migratePostgres(url, nowMs, onStep)));
    await migratePostgres(url, 4, onStep);
    const steps = Array.from({ length: POSTGRES_NEWEST_STEP }, (_, i) => i + 1);
    expect(applied).toEqual(steps);
    const rows = await server.query<{ step: string }>(
      'SELECT step FROM migration WHERE step > 0 ORDER BY step',
      databaseOf(url),
    );
    expect(rows.map(({ step }) => Number(step))).toEqual(steps);
  }
});

test('an empty database, one of an older program and one of a newer program are refused, and left as they are', async () => {
  const url = await server.createDatabase();
  await expect(openPostgresStore(url)).rejects.toMatchObject({ code: 'schema_outdated' });
  await migratePostgres(url, 1);
  await (await openPostgresStore(url)).close();
  await server.query('DELETE FROM migration WHERE step > 0', databaseOf(url));
  await expect(openPostgresStore(url)).rejects.toMatchObject({ code: 'schema_outdated' });
  await server.query('INSERT INTO migration VALUES (1000, 3)', databaseOf(url));
  await expect(openPostgresStore(url)).rejects.toMatchObject({ code: 'schema_newer' });
  await expect(migratePostgres(url, 4)).rejects.toMatchObject({ code: 'schema_newer' });
});

type IndexRow = { table: string; index: string; first: string };

test('every key begins with the programme, and whatever names text in a key orders it by its bytes', async () => {
  const url = await server.createDatabase();
  await migratePostgres(url, 1);
  const unique = await server.query<IndexRow>(
    `SELECT c.relname AS table, i.relname AS index, a.attname AS first FROM pg_index x
     JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
     WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2`,
    databaseOf(url),
  );
  const others = unique
    .filter(({ first }) => first !== 'programme')
    .map(({ table, first }) => [table, first]);
  expect(others).toEqual([
    // No programme's own.
    ['migration', 'step'],
    ['programme', 'id'],
  ]);
  expect(new Set(unique.map(({ table }) => table)).size).toBeGreaterThan(18);
  const unordered = await server.query(
    `SELECT c.relname, a.attname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(x.indkey)
     JOIN pg_collation l ON l.oid = a.attcollation
     WHERE c.relnamespace = 'public'::regnamespace AND l.collname <> 'C'`,
    databaseOf(url),
  );
  expect(unordered).toEqual([]);
});

const folder = dirname(fileURLToPath(import.meta.url));
const sources = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));

test('no statement uses what PostgreSQL has alone, or what a cluster cannot shard', () => {
  const alone =
    /advisory|\bSERIAL\b|BIGSERIAL|GENERATED\s+(?:ALWAYS|BY)|IDENTITY|\bLISTEN\b|\bNOTIFY\b|TRIGGER|CREATE\s+FUNCTION|nextval|CREATE\s+SEQUENCE|\bMERGE\b|\bJSONB\b|DISTINCT ON|CREATE\s+EXTENSION|SKIP LOCKED|\bDECLARE\b/;
  for (const { file, text } of sources) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    expect(alone.exec(code)?.[0], file).toBeUndefined();
  }
});

test('each statement has a name of its own, under which connections keep it prepared', () => {
  const names = sources.flatMap(({ text }) =>
    [...text.matchAll(/\bstatement\(\s*'([^']+)'/g)].map(([, name]) => name),
  );
  expect(names.length).toBeGreaterThan(60);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

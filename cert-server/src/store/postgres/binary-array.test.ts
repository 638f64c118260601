/** What PostgreSQL itself reads out of each array. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestPostgres, type TestPostgres } from '../../testing/test-postgres.js';
import { int8Array } from './binary-array.js';
import { PostgresConnections, statement } from './postgres-connections.js';
import { parameterOf, positions } from './postgres-rows.js';

let server: TestPostgres;
let connections: PostgresConnections;

beforeAll(async () => {
  server = await startTestPostgres();
  connections = new PostgresConnections(await server.createDatabase(), {
    connectionsMax: 1,
    random: Math.random,
  });
});
afterAll(async () => {
  await connections.close();
  await server.stop();
});

type Element = { readonly element: unknown };

async function readBack(type: 'bigint' | 'bytea' | 'text', values: unknown): Promise<unknown[]> {
  const element = type === 'bigint' ? 'element::text' : 'element';
  const read = statement(
    `read-${type}`,
    `SELECT ${element} AS element FROM unnest($1::${type}[]) WITH ORDINALITY AS q (element, position) ORDER BY position`,
  );
  const rows = await connections.rows<Element>(read, [values]);
  return rows.map((row) => row.element);
}

test('whole numbers of 64 bits, whatever their sign, and NULL', async () => {
  const max = Number.MAX_SAFE_INTEGER;
  const numbers = [
    0,
    1,
    -1,
    2 ** 31,
    -(2 ** 31),
    2 ** 32 - 1,
    2 ** 32,
    -(2 ** 32),
    -(2 ** 32) - 1,
    max,
    -max,
  ];
  const large = [2n ** 63n - 1n, -(2n ** 63n), 0n];
  const read = await readBack('bigint', int8Array([...numbers, ...large, null, undefined]));
  expect(read).toEqual([...numbers.map(String), ...large.map(String), null, null]);
  expect(await readBack('bigint', positions(3))).toEqual(['0', '1', '2']);
});

test('text with all that would need quotes, in any script, and NULL', async () => {
  const texts = ['', 'NULL', '{a,"b"}', '\\', "'", ' ', '\n', 'Grüße', '日本', '👩‍🚒', null, undefined];
  expect(await readBack('text', texts)).toEqual(texts.map((text) => text ?? null));
});

test('bytes of any length, also of a view into others, and NULL', async () => {
  const all = Uint8Array.from({ length: 256 }, (_, index) => index);
  const bytes = [all, new Uint8Array(0), all.subarray(3, 5), Buffer.from([92, 120, 0]), null, undefined];
  const expected = bytes.map((one) => (one ? Uint8Array.from(one) : null));
  expect(await readBack('bytea', bytes)).toEqual(expected);
});

test('nothing at all, and nothing but NULL, are arrays of any type', async () => {
  for (const type of ['bigint', 'text', 'bytea'] as const) {
    expect(await readBack(type, [])).toEqual([]);
    expect(await readBack(type, [null, undefined])).toEqual([null, null]);
  }
  expect(await readBack('bigint', int8Array([]))).toEqual([]);
  expect(await readBack('bigint', int8Array([null]))).toEqual([null]);
});

test('what does not fit is refused before it is sent', () => {
  expect(() => int8Array([2 ** 53])).toThrow(RangeError);
  expect(() => int8Array([0.5])).toThrow(RangeError);
  expect(() => int8Array([Number.NaN])).toThrow(RangeError);
  expect(() => int8Array([2n ** 63n])).toThrow(RangeError);
  expect(() => parameterOf([1, 2])).toThrow(TypeError);
});

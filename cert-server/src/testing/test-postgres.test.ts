import { existsSync } from 'node:fs';
import pg from 'pg';
import { expect, test } from 'vitest';
import { guardDirectory } from './directory-guard.js';
import { startStandby, startTestPostgres } from './test-postgres.js';

async function write(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query(text);
  await client.end();
}

test('a server of its own: fresh databases; killed, it is back with all that it acknowledged', async () => {
  const server = await startTestPostgres();
  const [first, second] = [await server.createDatabase(), await server.createDatabase()];
  expect(first).not.toBe(second);
  expect(await server.query('SHOW fsync')).toEqual([{ fsync: 'on' }]);
  await write(first, 'CREATE TABLE kept (n BIGINT)');
  await write(first, 'INSERT INTO kept VALUES (1)');
  const before = server.pid;
  await server.kill();
  expect(() => process.kill(before, 0)).toThrow();
  await server.restart();
  expect(await server.query('SELECT n FROM kept', 'test_1')).toEqual([{ n: '1' }]);
  await server.stop();
  expect(existsSync(server.directory)).toBe(false);
});

test('a standby has what the primary acknowledged, and takes over', async () => {
  const primary = await startTestPostgres();
  const url = await primary.createDatabase();
  const standby = await startStandby(primary);
  await write(url, 'CREATE TABLE kept AS SELECT 1 AS n');
  await primary.kill();
  await standby.promote();
  expect(await standby.server.query('SELECT n FROM kept', 'test_1')).toEqual([{ n: 1 }]);
  await write(standby.server.url('test_1'), 'INSERT INTO kept VALUES (2)');
  await standby.server.stop();
  await primary.stop();
});

test('a process that ends without a word takes its server along', async () => {
  const server = await startTestPostgres();
  // A guard as its own, whose process ends: the test's own process cannot.
  const { directory, pid } = server;
  const guard = guardDirectory(directory);
  await guard();
  expect(existsSync(directory)).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow();
  await server.stop();
});

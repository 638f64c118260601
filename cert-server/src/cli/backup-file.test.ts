import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { manifestSigning } from '../manifest/sign-manifest.js';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import type { Store } from '../store/store-port.js';
import { TestBox } from '../testing/test-box.js';
import { startTestServer } from '../testing/test-server.js';
import { makeBackup, restoreBackup } from './backup-file.js';

const nowMs = 1_790_000_000_000;
const madeAt = new Date(nowMs).toISOString();
const audit = { atMs: nowMs, token: 'test', act: 'programme create', object: 'x' };

let directory: string;
let data: string;
let store: Store;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-backup-'));
  data = join(directory, 'data');
  mkdirSync(join(data, 'keys'), { recursive: true });
  writeFileSync(join(data, 'root.key.pem'), 'the root key', { mode: 0o600 });
  writeFileSync(join(data, 'keys', 'voucher.key.pem'), 'the voucher key', { mode: 0o600 });
  store = openSqliteStore(join(data, 'tapseal.sqlite'), nowMs);
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function addProgramme(id: string): Promise<void> {
  const programme = { id, title: id, timeZone: 'Europe/Berlin', currency: 'EUR', createdAtMs: nowMs };
  await store.addProgramme(programme, () => ({ version: 1, bytes: new Uint8Array([1]) }), audit);
}

const at = (name: string): string => join(directory, name);

test('a backup of an open database is whole, and restores to the same', async () => {
  await addProgramme('one');
  // Not checkpointed: it lies in the write-ahead log only.
  expect(existsSync(join(data, 'tapseal.sqlite-wal'))).toBe(true);
  expect(makeBackup(data, at('b'), madeAt)).toMatchObject({ files: 2, programmes: 1, decisions: 0, madeAt });
  await addProgramme('two');

  expect(restoreBackup(at('b'), at('restored'))).toMatchObject({ files: 2, programmes: 1, madeAt });
  expect(readFileSync(at('restored/root.key.pem'), 'utf8')).toBe('the root key');
  expect(readFileSync(at('restored/keys/voucher.key.pem'), 'utf8')).toBe('the voucher key');
  const restored = openSqliteStore(at('restored/tapseal.sqlite'), nowMs);
  expect((await restored.listProgrammes()).map((programme) => programme.id)).toEqual(['one']);
  await restored.close();
});

test('backup and what is restored are readable by their owner alone, and keys stay in no database', () => {
  makeBackup(data, at('b'), madeAt);
  restoreBackup(at('b'), at('restored'));
  const mode = (name: string): number => statSync(at(name)).mode & 0o777;
  expect(mode('b')).toBe(0o600);
  expect(mode('restored')).toBe(0o700);
  expect(mode('restored/root.key.pem')).toBe(0o600);
  expect(mode('restored/tapseal.sqlite')).toBe(0o600);
  expect(readFileSync(at('b'), 'latin1')).toContain('the root key');
  expect(readFileSync(at('restored/tapseal.sqlite'), 'latin1')).not.toContain('the root key');
});

test('never overwrites: neither a file by a backup nor a directory by a restore', () => {
  makeBackup(data, at('b'), madeAt);
  const before = readFileSync(at('b'));
  expect(() => makeBackup(data, at('b'), madeAt)).toThrow(/EEXIST/);
  expect(readFileSync(at('b')).equals(before)).toBe(true);
  expect(() => restoreBackup(at('b'), data)).toThrow('holds a certificate authority already');
  expect(readdirSync(directory).sort()).toEqual(['b', 'data']);
});

test.each([
  ['a truncated file', (bytes: Buffer) => bytes.subarray(0, bytes.length - 5_000)],
  ['a file of something else', () => Buffer.from('hello '.repeat(100))],
  ['an empty file', () => Buffer.alloc(0)],
])('refuses %s and leaves nothing behind', (_name, damage) => {
  makeBackup(data, at('b'), madeAt);
  writeFileSync(at('damaged'), damage(readFileSync(at('b'))));
  expect(() => restoreBackup(at('damaged'), at('restored'))).toThrow('The command line has a fault.');
  expect(existsSync(at('restored'))).toBe(false);
});

test.each([
  ['a path out of the directory', "UPDATE backup_file SET path = '../../evil' WHERE path = 'root.key.pem'"],
  ['an absolute path', "UPDATE backup_file SET path = '/tmp/evil' WHERE path = 'root.key.pem'"],
  ['a database outside', "UPDATE backup SET database = '../evil.sqlite'"],
  ['a key that was changed', "UPDATE backup_file SET content = x'00' WHERE path = 'root.key.pem'"],
  ['a later format', 'UPDATE backup SET format = 2'],
])('refuses a backup with %s', (_name, sql) => {
  makeBackup(data, at('b'), madeAt);
  const backup = new Sqlite(at('b'));
  backup.exec(sql);
  backup.close();
  expect(() => restoreBackup(at('b'), at('restored'))).toThrow('The command line has a fault.');
  expect(existsSync(at('restored'))).toBe(false);
});

test('a directory without a database is not initialised', () => {
  expect(() => makeBackup(at('nothing'), at('b'), madeAt)).toThrow('holds no certificate authority');
  expect(existsSync(at('b'))).toBe(false);
});

test('what a restored server signs is newer than everything that was signed after the backup', async () => {
  const server = await startTestServer();
  try {
    for (const name of ['one', 'two', 'three']) await TestBox.enrol(server, name);
    makeBackup(server.directory, at('b'), madeAt);
    server.nowMs += 3_600_000;
    for (const name of ['one', 'two']) await server.admin('POST', `/touchpoints/${name}/revoke`, {});
    const forgotten = await server.context.store.findManifest('venue');
    restoreBackup(at('b'), at('restored'));

    server.nowMs += 60_000;
    const restored = openSqliteStore(at('restored/tapseal.sqlite'), server.nowMs);
    try {
      const signing = manifestSigning(server.authority, server.nowMs);
      expect(await restored.revokeTouchpoint('venue', 'three', undefined, signing, audit)).toBe(true);
      const manifest = await restored.findManifest('venue');
      expect(manifest?.version).toBeGreaterThan(forgotten?.version ?? Number.NaN);
    } finally {
      await restored.close();
    }
  } finally {
    await server.close();
  }
});

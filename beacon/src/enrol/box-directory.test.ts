import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seededCrypto } from '../testing/seeded-crypto.js';
import { installBox, isEnrolled, loadBox, type NewBox } from './box-directory.js';

const crypto = seededCrypto(903);
let directory: string;
beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'tapseal-box-')), 'state');
});
afterEach(() => rmSync(join(directory, '..'), { recursive: true, force: true }));

function newBox(name: string): NewBox {
  return {
    identity: { programme: 'test', name, touchpointId: crypto.randomBytes(8), certificates: ['a', 'b', 'c'] },
    seed: crypto.randomBytes(32),
    manifest: Uint8Array.of(1, 2, 3),
    advertKey: crypto.randomBytes(32),
  };
}

test('what was enrolled is loaded, from files for their owner alone', () => {
  const box = newBox('lobby-1');
  installBox(directory, box);
  expect(loadBox(directory)).toMatchObject({ identity: box.identity, seed: box.seed });
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, 'current')).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(join(directory, 'current')))
    expect(statSync(join(directory, 'current', name)).mode & 0o777, name).toBe(0o600);
  expect(readFileSync(join(directory, 'current', 'box-key.pem'), 'utf8')).toMatch(
    /^-----BEGIN PRIVATE KEY-----/,
  );
});

test('a second enrolment takes the place of the first, whose key is gone', () => {
  installBox(directory, newBox('old'));
  const old = join(directory, readlinkSync(join(directory, 'current')));
  installBox(directory, newBox('new'));
  expect(loadBox(directory).identity.name).toBe('new');
  expect(existsSync(join(old, 'journal'))).toBe(true);
  expect(existsSync(join(old, 'box-key.pem'))).toBe(false);
});

test('an enrolment that cannot come into force leaves nothing behind', () => {
  // Something else in the place of the link.
  mkdirSync(join(directory, 'current', 'x'), { recursive: true });
  expect(() => installBox(directory, newBox('lobby-1'))).toThrow(
    expect.objectContaining({ code: 'storage_failed' }),
  );
  expect(readdirSync(directory).filter((name) => name.startsWith('box-'))).toEqual([]);
});

test('a box without enrolment, and one that is damaged', () => {
  expect(isEnrolled(directory)).toBe(false);
  expect(() => loadBox(directory)).toThrow(expect.objectContaining({ code: 'not_enrolled' }));
  installBox(directory, newBox('lobby-1'));
  expect(isEnrolled(directory)).toBe(true);
  const key = join(directory, 'current', 'box-key.pem');
  const pem = readFileSync(key, 'utf8');
  writeFileSync(key, pem.replace('MC4', 'MC5'));
  expect(() => loadBox(directory)).toThrow(
    expect.objectContaining({ code: 'storage_corrupt', detail: 'key file' }),
  );
  rmSync(key);
  expect(() => loadBox(directory)).toThrow(expect.objectContaining({ code: 'storage_corrupt' }));
});

import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemOf } from './problem-error.js';
import { readConfig, writeProfile } from './profile.js';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-profile-'));
  file = join(directory, 'deep', 'config.json');
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const profile = { server: 'https://localhost:8443', programme: 'main', token: 'tps_secret' };

test('profiles are kept beside each other, in a file of their owner alone', () => {
  writeProfile(file, 'default', profile);
  writeProfile(file, 'other', { server: 'https://example.com', programme: 'x' });
  expect(readConfig(file)).toEqual({
    profiles: { default: profile, other: { server: 'https://example.com', programme: 'x' } },
  });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o700);
});

test('a token that others may read is refused, and not repeated', () => {
  writeProfile(file, 'default', profile);
  chmodSync(file, 0o640);
  const problem = faultOf(file);
  expect(problem).toMatchObject({
    code: 'config_invalid',
    advice: expect.stringContaining(`chmod 600 ${file}`),
  });
  expect(JSON.stringify(problem)).not.toContain('tps_secret');
});

test.each(['{', '[]', '{"profiles":{"default":{"server":5}}}', '{"profiles":{},"tps_secret":1}'])(
  'a file that is damaged is named, and not repeated: %s',
  (text) => {
    writeProfile(file, 'default', profile);
    writeFileSync(file, text);
    const problem = faultOf(file);
    expect(problem.code).toBe('config_invalid');
    expect(problem.detail).toContain(file);
    expect(JSON.stringify(problem)).not.toContain('tps_secret');
  },
);

test('no file is no fault', () => {
  expect(readConfig(file)).toBeUndefined();
});

function faultOf(path: string) {
  try {
    readConfig(path);
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('no fault');
}

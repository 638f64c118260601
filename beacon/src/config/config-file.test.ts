import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configCandidates, findConfig, requireConfig, stateDirectory } from './config-file.js';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'tapseal-config-'));
  mkdirSync(join(home, 'tapseal'));
  writeFileSync(join(home, 'tapseal', 'beacon.toml'), '[actions.open]\nactuator = "log"\n');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the order in which files are looked for', () => {
  expect(configCandidates({ XDG_CONFIG_HOME: home })).toEqual([
    join(home, 'tapseal', 'beacon.toml'),
    '/etc/tapseal/beacon.toml',
  ]);
  expect(configCandidates({ XDG_CONFIG_HOME: home, TAPSEAL_BEACON_CONFIG: '/a/b.toml' })).toEqual([
    '/a/b.toml',
  ]);
  expect(findConfig(undefined, { XDG_CONFIG_HOME: home })?.config.actions).toEqual({
    open: { actuator: 'log' },
  });
});

test('a file that was named must be there, one that was not need not', () => {
  const nowhere = { XDG_CONFIG_HOME: join(home, 'none') };
  expect(findConfig(undefined, nowhere)).toBeUndefined();
  expect(() => findConfig(join(home, 'none.toml'), nowhere)).toThrow(/no such file/);
  expect(() => requireConfig(undefined, nowhere)).toThrow(
    /looked at .*beacon\.toml, \/etc\/tapseal\/beacon\.toml/,
  );
});

test('where the state is', () => {
  expect(stateDirectory('/srv/box', { STATE_DIRECTORY: '/var/lib/x' })).toBe('/srv/box');
  expect(stateDirectory(undefined, { STATE_DIRECTORY: '/var/lib/x' })).toBe('/var/lib/x');
});

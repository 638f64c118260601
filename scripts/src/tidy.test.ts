/** House style as a test, so that no reviewer has to remember it. What Biome can check, Biome checks. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

const topLevel = new Set([
  ...[
    '.ci',
    '.gitignore',
    'LICENSE',
    'README.md',
    'biome.json',
    'package-lock.json',
    'package.json',
    'tsconfig.json',
  ],
  ...['vitest.config.ts', 'beacon', 'cert-server', 'docs', 'hardware', 'mobile-sdk', 'scripts', 'shared'],
]);

function trackedFiles(): string[] {
  // The checkout may belong to somebody else, as it does in a container.
  const args = ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard'];
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const files = trackedFiles();
const sources = files.filter((file) => /\.(ts|cts|mjs)$/.test(file));

/** The packages that a file imports, and the files it imports relatively. */
function importsOf(file: string): string[] {
  return [...read(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}

test('the top level holds what the layout names and nothing else', () => {
  const extra = new Set(files.map((file) => file.split('/')[0] ?? '').filter((name) => !topLevel.has(name)));
  expect([...extra]).toEqual([]);
});

test('no source file is longer than 400 lines, tests aside', () => {
  const long = sources
    .filter((file) => !/\.(test|contract)\.ts$/.test(file))
    .filter((file) => read(file).split('\n').length > 400);
  expect(long).toEqual([]);
});

test('files are named in kebab case, and no folder or file is one for leftovers', () => {
  const misnamed = sources.filter((file) => {
    const name = basename(file).replace(/(\.(test|contract|config))?\.(ts|cts|mjs)$/, '');
    return !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name) || /(^|\/)(utils?|helpers?|common|misc)(\/|\.)/.test(file);
  });
  expect(misnamed).toEqual([]);
});

test('beacon, cert-server and mobile-sdk import shared and never each other', () => {
  const others: Record<string, RegExp> = {
    'shared/': /^@tapseal\//,
    'beacon/': /^@tapseal\/(?!shared\/)/,
    'cert-server/': /^@tapseal\/(?!shared\/)/,
    'mobile-sdk/': /^@tapseal\/(?!shared\/)/,
    'hardware/virtual-radio/': /^@tapseal\/(?!virtual-radio\/)/,
  };
  const faults: string[] = [];
  for (const file of sources.filter((name) => !/\.(test|contract)\.ts$/.test(name))) {
    for (const [folder, forbidden] of Object.entries(others)) {
      if (!file.startsWith(folder)) continue;
      faults.push(
        ...importsOf(file)
          .filter((name) => forbidden.test(name))
          .map((name) => `${file}: ${name}`),
      );
    }
  }
  expect(faults).toEqual([]);
});

test('cores see ports only: no Node, no radio, no database', () => {
  const cores =
    /^(beacon\/src\/core|mobile-sdk\/src\/core|cert-server\/src\/decision)\/|^shared\/src\/(?!crypto-native)/;
  const forbidden = /^(node:|@abandonware\/|better-sqlite3|fastify|sodium-native)/;
  const faults = sources
    .filter((file) => cores.test(file) && !/\.(test|contract)\.ts$/.test(file))
    .flatMap((file) =>
      importsOf(file)
        .filter((name) => forbidden.test(name))
        .map((name) => `${file}: ${name}`),
    );
  expect(faults).toEqual([]);
});

test('cores take time and randomness from their ports', () => {
  const cores = /^(beacon\/src\/core|mobile-sdk\/src\/core|cert-server\/src\/decision|shared\/src)\//;
  const hidden = /\b(Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|setTimeout\(|setInterval\()/;
  const faults = sources.filter(
    (file) => cores.test(file) && !/\.(test|contract)\.ts$/.test(file) && hidden.test(read(file)),
  );
  expect(faults).toEqual([]);
});

test('no check is silenced and no test is left focused or skipped for good', () => {
  const marks =
    /@ts-ignore|@ts-nocheck|biome-ignore|\b(?:it|test|describe)\.(?:only|todo)\b|\b(?:TODO|FIXME|XXX|HACK)\b/;
  const self = relative(root, fileURLToPath(import.meta.url));
  expect(sources.filter((file) => file !== self && marks.test(read(file)))).toEqual([]);
});

test('every program is a launcher that exists before the first build, so that npm links it on a fresh clone', () => {
  const manifests = files.filter((file) => /^[^/]+(\/[^/]+)?\/package\.json$/.test(file));
  const launchers = manifests.flatMap((file) => {
    const { bin = {} } = JSON.parse(read(file)) as { bin?: Record<string, string> };
    return Object.values(bin).map((path) => join(dirname(file), path));
  });
  expect(launchers.length).toBeGreaterThan(0);
  expect(launchers.filter((path) => !files.includes(path))).toEqual([]);
  expect(launchers.filter((path) => (statSync(join(root, path)).mode & 0o111) === 0)).toEqual([]);
});

test('every relative link of the documentation leads to a file', () => {
  const faults: string[] = [];
  for (const file of files.filter((name) => name.endsWith('.md'))) {
    // Code spans may hold brackets that are no links.
    const text = read(file).replace(/`[^`\n]*`/g, '');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)) {
      const path = relative(root, resolve(root, dirname(file), target));
      if (!files.some((name) => name === path || name.startsWith(`${path}/`)))
        faults.push(`${file}: ${target}`);
    }
  }
  expect(faults).toEqual([]);
});

test('the README stays under 200 lines', () => {
  expect(read('README.md').split('\n').length).toBeLessThan(200);
});

test('no tracked file names a place on the machine it was written on', () => {
  // Where the documentation tells people to install is no place of this machine's own.
  const isOurs = (place: string) => /^\/(opt|var\/lib)\/tapseal/.test(place);
  const places = [root, homedir()]
    .filter((place) => place.length > 6 && !isOurs(place))
    .map((place) => `${place}/`);
  const text = files.filter((file) =>
    /\.(ts|cts|mjs|js|json|md|svg|toml|service|txt|yml|cddl|sh)$/.test(file),
  );
  expect(text.filter((file) => places.some((place) => read(file).includes(place)))).toEqual([]);
});

test('formatting and lint hold without a warning', () => {
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  expect(() =>
    execFileSync(process.execPath, [biome, 'check', '--error-on-warnings', '.'], {
      cwd: root,
      stdio: 'pipe',
    }),
  ).not.toThrow();
});

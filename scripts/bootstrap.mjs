#!/usr/bin/env node
// Makes a fresh clone ready, with Node alone: installs the npm packages where they are missing or not those of the lockfile,
// with --debian the Debian packages that the tests use, and with --build compiles. Does nothing where nothing is to be done.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const flags = new Set(process.argv.slice(2));
const nodeVersionMin = [20, 19];

function fail(message) {
  process.stderr.write(`bootstrap: ${message}\n`);
  process.exit(1);
}

function say(message) {
  // On stderr, so that `npm run demo -- --json` keeps its standard output to itself.
  process.stderr.write(`bootstrap: ${message}\n`);
}

/** Runs a command; what it prints goes to stderr, and is shown whole only where the command fails or takes part. */
function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
    ...options,
  });
  return result.status === 0;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const fits = major > nodeVersionMin[0] || (major === nodeVersionMin[0] && minor >= nodeVersionMin[1]);
  if (!fits) fail(`Node ${nodeVersionMin.join('.')} or newer is needed; this is ${process.versions.node}.`);
}

/** What the lockfile asks for and node_modules does not hold, as npm itself keeps book of it. */
function staleness() {
  const wanted = readJson(join(root, 'package-lock.json'));
  if (wanted === undefined) fail('package-lock.json is missing or damaged: restore it from the repository.');
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'no packages are installed yet';
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (!path.includes('node_modules/') || entry.link === true) continue;
    const have = installed.packages[path];
    if (have === undefined && (entry.optional === true || entry.devOptional === true)) continue;
    if (have?.version !== entry.version)
      return `${path.replace(/^.*node_modules\//, '')} is not the one of the lockfile`;
  }
  return undefined;
}

/** Packages whose JavaScript is needed even where their native part cannot be compiled: the virtual radio replaces it. */
const radioPackages = ['@abandonware/bleno', '@abandonware/noble'];

function installPackages() {
  const reason = staleness();
  if (reason !== undefined) {
    say(`installing npm packages (${reason}); this takes a minute or two`);
    if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
      fail('npm ci failed: its message is above. Check the network and run the same command again.');
    }
  }
  if (radioPackages.some((name) => !existsSync(join(root, 'node_modules', name, 'package.json')))) {
    say(
      'no compiler for the native Bluetooth parts: installing their JavaScript alone, for the virtual radio',
    );
    if (!run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']))
      fail('npm ci failed.');
    run('npm', ['rebuild', 'better-sqlite3', 'esbuild']);
  }
  checkDatabase();
}

/** A native module built for another Node cannot be loaded; building it again mends that. */
function checkDatabase() {
  const load = () => {
    const probe = "new (require('better-sqlite3'))(':memory:').close()";
    return (
      spawnSync(process.execPath, ['-e', probe], { cwd: join(root, 'cert-server'), stdio: 'ignore' })
        .status === 0
    );
  };
  if (load()) return;
  say('building better-sqlite3 for this Node');
  run('npm', ['rebuild', 'better-sqlite3']);
  if (!load()) {
    fail('better-sqlite3 does not load. Install python3, make and g++, then run: npm rebuild better-sqlite3');
  }
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));
}

/** Lines of scripts/debian-packages.txt, without comments. */
function debianPackages() {
  return readFileSync(join(root, 'scripts', 'debian-packages.txt'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}

function isDebianInstalled(name) {
  const result = spawnSync('dpkg-query', ['--status', name], { encoding: 'utf8' });
  return result.status === 0 && result.stdout.includes('install ok installed');
}

function installDebianPackages() {
  if (!onPath('apt-get') || !onPath('dpkg-query')) {
    say('no apt here: the tests that need Debian packages are skipped by name');
    return;
  }
  const missing = debianPackages().filter((name) => !isDebianInstalled(name));
  if (missing.length === 0) return;
  const command = `apt-get update && apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) {
    say(`not root: tests that need Debian packages are skipped by name. To enable them: ${command}`);
    return;
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const installed =
    run('apt-get', ['update', '-qq'], { env }) &&
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { env });
  if (!installed)
    say(`apt could not install them; the tests that need them are skipped by name. Try: ${command}`);
}

function build() {
  const require = createRequire(join(root, 'package.json'));
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  if (!run(process.execPath, [tsc, '-b'])) fail('the build failed: the messages of the compiler are above.');
}

/** The kernel of the test machine is only unpacked into the project's cache, never installed. */
function prepareTestMachine() {
  if (!onPath('apt-get') || !onPath('qemu-system-x86_64')) return;
  if (!run(process.execPath, [join(root, 'hardware', 'vm', 'dist', 'main.js'), 'prepare'])) {
    say('the test machine could not be prepared; its tests are skipped by name');
  }
}

checkNode();
installPackages();
if (flags.has('--debian')) installDebianPackages();
if (flags.has('--build')) build();
if (flags.has('--build') && flags.has('--debian')) prepareTestMachine();

/** The commands that open a store by themselves, on both kinds: what they do, what they refuse, and what they never print. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { authorityFiles } from '../authority/key-files.js';
import { openStore } from '../store/open-store.js';
import { DATABASE_FILE, storeLocation } from '../store/store-location.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-postgres.js';
import { type Home, makeHome } from './testing/tapseal-process.js';

const secret = 'a-password-that-nobody-may-see';
const plainInit = ['init', '--programme', 'mall', '--time-zone', 'Europe/Berlin'];

let postgres: TestPostgres;
let home: Home;

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

/** With --json: what is printed on standard output. */
async function done(...args: readonly string[]) {
  const { code, stdout, stderr } = await home.call([...args, '--json']);
  expect({ args, code, stderr: withoutWarning(stderr) }).toEqual({ args, code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** With --json: exit code and code of the problem. */
async function fault(
  ...args: readonly string[]
): Promise<{ exit: number | null; code: string; detail: string }> {
  const { code, stdout, stderr } = await home.call([...args, '--json']);
  expect(stdout).toBe('');
  const problem = problemOf(stderr);
  return { exit: code, code: problem.code, detail: problem.detail };
}

function withoutWarning(stderr: string): string {
  return stderr.replace(/^warning: .*\n/, '');
}

/** The last line: what a server logged before it ended may stand above. */
function problemOf(stderr: string): { code: string; detail: string } {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
}

const dataDirectory = (): string => home.path('data/tapseal');

describe('the address of a database', () => {
  test('with a password in an argument is accepted, with a warning that says what to do', async () => {
    const url = await postgres.createDatabase();
    const { stderr, stdout, code } = await home.call(['migrate', '--database', url]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^warning: every user of this machine can see the password in --database\. .*\n$/);
    for (const name of ['TAPSEAL_DATABASE', 'PGPASSFILE', 'PGPASSWORD']) expect(stderr).toContain(name);
    expect(stdout + stderr).not.toContain(postgres.password);
  });

  test.each<[string, () => string | Promise<string>, number, string]>([
    ['nobody listens', () => `postgres://u:${secret}@127.0.0.1:1/x`, 3, 'database_unavailable'],
    [
      'the host has no name',
      () => `postgres://u:${secret}@no-such-host.invalid/x`,
      3,
      'database_unavailable',
    ],
    [
      'the password is wrong',
      () => `postgres://tapseal:${secret}@127.0.0.1:${postgres.port}/postgres`,
      5,
      'database_login_refused',
    ],
    [
      'there is no such user',
      () => `postgres://nobody:${secret}@127.0.0.1:${postgres.port}/postgres`,
      5,
      'database_login_refused',
    ],
    [
      'no password was given',
      () => `postgres://tapseal@127.0.0.1:${postgres.port}/postgres`,
      5,
      'database_login_refused',
    ],
    ['there is no such database', () => postgres.url('nowhere'), 4, 'database_missing'],
    ['it has no tables yet', () => postgres.createDatabase(), 1, 'schema_outdated'],
    ['it is that of something else', () => `mysql://u:${secret}@127.0.0.1/x`, 2, 'usage_invalid'],
    ['it is none', () => `postgres://u:${secret}@host:not-a-port/x`, 2, 'usage_invalid'],
    [
      'its certificate cannot be read',
      () => `postgres://u:${secret}@h/x?sslrootcert=/nowhere`,
      2,
      'usage_invalid',
    ],
  ])('where %s: a code and an exit code of its own, and no password', async (_what, address, exit, code) => {
    await home.call(plainInit);
    const url = await address();
    for (const args of [
      ['serve', '--port', '0'],
      ['migrate', '--check'],
      ['token', 'renew-owner'],
    ]) {
      const { stdout, stderr, code: status } = await home.call([...args, '--database', url, '--json']);
      expect({ args, status, code: problemOf(stderr).code }).toEqual({
        args,
        status: exit,
        code,
      });
      expect(stdout + stderr).not.toContain(secret);
      expect(stdout + stderr).not.toContain(postgres.password);
    }
  });

  test('where a server does not answer, nobody waits for ever', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const told = await fault('migrate', '--database', `postgres://u@127.0.0.1:${port}/x`);
    expect(told).toMatchObject({ exit: 3, code: 'database_unavailable' });
    silent.close();
  });

  test('of a newer program is refused', async () => {
    const url = await postgres.createDatabase();
    await done('migrate', '--database', url);
    await postgres.query('INSERT INTO migration VALUES (99, 0)', new URL(url).pathname.slice(1));
    expect(await fault('migrate', '--database', url)).toMatchObject({ exit: 1, code: 'schema_newer' });
    expect(await fault('migrate', '--check', '--database', url)).toMatchObject({ code: 'schema_newer' });
  });
});

describe('init with a database', () => {
  test('makes keys, tables and programme; the directory holds the keys alone', async () => {
    const url = await postgres.createDatabase();
    const made = await done(...plainInit, '--database', url);
    expect(made.database).toBe(`tapseal@127.0.0.1:${postgres.port}${new URL(url).pathname}`);
    expect(readdirSync(dataDirectory()).sort()).toEqual(Object.values(authorityFiles).sort());
    const store = await openStore(storeLocation('', url), 0);
    expect((await store.listProgrammes()).map(({ id }) => id)).toEqual(['mall']);
    await store.close();
  });

  test('is refused where it holds a programme already, and leaves no keys', async () => {
    const url = await postgres.createDatabase();
    await done(...plainInit, '--database', url);
    const second = ['--data', home.path('second'), '--profile', 'second'];
    expect(await fault('init', ...second, '--database', url)).toMatchObject({
      exit: 1,
      code: 'database_not_empty',
    });
    expect(readdirSync(home.path('second'))).toEqual([]);
  });
});

test('init refuses a title that a terminal would take for something else, and makes nothing', async () => {
  const told = await fault(...plainInit, '--title', 'North\u001b[2J Mall');
  expect(told).toMatchObject({ exit: 2, code: 'usage_invalid', detail: expect.stringContaining('--title') });
  expect(existsSync(dataDirectory())).toBe(false);
});

describe('migrate', () => {
  const stepsTo = (newest: number): number[] => Array.from({ length: newest }, (_, at) => at + 1);

  test('says what it did, and that there is nothing to do', async () => {
    const url = await postgres.createDatabase();
    const check = ['migrate', '--check', '--database', url];
    expect(await fault(...check)).toMatchObject({ exit: 1, code: 'schema_outdated' });
    const first = await done('migrate', '--database', url);
    expect(first).toMatchObject({ kind: 'postgres', from: 0, steps: stepsTo(first.step) });
    expect(first.step).toBeGreaterThan(0);
    const again = { from: first.step, step: first.step, steps: [] };
    expect(await done('migrate', '--database', url)).toMatchObject(again);
    expect(await done(...check)).toMatchObject(again);
  });

  test('tells people of each step as it is applied, on either kind of store', async () => {
    await home.call(plainInit);
    const file = join(dataDirectory(), DATABASE_FILE);
    rmSync(file);
    new Sqlite(file).close();
    for (const args of [[], ['--database', await postgres.createDatabase()]]) {
      const lines = (await home.call(['migrate', ...args])).stdout.trimEnd().split('\n');
      const count = lines.length - 1;
      expect(count).toBeGreaterThan(0);
      expect(lines).toEqual([
        ...stepsTo(count).map((step) => `Applied step ${step} of ${count}.`),
        expect.stringContaining(`went from step 0 to step ${count}, the newest.`),
      ]);
      expect((await home.call(['migrate', ...args])).stdout).toContain('nothing to do');
    }
  });

  test('of a data directory: --check changes nothing', async () => {
    await home.call(plainInit);
    const file = join(dataDirectory(), DATABASE_FILE);
    const before = await done('migrate', '--check');
    expect(before).toMatchObject({ kind: 'sqlite', database: file, from: before.step });
    const database = new Sqlite(file);
    database.exec('UPDATE migration SET step = step + 90');
    database.close();
    expect(await fault('migrate', '--check')).toMatchObject({ exit: 1, code: 'schema_newer' });
    rmSync(file);
    new Sqlite(file).close();
    expect(await fault('migrate', '--check')).toMatchObject({ exit: 1, code: 'schema_outdated' });
    expect(statSync(file).size).toBe(0);
    expect(await done('migrate')).toMatchObject({ from: 0, step: before.step, steps: stepsTo(before.step) });
  });

  test('without a server there is nothing to migrate', async () => {
    expect(await fault('migrate')).toMatchObject({ exit: 4, code: 'not_initialised' });
    expect(existsSync(dataDirectory())).toBe(false);
  });
});

describe('export and import', () => {
  const out = (): string => home.path('mall.export');

  beforeEach(async () => {
    expect((await home.call(plainInit)).code).toBe(0);
  });

  test('from the data directory to PostgreSQL and back, with the keys of the directory', async () => {
    const written = await done('export', '--out', out());
    expect(written).toMatchObject({ programme: 'mall', out: out(), rows: { programme: 1, manifest: 1 } });
    expect(written.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(out()).mode & 0o777).toBe(0o600);

    const url = await postgres.createDatabase();
    const toPostgres = ['import', '--in', out(), '--database', url];
    expect(await fault(...toPostgres)).toMatchObject({ code: 'schema_outdated' });
    await done('migrate', '--database', url);
    expect(await done(...toPostgres)).toMatchObject({ programme: 'mall', rows: written.rows });
    expect(await fault(...toPostgres)).toMatchObject({ exit: 1, code: 'name_taken' });

    // The owner token stayed where it was: there is a new one.
    expect(await done('token', 'renew-owner', '--save', '--database', url)).toMatchObject({ revoked: [] });

    rmSync(join(dataDirectory(), DATABASE_FILE));
    await done('export', '--database', url, '--out', home.path('again.export'));
    expect(await done('import', '--in', home.path('again.export'))).toMatchObject({ programme: 'mall' });
    expect(await done('migrate', '--check')).toMatchObject({ kind: 'sqlite' });
  });

  test('the text says that keys and owner token are not in it', async () => {
    const { stdout } = await home.call(['export', '--out', out()]);
    expect(stdout).toContain('It holds no keys and no owner token');
    expect(stdout).toMatch(/0 decisions and \d+ other rows, in \d+(\.\d)? s\./);
    const text = readFileSync(out(), 'utf8');
    expect(text).not.toContain('PRIVATE KEY');
    expect(text).not.toContain('first owner');
  });

  test('with other keys, or none, an import is refused and no database is made', async () => {
    await done('export', '--out', out());
    const other = home.path('other');
    await done('init', '--data', other, '--programme', 'x', '--time-zone', 'UTC', '--profile', 'other');
    rmSync(join(other, DATABASE_FILE));
    const refused = ['import', '--in', out(), '--data'];
    expect(await fault(...refused, other)).toMatchObject({ exit: 1, code: 'keys_mismatch' });
    expect(existsSync(join(other, DATABASE_FILE))).toBe(false);
    mkdirSync(home.path('empty'));
    expect(await fault(...refused, home.path('empty'))).toMatchObject({ exit: 4, code: 'not_initialised' });
    expect(readdirSync(home.path('empty'))).toEqual([]);
  });

  test('nothing is overwritten, and nothing half is left', async () => {
    writeFileSync(out(), 'mine');
    expect(await fault('export', '--out', out())).toMatchObject({ exit: 2, code: 'usage_invalid' });
    expect(readFileSync(out(), 'utf8')).toBe('mine');
    const unknown = ['export', '--programme', 'nowhere', '--out', home.path('nowhere.export')];
    expect(await fault(...unknown)).toMatchObject({ exit: 4, code: 'programme_unknown' });
    expect(readdirSync(home.directory).filter((name) => name.includes('nowhere'))).toEqual([]);
    expect(await fault('import', '--in', home.path('missing'))).toMatchObject({
      exit: 2,
      code: 'usage_invalid',
    });
  });

  test('a database that a server has open is refused; once the server has ended, also by a crash, it is not', async () => {
    await done('export', '--out', out());
    const live = home.path('live');
    cpSync(dataDirectory(), live, { recursive: true });
    rmSync(join(live, DATABASE_FILE));
    new Sqlite(join(live, DATABASE_FILE)).close();
    await done('migrate', '--data', live);
    const intoLive = ['import', '--in', out(), '--data', live];
    const serving = ['serve', '--data', live, '--port', '0', '--no-tls', '--log-level', 'error', '--json'];
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const server = home.start(serving);
      const { url } = JSON.parse(await server.until('stdout', (text) => text.endsWith('\n')));
      expect(await fault(...intoLive)).toEqual({
        exit: 3,
        code: 'database_unavailable',
        detail: expect.stringContaining('open in another program'),
      });
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/v1/programmes/mall/manifest`)).status).toBe(404);
      server.child.kill(signal);
      await server.finished;
    }
    expect(await done(...intoLive)).toMatchObject({ programme: 'mall' });
    const server = home.start(serving);
    const { url } = JSON.parse(await server.until('stdout', (text) => text.endsWith('\n')));
    expect((await fetch(`${url}/v1/programmes/mall/manifest`)).status).toBe(200);
    server.child.kill('SIGTERM');
    expect((await server.finished).code).toBe(0);
  });

  test('of another programme than was named is refused', async () => {
    await done('export', '--out', out());
    const told = await fault('import', '--in', out(), '--programme', 'other');
    expect(told).toMatchObject({ exit: 2, detail: expect.stringContaining('holds the programme mall') });
  });
});

describe('backup of a server whose database is elsewhere', () => {
  test('is the keys, where that was asked for; a database that got lost is noticed', async () => {
    await home.call(plainInit);
    rmSync(join(dataDirectory(), DATABASE_FILE));
    const file = home.path('keys.backup');
    expect(await fault('backup', '--out', file)).toMatchObject({
      exit: 4,
      code: 'not_initialised',
      detail: expect.stringContaining('keys and no database'),
    });
    expect(await done('backup', '--keys-only', '--out', file)).toMatchObject({ files: 10 });
    const { stdout } = await home.call(['restore', file, '--data', home.path('restored')]);
    expect(stdout).toContain('and no database');
    expect(stdout).toContain('--database URL');
    for (const name of readdirSync(dataDirectory())) {
      expect(readFileSync(join(home.path('restored'), name))).toEqual(
        readFileSync(join(dataDirectory(), name)),
      );
    }
  });
});

test('a directory with a copy of the keys serves the same database; a database file beside them is named', async () => {
  const url = await postgres.createDatabase();
  await done(...plainInit, '--database', url);
  const second = home.path('second');
  cpSync(dataDirectory(), second, { recursive: true });
  writeFileSync(join(second, DATABASE_FILE), '');
  const serving = ['serve', '--port', '0', '--no-tls', '--log-level', 'info'];
  const served = await home.callAndStop([...serving, '--data', second, '--database', url]);
  expect(served).toMatchObject({ code: 0, stdout: expect.stringContaining('Serving at http://127.0.0.1:') });
  expect(served.stderr).toContain(`${DATABASE_FILE} in the data directory is not used`);
  expect(served.stdout + served.stderr).not.toContain(postgres.password);
});

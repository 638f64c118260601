/**
 * For tests only: a real PostgreSQL server in a directory of its own, on loopback, with a password that nobody else knows. It
 * is as durable as one in production: fsync stays on unless the settings say otherwise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { guardDirectory } from './directory-guard.js';
import { freePort } from './free-port.js';
import { postgresPrograms } from './postgres-programs.js';
import { killTree } from './process-tree.js';

export type TestPostgresOptions = {
  /** Lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
};

const USER = 'tapseal';
const STANDBY_NAME = 'standby';

function configOf(settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  return lines.join('');
}

async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const { user } = await postgresPrograms();
  const child = spawn(program, args, { ...user, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said}`);
}

export class TestPostgres {
  readonly directory: string;
  readonly #removeDirectory: () => Promise<void>;
  readonly #password: string;
  #port: number;
  #child: ChildProcess | undefined;
  #databases = 0;

  constructor(directory: string, password: string, port: number) {
    this.directory = directory;
    this.#removeDirectory = guardDirectory(directory);
    this.#password = password;
    this.#port = port;
  }

  /** Of the postmaster. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('the server does not run');
    return pid;
  }

  get password(): string {
    return this.#password;
  }

  get port(): number {
    return this.#port;
  }

  url(database = 'postgres'): string {
    return `postgres://${USER}:${this.#password}@127.0.0.1:${this.#port}/${database}`;
  }

  /** @returns the address of a fresh, empty database */
  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  /** One statement, as the superuser, on a connection of its own. */
  async query<Row extends pg.QueryResultRow>(text: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** Later settings win. They count from the next start on. */
  async configure(settings: Readonly<Record<string, string>>): Promise<void> {
    await appendFile(join(this.directory, 'data/postgresql.conf'), configOf(settings));
  }

  async start(): Promise<void> {
    const { postgres, user } = await postgresPrograms();
    for (let attempt = 1; ; attempt++) {
      const args = ['-D', join(this.directory, 'data'), '-p', String(this.#port)];
      const child = spawn(postgres, args, {
        ...user,
        cwd: this.directory,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const fault = await this.#readiness(child);
      if (fault === undefined) {
        this.#child = child;
        // It does not keep this process from ending; the guard of its directory ends it then.
        child.unref();
        if (child.stderr instanceof Socket) child.stderr.unref();
        return;
      }
      // Somebody else took the port since it was found to be free.
      if (!/Address already in use/.test(fault) || attempt === 3) throw new Error(fault);
      this.#port = await freePort();
    }
  }

  /** @returns undefined when it takes connections, or what it said before it ended */
  #readiness(child: ChildProcess): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const said: string[] = [];
      child.once('error', reject);
      // Not 'exit', after which there may be more to read.
      child.once('close', (code) => resolve(`postgres ended with ${code}: ${said.join('\n')}`));
      // Read to its end, or a full pipe would stop the server.
      if (child.stderr === null) throw new Error('postgres has no stderr');
      createInterface({ input: child.stderr }).on('line', (line) => {
        said.push(line);
        if (said.length > 50) said.shift();
        if (/ready to accept (?:read-only )?connections/.test(line)) resolve(undefined);
      });
    });
  }

  /** SIGKILL for all of its processes, as a power cut; what was acknowledged must be there after `restart`. */
  async kill(): Promise<void> {
    await killTree(this.pid);
    this.#child = undefined;
  }

  /** After `kill`, or in one go; whoever is connected is cut off. */
  async restart(): Promise<void> {
    await this.#shutDown();
    await this.start();
  }

  /** Ends it in order, whoever is connected. Its data stays. */
  async #shutDown(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.ref();
    const gone = once(child, 'exit');
    child.kill('SIGINT');
    await gone;
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    await this.#shutDown();
    await this.#removeDirectory();
  }

  /** A copy of the data as it is when the server does not run, in a directory of its own, not started. */
  async copyStopped(): Promise<TestPostgres> {
    await this.#shutDown();
    const copy = new TestPostgres(await ownDirectory(), this.#password, await freePort());
    const [from, to] = [join(this.directory, 'data'), join(copy.directory, 'data')];
    // As the owner of both: the copy has to be the server's own.
    await run('/bin/cp', ['-a', from, to], copy.directory);
    return copy;
  }
}

async function ownDirectory(): Promise<string> {
  const { user } = await postgresPrograms();
  const directory = await mkdtemp(join(tmpdir(), 'tapseal-postgres-'));
  if (user.uid !== undefined && user.gid !== undefined) await chown(directory, user.uid, user.gid);
  return directory;
}

async function cluster(directory: string, password: string): Promise<void> {
  const { initdb, user } = await postgresPrograms();
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user.uid !== undefined && user.gid !== undefined) await chown(passwordFile, user.uid, user.gid);
  // A locale that does not sort by bytes: nothing may depend on the order of the database's default.
  const locale = ['--locale=C', '--encoding=UTF8', '--locale-provider=icu', '--icu-locale=en'];
  const access = [`--username=${USER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  // Synced by nobody: an empty cluster that a power cut takes is made again.
  const args = ['-D', join(directory, 'data'), ...locale, ...access, '--no-sync', '--no-instructions'];
  await run(initdb, args, directory);
  await rm(passwordFile);
}

export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const password = randomBytes(18).toString('base64url');
  const server = new TestPostgres(await ownDirectory(), password, await freePort());
  try {
    await cluster(server.directory, password);
    await server.configure({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '100',
      // After a kill: one call for the whole file system, and not one for each of a thousand files.
      ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
      ...options.settings,
    });
    await server.start();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export type TestStandby = {
  readonly server: TestPostgres;
  /** Makes it a primary that waits for no other. Settles when it takes writes. */
  promote(): Promise<void>;
};

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10);
}

/**
 * A synchronous streaming standby: from now on the primary acknowledges no commit before the standby has it on its disk.
 * Restarts the primary.
 */
export async function startStandby(primary: TestPostgres): Promise<TestStandby> {
  const server = await primary.copyStopped();
  const connection = {
    host: '127.0.0.1',
    port: primary.port,
    user: USER,
    password: primary.password,
    application_name: STANDBY_NAME,
  };
  const conninfo = Object.entries(connection).map(([name, value]) => `${name}=${value}`);
  await server.configure({ primary_conninfo: conninfo.join(' '), synchronous_standby_names: '' });
  await writeFile(join(server.directory, 'data/standby.signal'), '');
  await primary.configure({ synchronous_standby_names: STANDBY_NAME, synchronous_commit: 'on' });
  await primary.start();
  await server.start();
  await until(async () => {
    const rows = await primary.query('SELECT 1 FROM pg_stat_replication WHERE sync_state = $$sync$$');
    return rows.length === 1;
  });
  return {
    server,
    promote: async () => {
      await server.query('SELECT pg_promote(true, 60)');
      await until(async () => {
        const [row] = await server.query<{ standby: boolean }>('SELECT pg_is_in_recovery() AS standby');
        return row?.standby === false;
      });
    },
  };
}

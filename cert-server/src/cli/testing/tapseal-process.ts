/** `tapseal` as its user has it, in a home of its own: a process of the built file, or the same command line in this process. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../run-command.js';

export const mainFile = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type Home = {
  readonly directory: string;
  path(name: string): string;
  /** Runs to the end, in a process of its own. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** Runs to the end in this process, which must be in `directory`: without the half second that a process takes to start. */
  call(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
  /** The same of what runs until it is told to stop, which it is as soon as it can hear it. */
  callAndStop(args: readonly string[]): Promise<Finished>;
  /** Starts what runs until it is told to stop. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>): Running;
  remove(): void;
};

export type Running = {
  readonly child: ChildProcessWithoutNullStreams;
  readonly finished: Promise<Finished>;
  /** Resolves when `found` holds for what has been printed; rejects where the process ends before. */
  until(stream: 'stdout' | 'stderr', found: (text: string) => boolean): Promise<string>;
};

function startProcess(args: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Running {
  const child = spawn(process.execPath, [mainFile, ...args], { env, cwd });
  child.stdin.end();
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
    });
  }
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...printed }));
  });
  const until: Running['until'] = (stream, found) =>
    new Promise((resolve, reject) => {
      const look = (): boolean => {
        if (!found(printed[stream])) return false;
        child[stream].off('data', look);
        resolve(printed[stream]);
        return true;
      };
      if (look()) return;
      child[stream].on('data', look);
      finished.then((end) => look() || reject(new Error(`ended before: ${JSON.stringify(end)}`)), reject);
    });
  return { child, finished, until };
}

async function callHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onStop: (stop: () => void) => void = () => undefined,
): Promise<Finished> {
  const printed = { stdout: '', stderr: '' };
  const sink = (stream: 'stdout' | 'stderr') => ({
    write: (text: string | Uint8Array) => {
      printed[stream] += String(text);
      return true;
    },
  });
  const context = {
    env,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    now: () => Date.now(),
    onStop,
  };
  const code = await runCommand(context, args, '0');
  return { code, ...printed };
}

export function makeHome(): Home {
  const directory = mkdtempSync(join(tmpdir(), 'tapseal-cli-'));
  const base = {
    HOME: directory,
    PATH: process.env.PATH ?? '',
    XDG_CONFIG_HOME: join(directory, 'config'),
    XDG_DATA_HOME: join(directory, 'data'),
    XDG_CACHE_HOME: join(directory, 'cache'),
    TZ: 'UTC',
  };
  const start: Home['start'] = (args, env = {}) => startProcess(args, { ...base, ...env }, directory);
  return {
    directory,
    path: (name) => join(directory, name),
    start,
    run: (args, env) => start(args, env).finished,
    call: (args, env) => callHere(args, { ...base, ...env }),
    callAndStop: (args) => callHere(args, base, (stop) => stop()),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

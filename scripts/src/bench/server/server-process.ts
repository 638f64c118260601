/** A server as a process of its own: `tapseal serve`, or another program that says its address the same way. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { processorMs, residentMb } from '../process-usage.js';

const START_MS_MAX = 120_000;
const STOP_MS_MAX = 60_000;
const LOG_CHARS_SHOWN = 2_000;

type Child = ChildProcessByStdio<null, Readable, null>;

export type ServerCommand = {
  /** Arguments of Node, the program first. */
  readonly args: readonly string[];
  /** Gets standard error, which is the server's log. A file: reading it here would cost what is measured. */
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** Those that this process has not stopped end with it. */
const running = new Set<Child>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class ServerProcess {
  readonly url: string;
  /** From the start of the process to its word that it listens. */
  readonly startMs: number;
  readonly #child: Child;

  private constructor(child: Child, url: string, startMs: number) {
    this.#child = child;
    this.url = url;
    this.startMs = startMs;
  }

  static async start({ args, logFile, env = {} }: ServerCommand): Promise<ServerProcess> {
    const startedMs = performance.now();
    const log = openSync(logFile, 'a');
    const child: Child = spawn(process.execPath, [...args], {
      stdio: ['ignore', 'pipe', log],
      env: { ...process.env, ...env },
    }) as Child;
    closeSync(log);
    running.add(child);
    child.once('close', () => running.delete(child));
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (what: string): void => {
        child.kill('SIGKILL');
        reject(new Error(`the server ${what}:\n${readFileSync(logFile, 'utf8').slice(-LOG_CHARS_SHOWN)}`));
      };
      const giveUp = setTimeout(() => fail(`did not listen within ${START_MS_MAX} ms`), START_MS_MAX);
      child.once('exit', (code) => fail(`ended with ${code} before it listened`));
      createInterface({ input: child.stdout }).once('line', (line) => {
        clearTimeout(giveUp);
        child.removeAllListeners('exit');
        resolve(String((JSON.parse(line) as { url: unknown }).url));
      });
    });
    return new ServerProcess(child, url, performance.now() - startedMs);
  }

  get #pid(): number {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null) throw new Error('the server is not running');
    return pid;
  }

  processorMs(): number {
    return processorMs(this.#pid);
  }

  /** @param peak the highest so far, instead of now */
  residentMb(peak = false): number {
    return residentMb(this.#pid, peak);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS_MAX);
    await ended;
    clearTimeout(force);
  }
}

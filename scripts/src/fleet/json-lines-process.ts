/**
 * A child process that speaks JSON lines: starts it, reads its events as they come, and ends it. Whoever waits is told when
 * the process ends without the event, with the tail of what it said on standard error.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type JsonLine = Readonly<Record<string, unknown>>;

export type StartOptions = {
  readonly label: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Told everything that it prints, on either stream, as it comes. */
  readonly onOutput?: (text: string) => void;
};

type Waiter = {
  readonly matches: (line: JsonLine) => boolean;
  readonly resolve: (line: JsonLine) => void;
  readonly reject: (error: Error) => void;
};

const ERROR_LINES_KEPT = 40;
const STOP_WAIT_MS = 8_000;

export class JsonLinesProcess {
  readonly label: string;
  readonly lines: JsonLine[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiters = new Set<Waiter>();
  readonly #listeners = new Set<(line: JsonLine) => void>();
  readonly #errorLines: string[] = [];
  readonly ended: Promise<number>;
  #exitCode: number | undefined;

  constructor(options: StartOptions) {
    this.label = options.label;
    this.#child = spawn(process.execPath, [...options.args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    // A child that ends while we write to it is seen by its end, not by a broken pipe.
    this.#child.stdin.on('error', () => {});
    const { onOutput } = options;
    if (onOutput !== undefined) {
      for (const stream of [this.#child.stdout, this.#child.stderr])
        stream.on('data', (chunk: Buffer) => onOutput(chunk.toString('utf8')));
    }
    createInterface({ input: this.#child.stdout }).on('line', (text) => this.#receive(text));
    createInterface({ input: this.#child.stderr }).on('line', (text) => {
      this.#errorLines.push(text);
      if (this.#errorLines.length > ERROR_LINES_KEPT) this.#errorLines.shift();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code, signal) => {
        this.#exitCode = code ?? (signal === null ? 1 : 128);
        for (const waiter of this.#waiters) waiter.reject(this.#endedError());
        this.#waiters.clear();
        resolve(this.#exitCode);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get errorOutput(): string {
    return this.#errorLines.join('\n');
  }

  #endedError(): Error {
    return new Error(
      `${this.label} ended with ${this.#exitCode}${this.errorOutput ? `:\n${this.errorOutput}` : ''}`,
    );
  }

  #receive(text: string): void {
    let line: JsonLine;
    try {
      line = JSON.parse(text) as JsonLine;
    } catch {
      this.#errorLines.push(text);
      return;
    }
    this.lines.push(line);
    for (const listener of this.#listeners) listener(line);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(line)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(line);
    }
  }

  onLine(listener: (line: JsonLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The next line from now on that matches; `timeoutMs` is a bound for the desperate case, not a measurement. */
  next(matches: (line: JsonLine) => boolean, what: string, timeoutMs = 20_000): Promise<JsonLine> {
    if (this.#exitCode !== undefined) return Promise.reject(this.#endedError());
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        this.#waiters.delete(waiter);
        const tail = this.lines.slice(-5).map((line) => JSON.stringify(line));
        reject(
          new Error(
            `${this.label}: no ${what} within ${timeoutMs} ms; last lines:\n${tail.join('\n')}\n${this.errorOutput}`,
          ),
        );
      }, timeoutMs);
      const settle = <T>(then: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(giveUp);
          then(value);
        };
      };
      const waiter: Waiter = { matches, resolve: settle(resolve), reject: settle(reject) };
      this.#waiters.add(waiter);
    });
  }

  /** A line that has come already, or the next one. */
  async seen(matches: (line: JsonLine) => boolean, what: string, timeoutMs?: number): Promise<JsonLine> {
    return this.lines.find(matches) ?? this.next(matches, what, timeoutMs);
  }

  write(text: string): void {
    this.#child.stdin.write(`${text}\n`);
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the process to end, and ends it where it does not; resolves with its exit code. */
  async stop(): Promise<number> {
    if (this.#exitCode !== undefined) return this.#exitCode;
    this.#child.kill('SIGTERM');
    const force = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WAIT_MS);
    const code = await this.ended;
    clearTimeout(force);
    return code;
  }
}

/** Runs a program without a shell, with a bounded time, no input and a minimal environment. */
import { spawn } from 'node:child_process';

export type ProgramRun = {
  readonly path: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly env?: Readonly<Record<string, string>>;
};

export type ProgramResult = {
  /** The exit status, or undefined if it could not be started or was ended by a signal. */
  readonly status: number | undefined;
  /** The first part of what it printed. */
  readonly output: string;
  /** For people: why `status` is not 0. */
  readonly fault: string | undefined;
};

const OUTPUT_CHARS_MAX = 4_096;
const MINIMAL_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' };

/** Never rejects. */
export function runProgram(run: ProgramRun): Promise<ProgramResult> {
  return start(run).catch((error: unknown) => ({
    status: undefined,
    output: '',
    fault: error instanceof Error ? error.message : String(error),
  }));
}

/** Rejects where Node throws instead of reporting: for a null byte in an argument, or without a descriptor to spare. */
function start(run: ProgramRun): Promise<ProgramResult> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(run.path, run.args, {
      env: { ...MINIMAL_ENV, ...run.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: run.timeoutMs,
      killSignal: 'SIGKILL',
    });
    const collect = (chunk: Buffer): void => {
      if (output.length < OUTPUT_CHARS_MAX) output += chunk.toString('utf8', 0, OUTPUT_CHARS_MAX);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => resolve({ status: undefined, output, fault: error.message }));
    // Not `close`: a grandchild that keeps the pipes open must not hold up the receipt.
    child.once('exit', (status, signal) => {
      child.stdout.destroy();
      child.stderr.destroy();
      const fault =
        status === 0
          ? undefined
          : signal === null
            ? `exit status ${status}`
            : `ended by ${signal} within ${run.timeoutMs} ms`;
      resolve({ status: status ?? undefined, output, fault });
    });
  });
}

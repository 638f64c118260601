/** Runs a program inside the virtual machine to its end, with the patience that emulation asks for. */
import { execFile } from 'node:child_process';
import { type Program, programFile } from '../fleet/package-bin.js';

/** An emulated machine on busy processors is a hundred times slower than the host. */
export const VM_PROGRAM_MS_MAX = 240_000;

export type VmProgramResult = {
  readonly exitCode: number;
  /** The JSON objects it printed, a line each. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** All it printed: for whoever has to find out why it ended so. */
  readonly output: string;
};

/** @param wrapper words before the command */
export function runInGuest(
  program: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  wrapper: readonly string[] = [],
): Promise<VmProgramResult> {
  const [file = '', ...words] = [...wrapper, process.execPath, programFile(program), ...args, '--json'];
  return new Promise((resolve) => {
    execFile(
      file,
      words,
      { env: { ...process.env, ...env }, timeout: VM_PROGRAM_MS_MAX },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        const objects = stdout.split('\n').filter((line) => line.startsWith('{'));
        const lines = objects.map((line) => JSON.parse(line) as Record<string, unknown>);
        resolve({ exitCode, lines, output: stdout + stderr });
      },
    );
  });
}

/** Runs one of our programs to its end, as a person would in a shell. */
import { execFile } from 'node:child_process';
import { type Program, programFile } from './package-bin.js';

export type ProgramResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const RUN_MS_MAX = 300_000;

/** @param env added to the environment of this process; the place for secrets, which no argument list may hold */
export function runProgram(
  program: Program,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [programFile(program), ...args],
      { env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX, timeout: RUN_MS_MAX },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, stdout, stderr });
      },
    );
  });
}

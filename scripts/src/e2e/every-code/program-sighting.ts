/** Runs one of the built programs as its user does, and reads the error that it prints. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isErrorCode } from '@tapseal/shared/error-codes';
import type { Program } from '../../fleet/package-bin.js';
import { type ProgramResult, runProgram } from '../../fleet/run-program.js';
import { filesOf } from './bench-box.js';
import { type Sighting, told } from './scenario.js';

/** Built, because Node loads it into the programs. */
const faultyRadio = fileURLToPath(new URL('../../../dist/e2e/every-code/faulty-radio.cjs', import.meta.url));

export function faultyRadioEnvironment(fault: string): Record<string, string> {
  return { NODE_OPTIONS: `--require ${JSON.stringify(faultyRadio)}`, TAPSEAL_TEST_RADIO_FAULT: fault };
}

type Told = { readonly code: string } & Pick<Sighting, 'title' | 'advice'>;

/** `tapseal-shopper` tells people: program and code, what happened; then what to do. */
function readSentences(text: string): Told | undefined {
  const [, code, title, advice] = /^[a-z-]+: ([a-z_]+): (.+)\n(.+)\n$/.exec(text) ?? [];
  return isErrorCode(code) ? { code, title, advice } : undefined;
}

function readLine(text: string): Told | undefined {
  try {
    const line: Record<string, unknown> = JSON.parse(text);
    return typeof line.code === 'string' && line.granted === undefined
      ? { code: line.code, ...told(line) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error where the program ended well, or told nothing */
function readError({ exitCode, stdout, stderr }: ProgramResult): Told {
  const found =
    readSentences(stderr) ?? [...stdout.split('\n'), ...stderr.split('\n')].map(readLine).find(Boolean);
  if (exitCode === 0 || found === undefined)
    throw new Error(`exit code ${exitCode}, and no error in:\n${stdout}${stderr}`);
  return found;
}

/** What the program did to the files of `folder`, which have to stay as they are. */
export async function runToError(
  program: Program,
  args: readonly string[],
  folder: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Sighting> {
  const before = filesOf(folder);
  const result = await runProgram(program, args, environment);
  return { ...readError(result), before, after: filesOf(folder) };
}

/** A folder for as long as `play` runs. */
export async function withFolder<T>(play: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tapseal-code-'));
  try {
    return await play(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing listens there: port 1 of this machine. */
export const nobody = 'http://127.0.0.1:1';

/** A web server that is no certificate server. */
export async function withForeignServer<T>(play: (url: string) => Promise<T>): Promise<T> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>It works!</p>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return await play(`http://127.0.0.1:${port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

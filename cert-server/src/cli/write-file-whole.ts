/** Writes a file so that a reader or a power cut sees the old content or the new, never a part. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { usageError } from './problem-error.js';

export type WriteOptions = {
  /** Permissions; 0o600 for whatever holds a secret. */
  readonly mode: number;
  /** Whether a file of that name may be replaced. */
  readonly replace: boolean;
};

/** @throws ProblemError usage_invalid where the file exists and may not be replaced, or cannot be written */
export function writeFileWhole(path: string, content: string | Uint8Array, options: WriteOptions): void {
  const temporary = `${path}.${process.pid}.new`;
  try {
    const file = openSync(temporary, 'wx', options.mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (options.replace) renameSync(temporary, path);
    else moveWithoutReplacing(temporary, path);
    const directory = openSync(dirname(path), 'r');
    fsyncSync(directory);
    closeSync(directory);
  } catch (error) {
    throw writeFault(path, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

export function moveWithoutReplacing(from: string, to: string): void {
  try {
    // A hard link, other than a rename, fails where the name is taken.
    linkSync(from, to);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Sticks with FAT have no links: there a look before the rename has to do.
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(String(code)) || existsSync(to)) throw error;
    renameSync(from, to);
  }
}

export function writeFault(path: string, error: unknown): Error {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EEXIST')
    return usageError(`The file ${path} exists already.`, 'Choose another name, or move it away.');
  if (code === 'ENOENT') return usageError(`The folder of ${path} does not exist.`, 'Make it first.');
  return usageError(`${path} cannot be written (${String(code)}).`, 'Choose a place that you may write to.');
}

/**
 * Finds out, before something that cannot be repeated, whether writeFileWhole without `replace` will work.
 * @throws ProblemError usage_invalid
 */
export function assertWritable(path: string): void {
  if (existsSync(path)) throw writeFault(path, Object.assign(new Error(), { code: 'EEXIST' }));
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw writeFault(path, error);
  }
}

/** Reads a file that somebody else may have made: a plain file, of a size known before it is taken in. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { usageError } from './problem-error.js';

/** @throws ProblemError usage_invalid where it is missing, no plain file, unreadable or longer than `bytesMax` */
export function readFileBounded(path: string, bytesMax: number, what: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') throw usageError(`There is no file ${path}.`, `Give the path of ${what}.`);
    throw usageError(`The file ${path} cannot be read (${String(code)}).`, `Give the path of ${what}.`);
  }
  try {
    const status = fstatSync(file);
    if (!status.isFile()) throw usageError(`${path} is not a file.`, `Give the path of ${what}.`);
    if (status.size > bytesMax) {
      throw usageError(
        `${path} has ${status.size} bytes, ${what} has ${bytesMax} at most.`,
        `Give the path of ${what}.`,
      );
    }
    const content = new Uint8Array(status.size);
    let length = 0;
    while (length < content.length) {
      const read = readSync(file, content, length, content.length - length, null);
      if (read === 0) break;
      length += read;
    }
    return content.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

/** Files that survive a power cut whole: written aside, flushed, renamed, and the folder flushed (rename(2), fsync(2)). */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

let sequence = 0;

export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder with mode 0700 where it is missing. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Replaces `path` at once or not at all. Mode 0600. */
export async function writeDurable(path: string, text: string): Promise<void> {
  sequence += 1;
  const aside = `${path}.${process.pid}-${sequence}.tmp`;
  // Left by a process of the same id that was cut off: in a container every run has the same.
  await rm(aside, { force: true });
  try {
    const handle = await open(aside, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

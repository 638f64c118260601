/** A directory of this machine as a Disk. Files are made 0600; the file that grows stays open. */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk.js';

const OWNER_ONLY = 0o600;

export class NodeDisk implements Disk {
  readonly #directory: string;
  #open: { readonly name: string; readonly fd: number } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  read(name: string): Uint8Array | undefined {
    try {
      return readFileSync(this.#path(name));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  write(name: string, bytes: Uint8Array): void {
    this.close();
    const fd = openSync(this.#path(name), 'w', OWNER_ONLY);
    try {
      writeWhole(fd, bytes);
    } finally {
      closeSync(fd);
    }
  }

  append(name: string, bytes: Uint8Array): void {
    writeWhole(this.#appending(name), bytes);
  }

  truncate(name: string, lengthBytes: number): void {
    ftruncateSync(this.#appending(name), lengthBytes);
  }

  sync(name: string): void {
    fdatasyncSync(this.#appending(name));
  }

  rename(from: string, to: string): void {
    this.close();
    renameSync(this.#path(from), this.#path(to));
  }

  syncDirectory(): void {
    const fd = openSync(this.#directory, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #appending(name: string): number {
    if (this.#open?.name !== name) {
      this.close();
      this.#open = { name, fd: openSync(this.#path(name), 'a', OWNER_ONLY) };
    }
    return this.#open.fd;
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
}

/**
 * A disk in memory whose power can be cut between any two calls. What was not made durable may survive in any prefix: the
 * test chooses. For tests.
 */
import { concatBytes } from '@tapseal/shared/bytes';
import type { Disk } from '../store/disk.js';

type File = { data: Uint8Array; durable: Uint8Array };

/** What a crash leaves: whether unsynced renames took effect, and how much of unsynced contents. */
export type Survival = { readonly renames: boolean; readonly keepBytes: number };

export class MemoryDisk implements Disk {
  #names = new Map<string, File>();
  #durableNames = new Map<string, File>();
  /** Power goes off before the call of this number, counted from 0; undefined: never. */
  cutBefore: number | undefined;
  calls = 0;
  isOff = false;

  read(name: string): Uint8Array | undefined {
    const data = this.#names.get(name)?.data;
    return data === undefined ? undefined : Uint8Array.from(data);
  }

  write(name: string, bytes: Uint8Array): void {
    this.#call();
    const file = this.#names.get(name) ?? { data: new Uint8Array(), durable: new Uint8Array() };
    file.data = Uint8Array.from(bytes);
    this.#names.set(name, file);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#call();
    const file = this.#file(name);
    file.data = concatBytes(file.data, bytes);
  }

  truncate(name: string, lengthBytes: number): void {
    this.#call();
    const file = this.#file(name);
    file.data = file.data.slice(0, lengthBytes);
  }

  sync(name: string): void {
    this.#call();
    const file = this.#file(name);
    file.durable = file.data;
  }

  rename(from: string, to: string): void {
    this.#call();
    this.#names.set(to, this.#file(from));
    this.#names.delete(from);
  }

  syncDirectory(): void {
    this.#call();
    this.#durableNames = new Map(this.#names);
  }

  /** Anything else that happens in the world between two writes, so that it can be cut off too. */
  point(): void {
    this.#call();
  }

  /** Bytes that a crash now may lose or keep, at most of any one file. */
  get unsyncedBytes(): number {
    return Math.max(0, ...[...this.#names.values()].map((file) => file.data.length - file.durable.length));
  }

  /** The disk as the next boot finds it. */
  afterCrash(survival: Survival): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, file] of survival.renames ? this.#names : this.#durableNames) {
      const kept = file.data.slice(0, Math.min(file.data.length, file.durable.length + survival.keepBytes));
      disk.put(name, file.data.length > file.durable.length ? kept : file.durable);
    }
    return disk;
  }

  /** A whole copy, as somebody makes who takes the card out. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [name, file] of this.#names) disk.put(name, file.data);
    return disk;
  }

  put(name: string, bytes: Uint8Array): void {
    const file = { data: Uint8Array.from(bytes), durable: Uint8Array.from(bytes) };
    this.#names.set(name, file);
    this.#durableNames.set(name, file);
  }

  names(): string[] {
    return [...this.#names.keys()];
  }

  #file(name: string): File {
    const file = this.#names.get(name);
    if (file === undefined) throw new Error(`no file ${name}`);
    return file;
  }

  #call(): void {
    if (this.isOff || this.calls === this.cutBefore) {
      this.isOff = true;
      throw new Error('power is off');
    }
    this.calls += 1;
  }
}

/**
 * The few things the store asks of a disk. Nothing written survives a power cut until `sync` (contents) or `syncDirectory`
 * (names) has returned; the tests cut the power between any two calls.
 */
export interface Disk {
  /** The whole file, or undefined if there is none. */
  read(name: string): Uint8Array | undefined;
  /** Makes or empties the file, then writes. */
  write(name: string, bytes: Uint8Array): void;
  append(name: string, bytes: Uint8Array): void;
  truncate(name: string, lengthBytes: number): void;
  sync(name: string): void;
  rename(from: string, to: string): void;
  syncDirectory(): void;
}

/** Replaces a file so that a power cut leaves the old contents or the new, never a mixture. */
export function replaceFile(disk: Disk, name: string, bytes: Uint8Array): void {
  const next = `${name}.next`;
  disk.write(next, bytes);
  disk.sync(next);
  disk.rename(next, name);
  disk.syncDirectory();
}

/** As `writeFileWhole`, for what does not fit memory: the file has its name when everything is in it, or it is not there. */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { moveWithoutReplacing, writeFault } from './write-file-whole.js';

const BUFFER_CHARS = 262_144;

export class WholeFileWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;
  #pending: string[] = [];
  #pendingChars = 0;
  #closed = false;

  /** @throws ProblemError usage_invalid */
  constructor(path: string, mode: number) {
    this.#path = path;
    this.#temporary = `${path}.${process.pid}.new`;
    this.#file = this.#told(() => openSync(this.#temporary, 'wx', mode));
  }

  write(text: string): void {
    this.#pending.push(text);
    this.#pendingChars += text.length;
    if (this.#pendingChars >= BUFFER_CHARS) this.#flush();
  }

  /** Makes it durable under its name. @throws ProblemError usage_invalid where the name is taken */
  finish(): void {
    this.#flush();
    this.#told(() => {
      fsyncSync(this.#file);
      moveWithoutReplacing(this.#temporary, this.#path);
      const directory = openSync(dirname(this.#path), 'r');
      fsyncSync(directory);
      closeSync(directory);
    });
  }

  /** To be called at the end in any case. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#file);
    rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    let rest = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    this.#pendingChars = 0;
    while (rest.length > 0) {
      const written = this.#told(() => writeSync(this.#file, rest));
      rest = rest.subarray(written);
    }
  }

  #told<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw writeFault(this.#path, error);
    }
  }
}

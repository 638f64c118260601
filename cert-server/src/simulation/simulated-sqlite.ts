/**
 * The embedded store on a disk whose power can fail: what is in its files at an instant is copied, and the next store opens the
 * copy. Kept in memory where the system has a place for that: a simulation asks for thousands of commits a second.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import type { Store } from '../store/store-port.js';
import type { CounterRow, SimulatedDisk } from './simulated-disk.js';

const MEMORY_FOLDER = '/dev/shm';

export class SimulatedSqlite implements SimulatedDisk {
  readonly isOrdered = true;
  readonly #folder = mkdtempSync(
    join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'tapseal-simulation-'),
  );
  #generation = 0;
  #photographed = false;
  #store: Store;
  #reader: Sqlite.Database | undefined;

  constructor() {
    this.#store = openSqliteStore(this.#file(0), 0);
  }

  get stores(): readonly Store[] {
    return [this.#store];
  }

  #file(generation: number): string {
    return join(this.#folder, `${generation}.sqlite`);
  }

  readonly photograph = (): void => {
    const [from, to] = [this.#file(this.#generation), this.#file(this.#generation + 1)];
    // Committed pages are in the log as long as nobody has moved them to the database; the index beside it is made anew.
    for (const part of ['', '-wal']) {
      if (existsSync(from + part)) copyFileSync(from + part, to + part);
    }
    this.#photographed = true;
  };

  async restart(): Promise<void> {
    if (!this.#photographed) this.photograph();
    this.#photographed = false;
    await this.#closeAll();
    for (const part of ['', '-wal', '-shm']) rmSync(this.#file(this.#generation) + part, { force: true });
    this.#generation += 1;
    this.#store = openSqliteStore(this.#file(this.#generation), 0);
  }

  async counterRows(programme: string): Promise<readonly CounterRow[]> {
    this.#reader ??= new Sqlite(this.#file(this.#generation), { readonly: true });
    return this.#reader
      .prepare<[string], CounterRow>('SELECT key, used, held FROM counter WHERE programme = ?')
      .all(programme);
  }

  async #closeAll(): Promise<void> {
    this.#reader?.close();
    this.#reader = undefined;
    await this.#store.close();
  }

  async close(): Promise<void> {
    await this.#closeAll();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What export and import ask of a store: the rows of one programme, and nothing of what they mean. */
import type { PortableRow, PortableTable } from './portable-tables.js';

/** Everything is read as it stood at one moment, whatever a server writes meanwhile. */
export interface PortableSource {
  /** False where the store has no such programme. */
  hasProgramme(): Promise<boolean>;
  count(table: PortableTable): Promise<number>;
  /** In the order of the key, a bounded number of rows at a time. */
  pages(table: PortableTable): AsyncIterable<readonly PortableRow[]>;
  close(): Promise<void>;
}

/** One transaction: nobody sees a row of it before `commit` settles. */
export interface PortableSink {
  hasProgramme(): Promise<boolean>;
  insert(table: PortableTable, rows: readonly PortableRow[]): Promise<void>;
  /** Makes everything durable, with what the store counts on by itself. */
  commit(): Promise<void>;
  /** Ends the transaction; undoes what was not committed. */
  close(): Promise<void>;
}

/** Enough to fill a packet, few enough to forget. */
export const ROWS_AT_ONCE = 1_000;

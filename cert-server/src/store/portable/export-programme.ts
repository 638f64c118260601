/**
 * Export: a header, one line a row, a trailer with the SHA-256 of all lines before it. Rows come in the order of the tables and
 * of their keys, so that two stores with the same programme give the same rows, byte for byte.
 */
import { createHash } from 'node:crypto';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { encodeRow } from './portable-row.js';
import type { PortableSource } from './portable-store.js';
import { columnsOf, PORTABLE_FORMAT, PORTABLE_VERSION, portableTables } from './portable-tables.js';

export type ExportHeader = {
  readonly format: typeof PORTABLE_FORMAT;
  readonly version: number;
  readonly programme: string;
  /** RFC 3339. */
  readonly exportedAt: string;
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly string[];
    readonly rows: number;
  }[];
};

export type ExportTrailer = {
  readonly rows: Readonly<Record<string, number>>;
  /** Hexadecimal. */
  readonly sha256: string;
};

export type ExportOptions = {
  readonly programme: string;
  readonly exportedAt: string;
  /** Takes whole lines, in order. */
  readonly write: (lines: string) => void;
  /** How many rows of how many are written. */
  readonly onProgress?: (done: number, total: number) => void;
};

export type ExportSummary = { readonly rows: Readonly<Record<string, number>>; readonly sha256: string };

/** @throws TapsealError programme_unknown */
export async function exportProgramme(
  source: PortableSource,
  options: ExportOptions,
): Promise<ExportSummary> {
  const { programme, exportedAt, onProgress } = options;
  if (!(await source.hasProgramme())) throw new TapsealError('programme_unknown', programme);
  const hash = createHash('sha256');
  const write = (lines: string): void => {
    hash.update(lines);
    options.write(lines);
  };

  const tables: ExportHeader['tables'][number][] = [];
  for (const table of portableTables) {
    tables.push({ name: table.name, columns: columnsOf(table), rows: await source.count(table) });
  }
  const total = tables.reduce((sum, { rows }) => sum + rows, 0);
  const header: ExportHeader = {
    format: PORTABLE_FORMAT,
    version: PORTABLE_VERSION,
    programme,
    exportedAt,
    tables,
  };
  write(`${JSON.stringify(header)}\n`);

  const rows: Record<string, number> = {};
  let done = 0;
  onProgress?.(done, total);
  for (const table of portableTables) {
    let count = 0;
    for await (const page of source.pages(table)) {
      write(page.map((row) => encodeRow(table, row)).join(''));
      count += page.length;
      done += page.length;
      onProgress?.(done, total);
    }
    rows[table.name] = count;
  }

  const trailer: ExportTrailer = { rows, sha256: hash.digest('hex') };
  options.write(`${JSON.stringify(trailer)}\n`);
  return trailer;
}

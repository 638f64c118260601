/**
 * Reads the file of an export: its SHA-256 first, before anything of it is believed, then row by row, so that a large one does
 * not fill memory. Whoever can write the file can make its checksum: it guards against damage, not against a forger.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { NAME_CHARS_MAX, NAME_PATTERN } from '@tapseal/shared/bounds';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Static, type TSchema, Type } from 'typebox';
import { Parse } from 'typebox/value';
import type { ExportHeader, ExportTrailer } from './export-programme.js';
import { columnsOf, PORTABLE_FORMAT, PORTABLE_VERSION, portableTables } from './portable-tables.js';

const CHUNK_BYTES = 1_048_576;
/** A row is a few hundred bytes; the longest is a version of an offer. */
const LINE_BYTES_MAX = 4 * 1_048_576;

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Header = Type.Object({
  format: Type.Literal(PORTABLE_FORMAT),
  version: Type.Integer(),
  programme: Type.String({ pattern: NAME_PATTERN, maxLength: NAME_CHARS_MAX }),
  exportedAt: Type.String({ maxLength: 40 }),
  tables: Type.Array(Type.Object({ name: Type.String(), columns: Type.Array(Type.String()), rows: Count })),
});
const Trailer = Type.Object({
  rows: Type.Record(Type.String(), Count),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});

export type PortableFile = {
  readonly header: ExportHeader;
  /** Some rows at a time, each with the name of its table first. */
  rows(): Iterable<readonly (readonly unknown[])[]>;
  close(): void;
};

function fault(path: string, why: string): TapsealError {
  return new TapsealError('usage_invalid', `${path} is no whole export of a programme: ${why}`);
}

/** Whole lines without their ends, many at a time. What follows the last line end is a fault. */
function* linesOf(path: string, file: number): Generator<readonly Buffer[]> {
  let rest = Buffer.alloc(0);
  let position = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const length = readSync(file, chunk, 0, CHUNK_BYTES, position);
    if (length === 0) break;
    position += length;
    const buffer = Buffer.concat([rest, chunk.subarray(0, length)]);
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0; end = buffer.indexOf(10, start)) {
      lines.push(buffer.subarray(start, end));
      start = end + 1;
    }
    rest = buffer.subarray(start);
    if (rest.length > LINE_BYTES_MAX) throw fault(path, 'a line is too long');
    yield lines;
  }
  if (rest.length > 0) throw fault(path, 'it ends in the middle of a line');
}

function parse<T extends TSchema>(
  path: string,
  schema: T,
  line: Buffer | undefined,
  what: string,
): Static<T> {
  try {
    return Parse(schema, JSON.parse(String(line)));
  } catch {
    throw fault(path, `its ${what} line is none`);
  }
}

/** By hand: a schema takes ten times as long, for millions of rows whose values are looked at one by one anyway. */
function parseRow(path: string, line: Buffer): readonly unknown[] {
  let row: unknown;
  try {
    row = JSON.parse(line.toString());
  } catch {
    // Told below, as is what is JSON and no row.
  }
  if (!Array.isArray(row)) throw fault(path, 'a row is none');
  return row;
}

/** Goes through the file once. @throws TapsealError usage_invalid */
function survey(path: string, file: number): { header: ExportHeader; trailer: ExportTrailer; lines: number } {
  const hash = createHash('sha256');
  let first: Buffer | undefined;
  let last: Buffer | undefined;
  let lines = 0;
  for (const some of linesOf(path, file)) {
    for (const line of some) {
      // A trailer says nothing about itself: each line is hashed when there is another one.
      if (last !== undefined) hash.update(last).update('\n');
      first ??= Buffer.from(line);
      last = line;
      lines += 1;
    }
  }
  const header = parse(path, Header, first, 'first');
  const trailer = parse(path, Trailer, last, 'last');
  if (hash.digest('hex') !== trailer.sha256) throw fault(path, 'its SHA-256 is not that of its last line');
  return { header, trailer, lines };
}

function assertShape(path: string, header: ExportHeader, trailer: ExportTrailer, lines: number): void {
  if (header.version !== PORTABLE_VERSION) {
    throw fault(path, `its format has version ${header.version}, this program reads ${PORTABLE_VERSION}`);
  }
  const shape = (tables: readonly { name: string; columns: readonly string[] }[]): string =>
    JSON.stringify(tables.map(({ name, columns }) => [name, columns]));
  const own = portableTables.map((table) => ({ name: table.name, columns: columnsOf(table) }));
  if (shape(header.tables) !== shape(own)) throw fault(path, 'its tables are those of another program');
  const sum = header.tables.reduce((rows, table) => rows + table.rows, 0);
  const same = header.tables.every(({ name, rows }) => trailer.rows[name] === rows);
  if (!same || lines !== sum + 2) throw fault(path, 'rows are missing, or too many');
}

/** @throws TapsealError usage_invalid where the file cannot be read, is not whole or was altered */
export function openPortableFile(path: string): PortableFile {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw new TapsealError('usage_invalid', `${path} cannot be read (${code})`);
  }
  try {
    if (!fstatSync(file).isFile()) throw fault(path, 'it is no file that can be read twice');
    const { header, trailer, lines } = survey(path, file);
    assertShape(path, header, trailer, lines);
    const rows = function* (): Generator<readonly (readonly unknown[])[]> {
      let seen = 0;
      for (const some of linesOf(path, file)) {
        const inner = some.filter((_, index) => seen + index > 0 && seen + index < lines - 1);
        seen += some.length;
        yield inner.map((line) => parseRow(path, line));
      }
    };
    return { header, rows, close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

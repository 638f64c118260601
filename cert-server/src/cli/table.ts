/**
 * Rows for people. On a terminal a table that fits its width, and where it cannot fit, one block of lines for each row; into
 * a pipe plain columns that are never cut.
 */
import CliTable3 from 'cli-table3';
import type { TextSink } from './command-context.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';

export type Column = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** The text may be wrapped; others (ids, names, times) stay whole so that they can be copied. */
  readonly wraps?: true;
};

const WRAPPED_CHARS_MIN = 12;
const GAP_CHARS = 2;

// Only what is between columns, and one rule under the head: a table of ids needs no cage.
const chars = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};

function naturalWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map((column, at) =>
    Math.max(column.title.length, ...rows.map((row) => [...(row[at] ?? '')].length)),
  );
}

/** Narrows the wrapping columns, the widest first, until all fit; undefined where that is not enough. */
function fittedWidths(
  columns: readonly Column[],
  natural: readonly number[],
  available: number,
): number[] | undefined {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, width) => sum + width + GAP_CHARS, -GAP_CHARS);
  while (total() > available) {
    let widest = -1;
    columns.forEach((column, at) => {
      const width = widths[at] ?? 0;
      const enough = width > Math.max(WRAPPED_CHARS_MIN, column.title.length);
      if (column.wraps && enough && width > (widths[widest] ?? 0)) widest = at;
    });
    if (widest < 0) return undefined;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function blocks(columns: readonly Column[], rows: readonly (readonly string[])[], sink: TextSink): string {
  const style = styleOf(sink);
  const labelled = Math.max(...columns.map((column) => column.title.length));
  return rows
    .map((row) =>
      columns.map((column, at) => `${style.dim(column.title.padEnd(labelled))}  ${row[at] ?? ''}`).join('\n'),
    )
    .join('\n\n');
}

/** The rows under their column titles, without a line break at the end. */
export function renderTable(
  sink: TextSink,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const cells = rows.map((row) => row.map(printable));
  const natural = naturalWidths(columns, cells);
  const widths = sink.isTTY ? fittedWidths(columns, natural, sink.columns ?? 80) : natural;
  if (widths === undefined) return blocks(columns, cells, sink);
  const style = styleOf(sink);
  const last = columns.length - 1;
  // The gap stands right of a column: what is aligned to the right must end before it.
  const spaced = (text: string, at: number): string =>
    columns[at]?.align === 'right' && at !== last ? text + ' '.repeat(GAP_CHARS) : text;
  const table = new CliTable3({
    head: columns.map((column, at) => spaced(style.bold(column.title.toUpperCase()), at)),
    chars,
    // Widths of cli-table3 include the padding.
    colWidths: widths.map((width, at) => width + (at === last ? 0 : GAP_CHARS)),
    colAligns: columns.map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    wordWrap: true,
  });
  for (const row of cells) table.push(row.map(spaced));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

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
  /** Where the width does not do, its text comes on a line of its own below the row. */
  readonly below?: true;
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
  const available = sink.isTTY ? (sink.columns ?? 80) : Number.POSITIVE_INFINITY;
  const all = columns.map((_column, at) => at);
  const beside = all.filter((at) => !columns[at]?.below);
  for (const shown of [all, beside]) {
    const widths = fittedWidths(pick(columns, shown), pick(natural, shown), available);
    const below = all.filter((at) => !shown.includes(at));
    if (widths !== undefined) return drawTable(sink, columns, cells, { shown, below, widths });
  }
  return blocks(columns, cells, sink);
}

function pick<Item>(items: readonly Item[], indexes: readonly number[]): Item[] {
  return items.filter((_item, at) => indexes.includes(at));
}

type Layout = {
  readonly shown: readonly number[];
  readonly below: readonly number[];
  readonly widths: readonly number[];
};

function drawTable(
  sink: TextSink,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { shown, below, widths }: Layout,
): string {
  const style = styleOf(sink);
  const titles = columns.map((column) => style.bold(column.title.toUpperCase()));
  // A line below spans all columns, and would be cut where these are narrower than it.
  const longest = Math.max(0, ...rows.flatMap((row) => pick(row, below)).map((text) => text.length));
  const total = widths.reduce((sum, width) => sum + width + GAP_CHARS, 0);
  const missing = Math.max(0, longest + 2 * GAP_CHARS - total);
  const table = new CliTable3({
    chars,
    // Widths of cli-table3 include the padding. That of the last column is trimmed below.
    colWidths: widths.map((width, at) => width + GAP_CHARS + (at === widths.length - 1 ? missing : 0)),
    colAligns: pick(columns, shown).map((column) => column.align ?? 'left'),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP_CHARS, compact: true },
    wordWrap: true,
  });
  for (const row of [titles, ...rows]) {
    table.push(pick(row, shown));
    for (const text of pick(row, below)) {
      table.push([
        {
          content: `${' '.repeat(GAP_CHARS)}${text}`,
          colSpan: shown.length,
          hAlign: 'left',
          wordWrap: false,
        },
      ]);
    }
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

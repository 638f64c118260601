/** One object for people: a heading, a sentence, and its fields under each other. */
import type { TextSink } from './command-context.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';
import { wrapText } from './wrap-text.js';

const COLUMNS_MAX = 100;

export type Field = readonly [label: string, value: string | undefined];

export function renderFields(
  sink: TextSink,
  heading: string,
  sentence: string | undefined,
  fields: readonly Field[],
): string {
  const lines = [styleOf(sink).bold(printable(heading))];
  if (sentence !== undefined) lines.push(...wrapText(printable(sentence), columnsOf(sink)));
  return [...lines, '', ...fieldLines(sink, fields)].join('\n');
}

/** Fields without a value are left out. */
export function fieldLines(sink: TextSink, fields: readonly Field[]): string[] {
  const style = styleOf(sink);
  const shown = fields.filter(([, value]) => value !== undefined);
  const labelled = Math.max(...shown.map(([label]) => label.length)) + 2;
  return shown.flatMap(([label, value = '']) => {
    const [first = '', ...rest] = wrapText(printable(value), columnsOf(sink) - labelled);
    return [style.dim(label.padEnd(labelled)) + first, ...rest.map((line) => ' '.repeat(labelled) + line)];
  });
}

function columnsOf(sink: TextSink): number {
  return Math.min(sink.columns ?? COLUMNS_MAX, COLUMNS_MAX);
}

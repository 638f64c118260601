/** One object for people: a heading, a sentence, and its fields under each other. */
import type { TextSink } from './command-context.js';
import { printable } from './printable.js';
import { styleOf } from './style.js';
import { wrapText } from './wrap-text.js';

const COLUMNS_MAX = 100;

export type Field = readonly [label: string, value: string | undefined];

/** Fields without a value are left out. */
export function renderFields(
  sink: TextSink,
  heading: string,
  sentence: string | undefined,
  fields: readonly Field[],
): string {
  const style = styleOf(sink);
  const columns = Math.min(sink.columns ?? COLUMNS_MAX, COLUMNS_MAX);
  const shown = fields.filter(([, value]) => value !== undefined);
  const labelled = Math.max(...shown.map(([label]) => label.length)) + 2;
  const lines = [style.bold(printable(heading))];
  if (sentence !== undefined) lines.push(...wrapText(printable(sentence), columns));
  lines.push('');
  for (const [label, value = ''] of shown) {
    const [first = '', ...rest] = wrapText(printable(value), columns - labelled);
    lines.push(style.dim(label.padEnd(labelled)) + first);
    for (const line of rest) lines.push(' '.repeat(labelled) + line);
  }
  return lines.join('\n');
}

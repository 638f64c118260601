/** Colour for people, none for pipes: decided by the terminal and by NO_COLOR, FORCE_COLOR and TERM. */
import type { TextSink } from './command-context.js';

export type Style = {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
};

const wrap =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

const coloured: Style = { bold: wrap(1, 22), dim: wrap(2, 22), red: wrap(31, 39), green: wrap(32, 39) };

const same = (text: string): string => text;
const plain: Style = { bold: same, dim: same, red: same, green: same };

export function hasColours(sink: TextSink): boolean {
  return sink.isTTY === true && sink.hasColors?.() === true;
}

export function styleOf(sink: TextSink): Style {
  return hasColours(sink) ? coloured : plain;
}

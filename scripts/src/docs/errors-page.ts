/** docs/errors.md as text. The table of codes in shared is the one source; a test compares the file with this. */
import { errorCodes, errorTable } from '@tapseal/shared/error-codes';

const head = `# Error codes

Generated from \`shared/src/error-codes.ts\` by \`npm run docs:errors\`; a test compares the two.

Every fault has one stable code. Programs switch on the code; its meaning never changes, and new codes may be added. Over HTTP it is
the member \`code\` of an RFC 9457 problem, whose \`type\` is \`urn:tapseal:problem:<code>\`. Over Bluetooth it is one byte
([protocol.md §4.4](protocol.md#44-status)). Whatever is refused has changed nothing.
`;

const columns = ['code', 'raised by', 'HTTP', 'BLE', 'what happened', 'what to do'];

function cellsOf(code: (typeof errorCodes)[number]): string[] {
  const { by, http, ble, title, advice } = errorTable[code];
  const byte = ble === undefined ? '–' : `\`0x${ble.toString(16).padStart(2, '0')}\``;
  const cells = [`\`${code}\``, by.join(', '), String(http ?? '–'), byte, title, advice];
  return cells.map((cell) => cell.replaceAll('|', '\\|'));
}

/** Padded, as the formatter of this repository would have it. */
export function errorsPage(): string {
  const rows = [columns, ...errorCodes.map(cellsOf)];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const [names = '', ...lines] = rows.map(lineOf);
  return `${head}\n${names}${lineOf(widths.map((width) => '-'.repeat(width)))}${lines.join('')}`;
}

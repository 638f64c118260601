/** docs/errors.md as text. The table of codes in shared is the one source; a test compares the file with this. */
import { errorCodes, errorTable } from '@tapseal/shared/error-codes';

const head = `# Error codes

Generated from \`shared/src/error-codes.ts\` by \`npm run docs:errors\`; a test compares the two.

Every fault has one stable code. Programs switch on the code; its meaning never changes, and new codes may be added. Over HTTP it is
the member \`code\` of an RFC 9457 problem, whose \`type\` is \`urn:tapseal:problem:<code>\`. Over Bluetooth it is one byte
([protocol.md §4.4](protocol.md#44-status)). A code without a number or byte is not told there.

Whatever is refused has changed nothing, with these exceptions:

- \`receipt_conflict\` marks the touchpoint as forked;
- \`actuation_failed\` uses the voucher up, and \`storage_failed\` may have: whether the box acted, its next receipt tells;
- a refusal by offer, window or limit (\`offer_*\`, \`window_closed\`, \`limit_reached\`) is recorded, and signed, as the answer to its
  transaction. It counts towards no limit;
- \`internal_error\`, \`network_unavailable\`, \`server_answer_invalid\`, \`link_lost\`, \`timed_out\` and \`cancelled\` refuse nothing: an answer may
  be lost on its way. The same request again tells, and counts once.

\`receipt_unknown\`, \`receipt_signature_invalid\` and \`receipt_conflict\` are verdicts on single receipts: they stand in \`results[]\` of an
answer with status 200, as do \`touchpoint_unknown\`, \`touchpoint_certificate_invalid\`, \`message_malformed\` and \`suite_unsupported\` of a
receipt. For \`internal_error\` of a server, \`instance\` of the problem is the id of the request in its log.
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

/** What the operator takes to the box: the code in groups, until when it holds, what to type there, and a QR code of both. */
import type { EnrolmentCodeAnswer } from '../http/admin-schemas.js';
import type { TextSink } from './command-context.js';
import { formatInstant } from './format-instant.js';
import { printable } from './printable.js';
import { renderQrCode } from './qr-code.js';
import { isLoopback } from './server-address.js';
import { styleOf } from './style.js';

export function enrolmentUri(server: URL, code: string): string {
  return `tapseal:enroll?server=${encodeURIComponent(server.href.replace(/\/$/, ''))}&code=${code}`;
}

/** @param qr whether to draw it; left out: on a terminal that is wide enough */
export function renderInvitation(
  sink: TextSink,
  server: URL,
  answer: EnrolmentCodeAnswer,
  qr: boolean | undefined,
): string {
  const style = styleOf(sink);
  const code = printable(answer.enrolmentCode);
  const address = server.href.replace(/\/$/, '');
  const lines = [
    `Enrolment code for ${style.bold(answer.touchpoint.name)}, once, until ${formatInstant(answer.expiresAt)}:`,
    '',
    `  ${style.bold(code)}`,
    '',
    'On the box, which asks for the code:',
    '',
    `  tapseal-beacon enroll --server ${address}`,
    '',
    'Where it runs as a service, it is enrolled as the user of that service, into its folder:',
    '',
    `  sudo -u tapseal tapseal-beacon enroll --state-dir /var/lib/tapseal-beacon --server ${address}`,
    '',
    'A box without a network writes a file instead; carry it here on a stick:',
    '',
    '  tapseal-beacon enroll --request-out REQUEST',
    '  tapseal touchpoint enroll-file REQUEST --out RESPONSE',
    '  tapseal-beacon enroll --response-in RESPONSE',
  ];
  if (isLoopback(server.hostname)) {
    lines.push(
      '',
      style.dim(`${server.hostname} means this machine: elsewhere the box needs its name in the network.`),
    );
  }
  const drawn = qr ?? (sink.isTTY === true && (sink.columns ?? 0) >= 60);
  if (drawn) lines.push('', renderQrCode(sink, enrolmentUri(server, code)));
  return lines.join('\n');
}

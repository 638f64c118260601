/** The log: one JSON object a line. Lines are made from named fields only; the redaction is a second fence, not the first. */
import { type Logger, pino } from 'pino';

export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

const secretFields = [
  'authorization',
  'token',
  'code.secret',
  'enrolmentCode',
  'shopper',
  'body',
  'headers',
  'secret',
];

export function createLogger(level: LogLevel, to?: { write(line: string): void }): Logger {
  const options = {
    level,
    base: { name: 'tapseal' },
    redact: { paths: secretFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

/** Values of options, checked as they are typed: the server would refuse them too, but could not say which option was meant. */
import { type Action, actions } from '@tapseal/shared/action';
import { AMOUNT_MINOR_MAX, NAME_CHARS_MAX, NAME_PATTERN, TEXT_PATTERN } from '@tapseal/shared/bounds';
import { InvalidArgumentError } from 'commander';
import type { Weekday } from '../decision/offer-rules.js';
import { REASON_CHARS_MAX, TITLE_CHARS_MAX } from '../http/admin-bounds.js';
import { usageError } from './problem-error.js';

/** In the order of the week, ISO 8601. */
export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

export function parseName(text: string): string {
  if (text.length <= NAME_CHARS_MAX && new RegExp(NAME_PATTERN).test(text)) return text;
  throw new InvalidArgumentError(
    `A name has lower-case letters, digits and hyphens, at most ${NAME_CHARS_MAX}, for example lobby-1.`,
  );
}

/** A parser for what people write, of `charsMin` to `charsMax` characters. */
function parseText(charsMax: number, charsMin: number): (text: string) => string {
  return (text) => {
    const { length } = [...text];
    if (length >= charsMin && length <= charsMax && new RegExp(TEXT_PATTERN, 'u').test(text)) return text;
    throw new InvalidArgumentError(
      `It has ${charsMin} to ${charsMax} characters, and none that control a terminal, such as line breaks.`,
    );
  };
}

export const parseTitle = parseText(TITLE_CHARS_MAX, 1);
export const parsePlace = parseText(TITLE_CHARS_MAX, 0);
export const parseTokenLabel = parseText(TITLE_CHARS_MAX, 0);
export const parseReason = parseText(REASON_CHARS_MAX, 0);

export function collectNames(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...new Set([...(before ?? []), ...text.split(',').map((name) => parseName(name.trim()))])];
}

/** For options that may be given several times. */
export function collect<Value>(
  parse: (text: string) => Value,
): (text: string, before: readonly Value[] | undefined) => readonly Value[] {
  return (text, before = []) => [...before, parse(text)];
}

/** A parser for whole numbers from `minimum` to `maximum`. */
export function parseWhole(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It is a whole number from ${minimum} to ${maximum}.`);
  };
}

/** Digits with at most one point; what it is in minor units depends on the currency. */
export function parseDecimal(text: string): string {
  if (/^[0-9]{1,10}(\.[0-9]{1,4})?$/.test(text) && Number(text) <= AMOUNT_MINOR_MAX) return text;
  throw new InvalidArgumentError(
    'It is an amount like 2.50, not negative, in the currency of the programme, and at most ' +
      `${AMOUNT_MINOR_MAX} of its smallest unit (${(AMOUNT_MINOR_MAX / 100).toFixed(2)} where that is a hundredth).`,
  );
}

export function parseAction(text: string): Action {
  const action = actions.find((candidate) => candidate === text);
  if (action !== undefined) return action;
  throw new InvalidArgumentError(`It is one of ${actions.join(', ')}.`);
}

/** `9:30` or `09:30` → `09:30` */
export function parseTimeOfDay(text: string): string {
  const [, hours = '', minutes = ''] = /^([0-9]{1,2}):([0-9]{2})$/.exec(text) ?? [];
  if (hours !== '' && Number(hours) < 24 && Number(minutes) < 60)
    return `${hours.padStart(2, '0')}:${minutes}`;
  throw new InvalidArgumentError('It is a time of day from 00:00 to 23:59, for example 12:00.');
}

/** `mon,tue`, in any order, each once; `mon-fri` for a span. */
export function parseWeekdays(text: string): Weekday[] {
  const chosen = new Set<Weekday>();
  for (const part of text.toLowerCase().split(',')) {
    const [first = '', last = first, ...rest] = part.trim().split('-');
    const from = weekdays.indexOf(first as Weekday);
    const to = weekdays.indexOf(last as Weekday);
    if (from < 0 || to < from || rest.length > 0) {
      throw new InvalidArgumentError('They are days like mon,tue or a span like mon-fri.');
    }
    for (const day of weekdays.slice(from, to + 1)) chosen.add(day);
  }
  return weekdays.filter((day) => chosen.has(day));
}

/** A date, a local date and time, or an instant with its offset. */
export function parseDateOrInstant(text: string): string {
  const time = '(?:[01]\\d|2[0-3]):[0-5]\\d';
  const shape = new RegExp(
    `^(\\d{4}-\\d{2}-\\d{2})(?:T${time}(?::[0-5]\\d(?:\\.\\d{1,3})?)?(?:Z|[+-]${time})?)?$`,
  );
  const [, day = ''] = shape.exec(text) ?? [];
  // Date moves days that a month does not have into the next one.
  const dayAt = new Date(`${day}T00:00:00Z`);
  if (!Number.isNaN(dayAt.getTime()) && dayAt.toISOString().startsWith(day)) return text;
  throw new InvalidArgumentError('It is a date like 2026-05-31, or with a time like 2026-05-31T18:00.');
}

export function parseTimeZone(text: string): string {
  try {
    // Later versions of Node take offsets too, which are no zone of the database.
    if (!/^[A-Za-z]/.test(text)) throw new RangeError('no name of a time zone');
    const known = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    // Intl answers with the oldest name of a zone, and nobody who wrote Asia/Kathmandu wants to read Asia/Katmandu.
    return known.toLowerCase() === text.toLowerCase() ? known : text;
  } catch {
    throw new InvalidArgumentError('It is an IANA time zone like Europe/Berlin or America/New_York.');
  }
}

export function parseCurrency(text: string): string {
  const code = text.toUpperCase();
  if (Intl.supportedValuesOf('currency').includes(code)) return code;
  throw new InvalidArgumentError('It is a currency of ISO 4217 like EUR.');
}

export function parseShopperId(text: string): string {
  if (/^[0-9a-z-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('It is the id of a shopper; `tapseal phone list` shows it.');
}

export function parseTransactionId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  throw new InvalidArgumentError(
    'A transaction id has 32 hexadecimal digits; `tapseal grant list` shows it.',
  );
}

export function parsePhoneId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return id;
  throw new InvalidArgumentError('A phone id has 32 hexadecimal digits; `tapseal phone list` shows it.');
}

/** Called by the command and not by commander, which would repeat on the screen a token that was pasted in place of its id. */
export function parseTokenId(text: string): string {
  const id = text.toLowerCase();
  if (/^[0-9a-f]{16}$/.test(id)) return id;
  throw usageError(
    'This is no id of a token: it has 16 hexadecimal digits.',
    'Look the id up with `tapseal token list`.',
  );
}

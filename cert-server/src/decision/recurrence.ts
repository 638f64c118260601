/**
 * Recurring days: RFC 5545 §3.3.10 with a start as a date, in one line (`DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO`).
 * Which parts are allowed, and how large they may be, is checked here; which days they mean, `rrule-temporal` says. It is asked
 * for one year at a time, so that a rule without an end or without a day does a bounded amount of work.
 */
import { RRuleTemporal } from 'rrule-temporal';
import { toText } from 'rrule-temporal/totext';
import { dateOfDay, dayOfDate, MS_PER_DAY, yearOf } from './calendar-day.js';

/** Ten years of days. */
const COUNT_MAX = 3_660;
const INTERVAL_MAX = 1_000;
/** A rule without a day for so long has none: the rarest, a weekday on 29 February, comes within them. */
const FIRST_WITHIN_YEARS = 40;
/** Of the library: enough to count through all years that dates can have here. */
const ITERATIONS_MAX = 400_000;

export type Recurrence = {
  /** The first day that it can mean. */
  readonly start: number;
  /** Its parts by name, as they were written. */
  readonly values: ReadonlyMap<string, string>;
  readonly rule: RRuleTemporal;
  readonly daysOfYear: Map<number, ReadonlySet<number>>;
};

const listOf = (item: string): RegExp => new RegExp(`^${item}(?:,${item})*$`);
const isUpTo =
  (maximum: number) =>
  (text: string): boolean =>
    /^[1-9]\d{0,5}$/.test(text) && Number(text) <= maximum;
const isListUpTo =
  (maximum: number, sign: string) =>
  (text: string): boolean =>
    listOf(`${sign}[1-9]\\d{0,2}`).test(text) &&
    text.split(',').every((item) => Math.abs(Number(item)) <= maximum);

/** Each part that is allowed, and whether its value can be. What parts cannot stand together, the library knows. */
const parts: Record<string, (value: string) => boolean> = {
  FREQ: (value) => ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'].includes(value),
  INTERVAL: isUpTo(INTERVAL_MAX),
  COUNT: isUpTo(COUNT_MAX),
  UNTIL: (value) => dayOfBasicDate(value) !== undefined,
  WKST: (value) => /^(?:MO|TU|WE|TH|FR|SA|SU)$/.test(value),
  BYDAY: (value) => listOf('(?:[+-]?(?:[1-9]|[1-4]\\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)').test(value),
  BYMONTHDAY: isListUpTo(31, '[+-]?'),
  BYMONTH: isListUpTo(12, ''),
  BYYEARDAY: isListUpTo(366, '[+-]?'),
  BYWEEKNO: isListUpTo(53, '[+-]?'),
  BYSETPOS: isListUpTo(366, '[+-]?'),
};

function dayOfBasicDate(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(text) ?? [];
  return year === undefined ? undefined : dayOfDate(`${year}-${month}-${day}`);
}

/** @throws RangeError saying what is wrong with it */
export function parseRecurrence(text: string): Recurrence {
  const [, startText = '', ruleText = ''] =
    /^DTSTART(?:;VALUE=DATE)?:(\d{8})(?:;|\r?\n)(?:RRULE:)?(.+)$/.exec(text) ?? [];
  if (ruleText === '') throw new RangeError('must be DTSTART:YYYYMMDD;FREQ=…');
  const start = dayOfBasicDate(startText);
  if (start === undefined || yearOf(start) < 1970) throw new RangeError('DTSTART: no such date from 1970 on');
  const values = new Map<string, string>();
  for (const part of ruleText.split(';')) {
    const [name = '', value = ''] = part.split('=', 2);
    if (values.has(name)) throw new RangeError(`${name}: given twice`);
    if (!Object.hasOwn(parts, name)) throw new RangeError(`${name}: not a part of a recurrence of days`);
    if (!parts[name]?.(value)) throw new RangeError(`${name}: ${value} is not possible here`);
    values.set(name, value);
  }
  return { start, values, rule: ruleOf(startText, values), daysOfYear: new Map() };
}

function ruleOf(startText: string, values: ReadonlyMap<string, string>): RRuleTemporal {
  // Days are counted in UTC, each from its midnight.
  const ruleText = [...values].map(
    ([name, value]) => `${name}=${value}${name === 'UNTIL' ? 'T000000Z' : ''}`,
  );
  try {
    return new RRuleTemporal({
      rruleString: `DTSTART;TZID=UTC:${startText}T000000\nRRULE:${ruleText.join(';')}`,
      strict: true,
      maxIterations: ITERATIONS_MAX,
    });
  } catch (cause) {
    throw new RangeError(cause instanceof Error ? cause.message : 'cannot be read', { cause });
  }
}

function daysOf({ rule, daysOfYear }: Recurrence, year: number): ReadonlySet<number> {
  const known = daysOfYear.get(year);
  if (known !== undefined) return known;
  const dates = rule.between(new Date(Date.UTC(year, 0, 1)), new Date(Date.UTC(year, 11, 31)), true);
  const days = new Set(dates.map((date) => date.epochMilliseconds / MS_PER_DAY));
  daysOfYear.set(year, days);
  return days;
}

export function recursOn(recurrence: Recurrence, day: number): boolean {
  return day >= recurrence.start && daysOf(recurrence, yearOf(day)).has(day);
}

/** Whether it means any day at all, as far as FIRST_WITHIN_YEARS can tell. Slow where there is none: for new offers only. */
export function hasDay({ start, values }: Recurrence): boolean {
  const endless = new Map([...values].filter(([name]) => name !== 'COUNT' && name !== 'UNTIL'));
  const rule = ruleOf(dateOfDay(start).replaceAll('-', ''), endless);
  const recurrence: Recurrence = { start, values: endless, rule, daysOfYear: new Map() };
  const last = dayOfBasicDate(values.get('UNTIL') ?? '') ?? Number.POSITIVE_INFINITY;
  for (let years = 0; years <= FIRST_WITHIN_YEARS; years++) {
    const [first] = daysOf(recurrence, yearOf(start) + years);
    if (first !== undefined) return first <= last;
  }
  return false;
}

/** `every 2 weeks on Monday from 2026-01-05` */
export function recurrenceInWords({ start, rule }: Recurrence): string {
  return `${toText(rule, 'en', { excludeTzAbbreviation: true })} from ${dateOfDay(start)}`;
}

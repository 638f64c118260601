/** Periods of a limit as they are typed: `day`, `2weeks`, `sunday-week`, `3months@2026-01-01` (counted from there), `rolling-7d`. */
import { InvalidArgumentError } from 'commander';
import type { CalendarPeriod, RollingPeriod } from '../../decision/offer-rules.js';
import { isDate } from './date-text.js';
import { formatDuration, parseDuration } from './duration-text.js';

const EVERY_MAX = 366;
const ROLLING_S_MAX = 366 * 86_400;

const calendar = /^([0-9]+)?(sunday-)?(day|week|month|year)s?(?:@(.*))?$/;

function refuse(text: string, why: string): never {
  throw new InvalidArgumentError(`"${text}": ${why}.`);
}

function checkFrom(text: string, from: string, every: number): void {
  if (every === 1) refuse(text, 'only every 2 or more have a day to count from, like 2weeks@2026-01-05');
  if (isDate(from)) return;
  const isLikeOne = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(from);
  refuse(text, isLikeOne ? `${from} is no date` : 'what it counts from is no date like 2026-01-05');
}

function parseCalendar(text: string): CalendarPeriod | undefined {
  const [, digits, sunday, unit, from] = calendar.exec(text) ?? [];
  if (unit !== 'day' && unit !== 'week' && unit !== 'month' && unit !== 'year') return undefined;
  if (sunday !== undefined && unit !== 'week') refuse(text, 'only weeks begin on Sunday');
  const every = Number(digits ?? 1);
  if (every < 1) refuse(text, 'at least every 1');
  if (every > EVERY_MAX) refuse(text, `at most every ${EVERY_MAX}`);
  if (from !== undefined) checkFrom(text, from, every);
  return {
    unit,
    ...(every === 1 ? {} : { every }),
    ...(sunday === undefined ? {} : { weekStart: 'sun' }),
    ...(from === undefined ? {} : { from }),
  };
}

/**
 * Undefined for what does not look like a period. One of each, and weeks from Monday, are left out of what it says.
 * @throws InvalidArgumentError for what looks like one, with the reason why it is none
 */
export function parsePeriod(text: string): CalendarPeriod | RollingPeriod | undefined {
  if (parseDuration(text) !== undefined) refuse(text, `the last ${text} are rolling-${text}`);
  const [, span] = /^rolling-(.*)$/.exec(text) ?? [];
  if (span === undefined) return parseCalendar(text);
  const rollingS = parseDuration(span);
  if (rollingS === undefined) {
    refuse(text, 'a span is a number with s, m, h or d, like rolling-7d or rolling-12h');
  }
  if (rollingS > ROLLING_S_MAX) refuse(text, `at most rolling-${formatDuration(ROLLING_S_MAX)}`);
  return { rollingS };
}

export function formatPeriod(period: CalendarPeriod | RollingPeriod): string {
  if ('rollingS' in period) return `rolling-${formatDuration(period.rollingS)}`;
  const { unit, every = 1, weekStart, from } = period;
  const name = weekStart === 'sun' ? 'sunday-week' : unit;
  return `${every === 1 ? name : `${every}${name}s`}${from === undefined ? '' : `@${from}`}`;
}

/** Periods of a limit as they are typed: `day`, `2weeks`, `sunday-week`, `3months@2026-01-01` (counted from there), `rolling-7d`. */
import type { CalendarPeriod, RollingPeriod } from '../../decision/offer-rules.js';
import { isDate } from './date-text.js';
import { formatDuration, parseDuration } from './duration-text.js';

const EVERY_MAX = 366;
const ROLLING_S_MAX = 366 * 86_400;

const calendar = /^([1-9][0-9]{0,2})?(sunday-)?(day|week|month|year)s?(?:@(.*))?$/;

function parseCalendar(text: string): CalendarPeriod | undefined {
  const [, digits, sunday, unit, from] = calendar.exec(text) ?? [];
  if (unit !== 'day' && unit !== 'week' && unit !== 'month' && unit !== 'year') return undefined;
  if (sunday !== undefined && unit !== 'week') return undefined;
  const every = Number(digits ?? 1);
  if (every > EVERY_MAX) return undefined;
  // Every single one needs no day to count from.
  if (from !== undefined && (every === 1 || !isDate(from))) return undefined;
  return {
    unit,
    ...(every === 1 ? {} : { every }),
    ...(sunday === undefined ? {} : { weekStart: 'sun' }),
    ...(from === undefined ? {} : { from }),
  };
}

/** Undefined for what is no period. One of each, and weeks from Monday, are left out of what it says. */
export function parsePeriod(text: string): CalendarPeriod | RollingPeriod | undefined {
  const [, span] = /^rolling-(.*)$/.exec(text) ?? [];
  if (span === undefined) return parseCalendar(text);
  const rollingS = parseDuration(span);
  return rollingS === undefined || rollingS > ROLLING_S_MAX ? undefined : { rollingS };
}

export function formatPeriod(period: CalendarPeriod | RollingPeriod): string {
  if ('rollingS' in period) return `rolling-${formatDuration(period.rollingS)}`;
  const { unit, every = 1, weekStart, from } = period;
  const name = weekStart === 'sun' ? 'sunday-week' : unit;
  return `${every === 1 ? name : `${every}${name}s`}${from === undefined ? '' : `@${from}`}`;
}

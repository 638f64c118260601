/** Days on which nothing opens, as they are typed: `2026-12-24`, `2026-12-24..26`, `holidays:DE`. */
import { InvalidArgumentError } from 'commander';
import type { Exception } from '../../decision/offer-rules.js';
import { formatDateRange, parseDateRange } from './date-text.js';
import { formatHolidays, parseHolidays } from './holidays-text.js';

/** @throws InvalidArgumentError */
export function parseException(text: string): Exception {
  const holidays = parseHolidays(text);
  if (holidays !== undefined) return { holidays };
  const dates = parseDateRange(text);
  if (dates !== undefined) return dates;
  throw new InvalidArgumentError(
    'It is a day like 2026-12-24, days like 2026-12-24..26 or 2026-12-24..2027-01-06, or holidays:DE-BE.',
  );
}

export function formatException(exception: Exception): string {
  return 'holidays' in exception ? formatHolidays(exception.holidays) : formatDateRange(exception);
}

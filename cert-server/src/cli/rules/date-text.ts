/** Dates and spans of dates as they are typed: `2026-12-24`, `2026-12-24..26`, `2026-12-24..2027-01-06`. */
import type { DateRange } from '../../decision/offer-rules.js';

export function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  // Date moves days that a month does not have into the next one.
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Both days included. Undefined for what is no span, or ends before it begins. */
export function parseDateRange(text: string): DateRange | undefined {
  const [from = '', end = from, ...rest] = text.split('..');
  // A day alone is one of the month in which the span begins.
  const to = /^[0-9]{2}$/.test(end) ? `${from.slice(0, 8)}${end}` : end;
  return rest.length === 0 && isDate(from) && isDate(to) && from <= to ? { from, to } : undefined;
}

export function formatDateRange({ from, to }: DateRange): string {
  return from === to ? from : `${from}..${to}`;
}

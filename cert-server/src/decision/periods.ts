/** Days, ISO weeks and months of a time zone: a key for the counter, and the instant at which the next one begins. */
import { Temporal } from 'temporal-polyfill';

export type PeriodName = 'day' | 'week' | 'month';

export type Period = {
  /** `2026-11-22`, `2026-W47`, `2026-11`. */
  readonly key: string;
  /** Milliseconds since 1970: the first instant of the next period. Days have 23 or 25 hours where the clocks change. */
  readonly resetsAtMs: number;
};

function startOfDayMs(date: Temporal.PlainDate, timeZone: string): number {
  return date.toZonedDateTime(timeZone).epochMilliseconds;
}

export function periodAt(name: PeriodName, nowMs: number, timeZone: string): Period {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  switch (name) {
    case 'day':
      return { key: today.toString(), resetsAtMs: startOfDayMs(today.add({ days: 1 }), timeZone) };
    case 'week': {
      const week = String(today.weekOfYear).padStart(2, '0');
      const monday = today.add({ days: 8 - today.dayOfWeek });
      return { key: `${today.yearOfWeek}-W${week}`, resetsAtMs: startOfDayMs(monday, timeZone) };
    }
    case 'month': {
      const first = today.with({ day: 1 }).add({ months: 1 });
      return { key: today.toPlainYearMonth().toString(), resetsAtMs: startOfDayMs(first, timeZone) };
    }
  }
}

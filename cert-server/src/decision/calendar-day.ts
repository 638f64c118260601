/**
 * Days of the calendar as numbers: 0 is 1 January 1970, whatever the time zone. A wall clock is read as milliseconds in the same
 * count, as if it were UTC; zone-span.ts turns instants into it and back.
 */
export const MS_PER_DAY = 86_400_000;

/** @returns undefined where there is no such day, as 2026-02-30 */
export function dayOfDate(date: string): number | undefined {
  const midnight = new Date(`${date}T00:00:00Z`);
  // The engine reads some impossible dates as the days after: only one that reads back the same is a date.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== date) return undefined;
  return midnight.getTime() / MS_PER_DAY;
}

/** `2026-11-22` */
export function dateOfDay(day: number): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** 0 is Monday. */
export function weekdayOf(day: number): number {
  // 1 January 1970 was a Thursday.
  return (((day + 3) % 7) + 7) % 7;
}

export function yearOf(day: number): number {
  return new Date(day * MS_PER_DAY).getUTCFullYear();
}

export function dayOfWallMs(wallMs: number): number {
  return Math.floor(wallMs / MS_PER_DAY);
}

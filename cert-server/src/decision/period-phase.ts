/** Which periods of the calendar are the same ones, however they are written: `2weeks@2026-01-05` and `2weeks` are. */
import type { CalendarPeriod } from './offer-rules.js';
import { periodAt } from './periods.js';

/**
 * Kind and phase as a text. Periods of one kind are equally many units long, without gap: those that have one period in common
 * have all of them, in every zone. So the key of the one that holds the first instant of 1970 tells them apart.
 * @param period one whose `from` is a date
 */
export function periodPhase(period: CalendarPeriod): string {
  return periodAt(period, 0, 'UTC').key;
}

/** When an offer begins and ends: `validFrom` and `validTo` as instants of a time zone. */
import { dayOfDate, MS_PER_DAY } from './calendar-day.js';
import type { OfferRules } from './offer-rules.js';
import { firstInstantAt } from './zone-span.js';

export type Validity = {
  /** The first instant of the offer; −Infinity where it has no beginning. */
  readonly fromMs: number;
  /** The first instant after it; Infinity where it has no end. */
  readonly toMs: number;
};

const pattern = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?)?$/;

function offsetMsOf(offset: string): number | undefined {
  if (offset === 'Z') return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))];
  if (hours > 23 || minutes > 59) return undefined;
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

/** An instant with its offset, or a date or a local time of the zone. Undefined where there is no such time. */
function instantOf(text: string, timeZone: string, isEnd: boolean): number | undefined {
  const [, date = '', hour, minute = '0', second = '0', fraction = '', offset] = pattern.exec(text) ?? [];
  const day = dayOfDate(date);
  if (day === undefined) return undefined;
  // As an end, a date is the last day, whole.
  if (hour === undefined) return firstInstantAt((isEnd ? day + 1 : day) * MS_PER_DAY, timeZone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const wallMs = day * MS_PER_DAY + seconds * 1_000 + Number(fraction.padEnd(3, '0'));
  if (offset === undefined) return firstInstantAt(wallMs, timeZone);
  const offsetMs = offsetMsOf(offset);
  return offsetMs === undefined ? undefined : wallMs - offsetMs;
}

/** @throws RangeError naming the rule, where there is no such time */
export function validityOf({ validFrom, validTo }: OfferRules, timeZone: string): Validity {
  const fromMs = validFrom === undefined ? Number.NEGATIVE_INFINITY : instantOf(validFrom, timeZone, false);
  if (fromMs === undefined) throw new RangeError('validFrom');
  const toMs = validTo === undefined ? Number.POSITIVE_INFINITY : instantOf(validTo, timeZone, true);
  if (toMs === undefined) throw new RangeError('validTo');
  return { fromMs, toMs };
}

/**
 * Time zones as spans of instants in which the clocks keep their distance to UTC. Within a span, instants and the wall clock
 * differ by a constant, so that periods and windows are arithmetic of integers; the zone's rules are asked once a span.
 */
import { Temporal } from 'temporal-polyfill';
import { MS_PER_DAY } from './calendar-day.js';

export type ZoneSpan = {
  /** The first instant; −Infinity where nothing is known before. */
  readonly startMs: number;
  /** The first instant after it; Infinity where no change is known. */
  readonly endMs: number;
  /** Wall clock minus instant. */
  readonly offsetMs: number;
};

const SPANS_KEPT_MAX = 128;
const spansOfZone = new Map<string, ZoneSpan[]>();

function readSpan(instantMs: number, timeZone: string): ZoneSpan {
  const here = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timeZone);
  // `previous` is strictly before, and a span holds its first instant.
  const start = here.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const end = here.getTimeZoneTransition('next');
  return {
    startMs: start?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    endMs: end?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: Math.round(here.offsetNanoseconds / 1e6),
  };
}

/** @param timeZone one that checkTimeZone accepted */
export function zoneSpanAt(instantMs: number, timeZone: string): ZoneSpan {
  let spans = spansOfZone.get(timeZone);
  if (spans === undefined) {
    spans = [];
    spansOfZone.set(timeZone, spans);
  }
  for (const span of spans) if (span.startMs <= instantMs && instantMs < span.endMs) return span;
  const span = readSpan(instantMs, timeZone);
  if (spans.length >= SPANS_KEPT_MAX) spans.pop();
  spans.unshift(span);
  return span;
}

/**
 * The first instant at which the wall clock of the zone reads `wallMs` or later. A time that the clocks skip is the instant of
 * the change; one that comes twice is its first occurrence.
 */
export function firstInstantAt(wallMs: number, timeZone: string): number {
  // No zone is a day ahead of UTC, so that a day earlier the wall clock has not got there.
  for (let span = zoneSpanAt(wallMs - MS_PER_DAY, timeZone); ; span = zoneSpanAt(span.endMs, timeZone)) {
    const instantMs = Math.max(span.startMs, wallMs - span.offsetMs);
    if (instantMs < span.endMs) return instantMs;
  }
}

/**
 * When an offer is open: its validity, its windows, its exceptions, in the time zone that is handed in, exact to the
 * millisecond: until 12:00 means that 12:00:00.000 is closed. A pure function of version, zone and time. What it found is
 * remembered with the span of instants in which it holds, so that the next request costs a comparison.
 */
import { dayOfWallMs } from './calendar-day.js';
import type { OfferVersion } from './offer.js';
import { boundariesAround, nextOpenWallMs, type OpeningHours, openingHoursOf } from './opening-hours.js';
import { validityOf } from './validity.js';
import { zoneSpanAt } from './zone-span.js';

/** How many days ahead the next opening is looked for. */
const SEARCH_DAYS = 400;

export type WindowVerdict =
  | { readonly open: true }
  | {
      readonly open: false;
      readonly code: 'offer_not_started' | 'offer_ended' | 'window_closed';
      /** The first instant at which the offer is open again; absent where there is none, or none within 400 days. */
      readonly resetsAtMs?: number;
    };

/** A verdict, and the instants [startMs, endMs) for which it is the same. */
type Finding = { readonly startMs: number; readonly endMs: number; readonly verdict: WindowVerdict };

/** The first instant from `fromMs` on at which a window is open, `untilMs` not included. */
function firstOpenMs(
  hours: OpeningHours | undefined,
  timeZone: string,
  fromMs: number,
  untilMs: number,
): number | undefined {
  if (hours === undefined) return fromMs < untilMs ? fromMs : undefined;
  let span = zoneSpanAt(fromMs, timeZone);
  const lastDay = dayOfWallMs(fromMs + span.offsetMs) + SEARCH_DAYS;
  for (let atMs = fromMs; atMs < untilMs; ) {
    const wallMs = nextOpenWallMs(hours, atMs + span.offsetMs, lastDay);
    const opensMs = wallMs === undefined ? undefined : wallMs - span.offsetMs;
    if (opensMs !== undefined && opensMs < span.endMs) return opensMs < untilMs ? opensMs : undefined;
    // The clocks change before that: what they read afterwards has to be looked at anew.
    atMs = span.endMs;
    if (!Number.isFinite(atMs)) return undefined;
    span = zoneSpanAt(atMs, timeZone);
    if (dayOfWallMs(atMs + span.offsetMs) > lastDay) return undefined;
  }
  return undefined;
}

function closed(code: 'offer_not_started' | 'window_closed', opensMs: number | undefined): WindowVerdict {
  return { open: false, code, ...(opensMs === undefined ? {} : { resetsAtMs: opensMs }) };
}

function find(offer: OfferVersion, timeZone: string, nowMs: number): Finding {
  const { fromMs, toMs } = validityOf(offer.rules, timeZone);
  if (nowMs >= toMs) {
    return { startMs: toMs, endMs: Number.POSITIVE_INFINITY, verdict: { open: false, code: 'offer_ended' } };
  }
  const hours = openingHoursOf(offer);
  if (nowMs < fromMs) {
    const opensMs = firstOpenMs(hours, timeZone, fromMs, toMs);
    return {
      startMs: Number.NEGATIVE_INFINITY,
      endMs: Math.min(fromMs, toMs),
      verdict: closed('offer_not_started', opensMs),
    };
  }
  if (hours === undefined) return { startMs: fromMs, endMs: toMs, verdict: { open: true } };
  const span = zoneSpanAt(nowMs, timeZone);
  const around = boundariesAround(hours, nowMs + span.offsetMs);
  const startMs = Math.max(fromMs, span.startMs, around.startMs - span.offsetMs);
  const endMs = Math.min(toMs, span.endMs, around.endMs - span.offsetMs);
  const opensMs = firstOpenMs(hours, timeZone, nowMs, toMs);
  if (opensMs === nowMs) return { startMs, endMs, verdict: { open: true } };
  // Until it opens the answer is the same; how far ahead was searched depends on the day, where it never opens.
  return { startMs, endMs: opensMs ?? endMs, verdict: closed('window_closed', opensMs) };
}

const ZONES_KEPT_MAX = 64;
const findings = new WeakMap<OfferVersion, Map<string, Finding>>();

/** @param timeZone one that checkTimeZone accepted */
export function checkWindows(offer: OfferVersion, timeZone: string, nowMs: number): WindowVerdict {
  let ofOffer = findings.get(offer);
  if (ofOffer === undefined) {
    ofOffer = new Map();
    findings.set(offer, ofOffer);
  }
  const last = ofOffer.get(timeZone);
  if (last !== undefined && last.startMs <= nowMs && nowMs < last.endMs) return last.verdict;
  if (last === undefined && ofOffer.size >= ZONES_KEPT_MAX) ofOffer.clear();
  const finding = find(offer, timeZone, nowMs);
  ofOffer.set(timeZone, finding);
  return finding.verdict;
}

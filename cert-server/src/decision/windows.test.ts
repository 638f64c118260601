import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { allTimeZones, clockChanges, readWallClock } from '../testing/wall-clock.js';
import type { OfferVersion } from './offer.js';
import type { DateRange, OfferRules, Window } from './offer-rules.js';
import { checkWindows } from './windows.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;
const check = (offer: OfferVersion, instant: number | string) =>
  checkWindows(offer, offer.timeZone, typeof instant === 'string' ? at(instant) : instant);
const closedUntil = (resetsAtMs: number) => ({ open: false, code: 'window_closed', resetsAtMs });

describe('daily windows', () => {
  test('property 12: until 12:00 is open at 11:59:59.999 and closed at 12:00:00.000', () => {
    const offer = testOffer({ until: '12:00' });
    expect(check(offer, '2026-06-10T11:59:59.999+02:00')).toEqual({ open: true });
    const midnight = at('2026-06-11T00:00:00+02:00');
    expect(check(offer, '2026-06-10T12:00:00.000+02:00')).toEqual(closedUntil(midnight));
  });

  test('property 12: from 08:00 is closed at 07:59:59.999 and open at 08:00:00.000', () => {
    const offer = testOffer({ from: '08:00' });
    const opens = at('2026-06-10T08:00:00+02:00');
    expect(check(offer, opens - 1)).toEqual(closedUntil(opens));
    expect(check(offer, opens)).toEqual({ open: true });
    expect(check(offer, '2026-06-10T23:59:59.999+02:00')).toEqual({ open: true });
  });

  test('a window across midnight belongs to the weekday on which it opens', () => {
    const offer = testOffer({ from: '22:00', until: '02:00', weekdays: ['fri'] });
    expect(check(offer, '2026-06-12T21:59:59.999+02:00').open).toBe(false);
    expect(check(offer, '2026-06-12T22:00:00+02:00').open).toBe(true);
    expect(check(offer, '2026-06-13T01:59:59.999+02:00').open).toBe(true);
    expect(check(offer, '2026-06-13T02:00:00+02:00').open).toBe(false);
    // Friday's early hours are Thursday's night, and Thursday is closed.
    expect(check(offer, '2026-06-12T01:00:00+02:00').open).toBe(false);
  });

  test('until 00:00 is until the day is over', () => {
    const offer = testOffer({ from: '18:00', until: '00:00' });
    expect(check(offer, '2026-06-12T23:59:59.999+02:00').open).toBe(true);
    expect(check(offer, '2026-06-13T00:00:00+02:00')).toEqual(closedUntil(at('2026-06-13T18:00:00+02:00')));
  });

  test('a closed weekday names the next open one', () => {
    const offer = testOffer({ until: '12:00', weekdays: ['mon'] });
    const monday = at('2026-06-15T00:00:00+02:00');
    expect(check(offer, '2026-06-08T12:00:00+02:00')).toEqual(closedUntil(monday));
  });

  test('several windows: open while any is', () => {
    const offer = testOffer({
      windows: [
        { weekdays: ['mon', 'tue'], from: '08:00', until: '12:00' },
        { weekdays: ['tue'], from: '11:00', until: '14:00' },
      ],
    });
    // 8 June 2026 is a Monday.
    expect(check(offer, '2026-06-08T12:00:00+02:00')).toEqual(closedUntil(at('2026-06-09T08:00:00+02:00')));
    expect(check(offer, '2026-06-09T12:00:00+02:00').open).toBe(true);
    expect(check(offer, '2026-06-09T14:00:00+02:00').open).toBe(false);
  });
});

describe('days', () => {
  test('a range of dates, both days whole', () => {
    const offer = testOffer({ windows: [{ dates: { from: '2026-12-01', to: '2026-12-24' } }] });
    const opens = at('2026-12-01T00:00:00+01:00');
    expect(check(offer, '2026-11-22T12:00:00+01:00')).toEqual(closedUntil(opens));
    expect(check(offer, opens).open).toBe(true);
    expect(check(offer, '2026-12-24T23:59:59.999+01:00').open).toBe(true);
    expect(check(offer, '2026-12-25T00:00:00+01:00')).toEqual({ open: false, code: 'window_closed' });
  });

  test('a recurrence: every second Monday, whatever the year', () => {
    const recurrence = 'DTSTART:20260105;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO';
    const offer = testOffer({ windows: [{ recurrence, from: '10:00' }] });
    expect(check(offer, '2026-01-05T10:00:00+01:00').open).toBe(true);
    expect(check(offer, '2026-01-12T10:00:00+01:00')).toEqual(closedUntil(at('2026-01-19T10:00:00+01:00')));
    expect(check(offer, '2026-12-31T10:00:00+01:00')).toEqual(closedUntil(at('2027-01-04T10:00:00+01:00')));
  });

  test('public holidays of a region', () => {
    const offer = testOffer({ windows: [{ holidays: { country: 'DE', region: 'BE' } }] });
    // 8 March is a holiday of Berlin, not of Germany.
    expect(check(offer, '2026-03-08T12:00:00+01:00').open).toBe(true);
    expect(check(offer, '2026-03-09T00:00:00+01:00')).toEqual(closedUntil(at('2026-04-03T00:00:00+02:00')));
    const german = testOffer({ windows: [{ holidays: { country: 'DE' } }] });
    expect(check(german, '2026-03-08T12:00:00+01:00').open).toBe(false);
  });

  test('exceptions: days on which nothing opens; what has opened before goes on', () => {
    const offer = testOffer({
      from: '22:00',
      until: '02:00',
      except: [{ from: '2026-12-24', to: '2026-12-26' }, { holidays: { country: 'DE' } }],
    });
    expect(check(offer, '2026-12-24T01:59:59.999+01:00').open).toBe(true);
    expect(check(offer, '2026-12-24T22:00:00+01:00')).toEqual(closedUntil(at('2026-12-27T22:00:00+01:00')));
    expect(check(offer, '2027-01-01T23:00:00+01:00').open).toBe(false);
  });

  test('exceptions alone: open on all other days', () => {
    const offer = testOffer({ except: [{ from: '2026-06-10', to: '2026-06-10' }] });
    expect(check(offer, '2026-06-09T23:59:59.999+02:00').open).toBe(true);
    expect(check(offer, '2026-06-10T00:00:00+02:00')).toEqual(closedUntil(at('2026-06-11T00:00:00+02:00')));
  });

  test('what opens only after 400 days names no time, until it is near enough', () => {
    const offer = testOffer({ windows: [{ dates: { from: '2028-01-01', to: '2028-01-01' } }] }, 'UTC');
    expect(check(offer, '2026-11-22T12:00:00Z')).toEqual({ open: false, code: 'window_closed' });
    expect(check(offer, '2026-11-26T23:59:59.999Z')).toEqual({ open: false, code: 'window_closed' });
    expect(check(offer, '2026-11-27T00:00:00Z')).toEqual(closedUntil(at('2028-01-01T00:00:00Z')));
  });
});

describe('validity', () => {
  test('dates are whole days of the zone', () => {
    const offer = testOffer({ validFrom: '2026-06-10', validTo: '2026-06-11' });
    const [starts, ends] = [at('2026-06-10T00:00:00+02:00'), at('2026-06-12T00:00:00+02:00')];
    expect(check(offer, starts - 1)).toEqual({ open: false, code: 'offer_not_started', resetsAtMs: starts });
    expect(check(offer, starts).open).toBe(true);
    expect(check(offer, ends - 1).open).toBe(true);
    expect(check(offer, ends)).toEqual({ open: false, code: 'offer_ended' });
  });

  test('a local time is read in the zone of the touchpoint, an instant is the same everywhere', () => {
    const local = testOffer({ validFrom: '2026-06-10T09:00' });
    expect(checkWindows(local, 'Europe/Berlin', at('2026-06-10T07:00:00Z')).open).toBe(true);
    expect(checkWindows(local, 'America/New_York', at('2026-06-10T12:59:59.999Z')).open).toBe(false);
    expect(checkWindows(local, 'America/New_York', at('2026-06-10T13:00:00Z')).open).toBe(true);
    const instant = testOffer({ validFrom: '2026-06-10T09:00:00.250-02:30' });
    for (const timeZone of ['Europe/Berlin', 'America/New_York']) {
      expect(checkWindows(instant, timeZone, at('2026-06-10T11:30:00.249Z')).open).toBe(false);
      expect(checkWindows(instant, timeZone, at('2026-06-10T11:30:00.250Z')).open).toBe(true);
    }
  });

  test('an offer that has not started names its first window, not its first day', () => {
    const offer = testOffer({ validFrom: '2027-06-10T09:00', until: '08:00', weekdays: ['mon'] });
    expect(check(offer, '2026-01-01T00:00:00Z')).toEqual({
      open: false,
      code: 'offer_not_started',
      resetsAtMs: at('2027-06-14T00:00:00+02:00'),
    });
  });

  test('an offer whose last window has closed names no time to try again', () => {
    const offer = testOffer({ until: '12:00', validTo: '2026-06-10' });
    expect(check(offer, '2026-06-10T13:00:00+02:00')).toEqual({ open: false, code: 'window_closed' });
  });
});

describe('property 12: where the clocks change', () => {
  test('an hour that is missing closes nothing else', () => {
    const change = at('2026-03-29T03:00:00+02:00');
    const closing = testOffer({ from: '01:00', until: '02:30' });
    expect(check(closing, change - 1).open).toBe(true);
    expect(check(closing, change)).toEqual(closedUntil(at('2026-03-30T01:00:00+02:00')));
    const opening = testOffer({ from: '02:30', until: '05:00' });
    expect(check(opening, change - 1)).toEqual(closedUntil(change));
    expect(check(opening, change).open).toBe(true);
    expect(check(opening, '2026-03-29T04:59:59.999+02:00').open).toBe(true);
    // A window that lies within the missing hour does not open on that day.
    const within = testOffer({ from: '02:15', until: '02:45' });
    expect(check(within, change)).toEqual(closedUntil(at('2026-03-30T02:15:00+02:00')));
  });

  test('an hour that comes twice is inside both times, or outside both times', () => {
    const closing = testOffer({ from: '01:00', until: '02:30' });
    expect(check(closing, '2026-10-25T02:29:59.999+02:00').open).toBe(true);
    const again = at('2026-10-25T02:00:00+01:00');
    expect(check(closing, '2026-10-25T02:30:00+02:00')).toEqual(closedUntil(again));
    expect(check(closing, again).open).toBe(true);
    expect(check(closing, '2026-10-25T02:29:59.999+01:00').open).toBe(true);
    expect(check(closing, '2026-10-25T02:30:00+01:00').open).toBe(false);
  });

  test('a day that a zone skips opens nothing, and its neighbours are as ever', () => {
    const change = at('2011-12-31T00:00:00+14:00');
    const friday = testOffer({ weekdays: ['fri'] }, 'Pacific/Apia');
    const next = at('2012-01-06T00:00:00+14:00');
    expect(check(friday, change - 1)).toEqual(closedUntil(next));
    expect(check(friday, change)).toEqual(closedUntil(next));
    const nightly = testOffer({ from: '22:00', until: '02:00' }, 'Pacific/Apia');
    expect(check(nightly, change - 1).open).toBe(true);
    expect(check(nightly, change).open).toBe(true);
  });
});

/** The day after a date, or before it. */
function dateAfter(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

const weekdayNames = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function isDay({ weekdays, dates }: Window, except: readonly DateRange[], date: string): boolean {
  const weekday = weekdayNames[Temporal.PlainDate.from(date).dayOfWeek - 1];
  if (weekday === undefined || (weekdays !== undefined && !weekdays.includes(weekday))) return false;
  if (dates !== undefined && (date < dates.from || dates.to < date)) return false;
  return !except.some(({ from, to }) => from <= date && date <= to);
}

/** Whether any window is open by the text that Intl prints: nothing of the arithmetic that is tested. */
function isOpenByTheClock(rules: OfferRules, nowMs: number, timeZone: string): boolean {
  const except = (rules.except ?? []).filter((exception) => 'from' in exception);
  const { date, time } = readWallClock(nowMs, timeZone);
  return (rules.windows ?? [{}]).some((window) => {
    const { from = '00:00', until = '24:00' } = window;
    if (from < until) return from <= time && time < until && isDay(window, except, date);
    if (from <= time) return isDay(window, except, date);
    return time < until && isDay(window, except, dateAfter(date, -1));
  });
}

/** Open or closed as the clock says; and when closed, not open at any of `moments` before the opening that it names. */
function expectExact(offer: OfferVersion, nowMs: number, timeZone: string, changes: readonly number[]): void {
  const verdict = checkWindows(offer, timeZone, nowMs);
  expect(verdict.open).toBe(isOpenByTheClock(offer.rules, nowMs, timeZone));
  // What was remembered must not show.
  expect(verdict).toEqual(checkWindows({ ...offer }, timeZone, nowMs));
  if (verdict.open || verdict.resetsAtMs === undefined) return;
  const { resetsAtMs } = verdict;
  expect(resetsAtMs).toBeGreaterThan(nowMs);
  expect(isOpenByTheClock(offer.rules, resetsAtMs, timeZone), 'open when it says').toBe(true);
  expect(isOpenByTheClock(offer.rules, resetsAtMs - 1, timeZone), 'not earlier').toBe(false);
  const steps = Array.from({ length: 48 }, (_, step) => nowMs + (step * (resetsAtMs - nowMs)) / 48);
  const moments = [...steps, ...changes.flatMap((changeMs) => [changeMs - 1, changeMs])];
  for (const moment of moments.map(Math.floor)) {
    if (moment < nowMs || moment >= resetsAtMs) continue;
    expect(isOpenByTheClock(offer.rules, moment, timeZone), 'not in between').toBe(false);
    expect(checkWindows(offer, timeZone, moment)).toEqual(verdict);
  }
}

test('in every zone of the database, at each change of its clocks in 2027', () => {
  const offers = [
    testOffer({ from: '00:30', until: '02:30' }),
    testOffer({ from: '23:30', until: '00:15' }),
    testOffer({ from: '02:00', until: '03:00', weekdays: ['sun'] }),
  ];
  let changes = 0;
  for (const timeZone of allTimeZones) {
    for (const changeMs of clockChanges(timeZone, at('2027-01-01T00:00:00Z'), at('2028-01-01T00:00:00Z'))) {
      changes++;
      for (const minutes of [-90, -30, 0, 15, 30, 60, 90]) {
        for (const offer of offers) {
          const nowMs = changeMs + minutes * 60_000;
          expect(checkWindows(offer, timeZone, nowMs).open).toBe(
            isOpenByTheClock(offer.rules, nowMs, timeZone),
          );
          expect(checkWindows(offer, timeZone, nowMs - 1).open).toBe(
            isOpenByTheClock(offer.rules, nowMs - 1, timeZone),
          );
        }
      }
    }
    expectExact(testOffer({ from: '09:00', until: '17:00' }), at('2028-02-29T00:00:00Z'), timeZone, []);
  }
  expect(changes).toBeGreaterThan(100);
});

const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
/** Early, so that many windows end or begin where clocks change. */
const earlyTime = fc
  .integer({ min: 0, max: 12 })
  .map((quarter) => `0${Math.floor(quarter / 4)}:${String((quarter % 4) * 15).padStart(2, '0')}`);
const date = (nowMs: number) =>
  fc
    .integer({ min: -20, max: 40 })
    .map((days) => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10));
const range = (nowMs: number): fc.Arbitrary<DateRange> =>
  fc.tuple(date(nowMs), date(nowMs)).map(([one, other]) => ({
    from: one < other ? one : other,
    to: one < other ? other : one,
  }));
const window = (nowMs: number): fc.Arbitrary<Window> =>
  fc
    .record(
      {
        from: fc.oneof(time, earlyTime),
        until: fc.oneof(time, earlyTime),
        weekdays: fc.subarray([...weekdayNames], { minLength: 1 }),
        dates: range(nowMs),
      },
      { requiredKeys: [] },
    )
    .filter(
      (rules) =>
        Object.keys(rules).length > 0 &&
        (rules.from === undefined || rules.from !== rules.until) &&
        !(rules.until === '00:00' && rules.from === undefined),
    );
const scene = fc
  .integer({ min: at('1972-06-01T00:00:00Z'), max: at('2037-06-01T00:00:00Z') })
  .chain((nowMs) =>
    fc.record({
      nowMs: fc.constant(nowMs),
      timeZone: fc.constantFrom(...allTimeZones),
      windows: fc.array(window(nowMs), { minLength: 1, maxLength: 3 }),
      except: fc.array(range(nowMs), { maxLength: 1 }),
    }),
  );

test('any windows, any zone, any instant: open as the wall clock says, and opening exactly when it says', () => {
  fc.assert(
    fc.property(scene, ({ nowMs, timeZone, windows, except }) => {
      const offer = testOffer({ windows, except }, timeZone);
      const changes = clockChanges(timeZone, nowMs - 100 * 86_400_000, nowMs + 200 * 86_400_000);
      for (const moment of [nowMs, ...changes.flatMap((changeMs) => [changeMs - 1, changeMs])]) {
        expectExact(offer, moment, timeZone, changes);
      }
    }),
    { numRuns: 250, endOnFailure: true },
  );
});

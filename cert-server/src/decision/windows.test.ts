import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { testOffer } from '../testing/test-offer.js';
import { checkWindows } from './windows.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

test('property 12: until 12:00 is open at 11:59:59.999 and closed at 12:00:00.000', () => {
  const offer = testOffer({ until: '12:00' });
  expect(checkWindows(offer, at('2026-06-10T11:59:59.999+02:00'))).toEqual({ open: true });
  expect(checkWindows(offer, at('2026-06-10T12:00:00.000+02:00'))).toEqual({
    open: false,
    code: 'window_closed',
    resetsAtMs: at('2026-06-11T00:00:00+02:00'),
  });
});

test('property 12: from 08:00 is closed at 07:59:59.999 and open at 08:00:00.000', () => {
  const offer = testOffer({ from: '08:00' });
  const opens = at('2026-06-10T08:00:00+02:00');
  expect(checkWindows(offer, opens - 1)).toEqual({ open: false, code: 'window_closed', resetsAtMs: opens });
  expect(checkWindows(offer, opens)).toEqual({ open: true });
  expect(checkWindows(offer, at('2026-06-10T23:59:59.999+02:00'))).toEqual({ open: true });
});

test('a window across midnight belongs to the weekday on which it opens', () => {
  const offer = testOffer({ from: '22:00', until: '02:00', weekdays: ['fri'] });
  expect(checkWindows(offer, at('2026-06-12T21:59:59.999+02:00')).open).toBe(false);
  expect(checkWindows(offer, at('2026-06-12T22:00:00+02:00')).open).toBe(true);
  expect(checkWindows(offer, at('2026-06-13T01:59:59.999+02:00')).open).toBe(true);
  expect(checkWindows(offer, at('2026-06-13T02:00:00+02:00')).open).toBe(false);
  // Friday's early hours are Thursday's night, and Thursday is closed.
  expect(checkWindows(offer, at('2026-06-12T01:00:00+02:00')).open).toBe(false);
});

test('a closed weekday names the next open one', () => {
  const offer = testOffer({ until: '12:00', weekdays: ['mon'] });
  expect(checkWindows(offer, at('2026-06-08T12:00:00+02:00'))).toEqual({
    open: false,
    code: 'window_closed',
    resetsAtMs: at('2026-06-15T00:00:00+02:00'),
  });
});

test('valid from and to: dates are whole days of the time zone', () => {
  const offer = testOffer({ validFrom: '2026-06-10', validTo: '2026-06-11' });
  const [starts, ends] = [at('2026-06-10T00:00:00+02:00'), at('2026-06-12T00:00:00+02:00')];
  expect(checkWindows(offer, starts - 1)).toEqual({
    open: false,
    code: 'offer_not_started',
    resetsAtMs: starts,
  });
  expect(checkWindows(offer, starts).open).toBe(true);
  expect(checkWindows(offer, ends - 1).open).toBe(true);
  expect(checkWindows(offer, ends)).toEqual({ open: false, code: 'offer_ended' });
});

test('an offer whose last window has closed names no time to try again', () => {
  const offer = testOffer({ until: '12:00', validTo: '2026-06-10' });
  expect(checkWindows(offer, at('2026-06-10T13:00:00+02:00'))).toEqual({
    open: false,
    code: 'window_closed',
  });
});

test('property 12: the spring change skips 02:30; a window until then ends with the change', () => {
  const offer = testOffer({ from: '01:00', until: '02:30' });
  const change = at('2026-03-29T03:00:00+02:00');
  expect(checkWindows(offer, change - 1).open).toBe(true);
  expect(checkWindows(offer, change).open).toBe(false);
  const opening = testOffer({ from: '02:30', until: '05:00' });
  expect(checkWindows(opening, change - 1).open).toBe(false);
  expect(checkWindows(opening, change).open).toBe(true);
});

test('property 12: the autumn change repeats 02:30; a window until then ends the first time', () => {
  const offer = testOffer({ from: '01:00', until: '02:30' });
  expect(checkWindows(offer, at('2026-10-25T02:29:59.999+02:00')).open).toBe(true);
  expect(checkWindows(offer, at('2026-10-25T02:30:00+02:00')).open).toBe(false);
  expect(checkWindows(offer, at('2026-10-25T02:15:00+01:00')).open).toBe(false);
});

const timeZones = [
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca',
  'UTC',
];
const time = fc
  .integer({ min: 0, max: 24 * 60 - 1 })
  .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
const instant = fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
const days = fc.subarray(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const, { minLength: 1 });

test('in every time zone, what is closed opens exactly at the time it names, and not a millisecond earlier', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...timeZones),
      fc.tuple(time, time).filter(([from, until]) => from !== until && until !== '00:00'),
      days,
      instant,
      (timeZone, [from, until], weekdays, nowMs) => {
        const offer = testOffer({ from, until, weekdays }, timeZone);
        const verdict = checkWindows(offer, nowMs);
        if (verdict.open) return;
        const { resetsAtMs } = verdict;
        if (resetsAtMs === undefined) throw new Error('an offer without an end opens again');
        expect(resetsAtMs).toBeGreaterThan(nowMs);
        expect(checkWindows(offer, resetsAtMs).open).toBe(true);
        expect(checkWindows(offer, resetsAtMs - 1).open).toBe(false);
      },
    ),
  );
});

test('on days without a change of clocks, open means that the local time is inside', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...timeZones),
      time,
      time.filter((until) => until !== '00:00'),
      instant,
      (timeZone, from, until, nowMs) => {
        fc.pre(from < until);
        const local = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
        fc.pre(local.hoursInDay === 24);
        const clock = local.toPlainTime().toString({ smallestUnit: 'minute' });
        expect(checkWindows(testOffer({ from, until }, timeZone), nowMs).open).toBe(
          from <= clock && clock < until,
        );
      },
    ),
  );
});

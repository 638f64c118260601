import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { expect, test } from 'vitest';
import { periodAt } from './periods.js';

const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

test('property 12: days, weeks and months reset at local midnight, with the clocks changing in between', () => {
  const saturday = at('2026-03-28T12:00:00+01:00');
  expect(periodAt('day', saturday, 'Europe/Berlin')).toEqual({
    key: '2026-03-28',
    resetsAtMs: at('2026-03-29T00:00:00+01:00'),
  });
  expect(periodAt('week', saturday, 'Europe/Berlin')).toEqual({
    key: '2026-W13',
    resetsAtMs: at('2026-03-30T00:00:00+02:00'),
  });
  expect(periodAt('month', saturday, 'Europe/Berlin')).toEqual({
    key: '2026-03',
    resetsAtMs: at('2026-04-01T00:00:00+02:00'),
  });
});

test('the turn of the year: the ISO week keeps its own year', () => {
  expect(periodAt('week', at('2027-01-02T12:00:00Z'), 'UTC').key).toBe('2026-W53');
  expect(periodAt('week', at('2027-01-04T00:00:00Z'), 'UTC').key).toBe('2027-W01');
  expect(periodAt('month', at('2026-12-31T23:59:59.999Z'), 'UTC').resetsAtMs).toBe(
    at('2027-01-01T00:00:00Z'),
  );
});

test('one instant is in different weeks east and west of the date line', () => {
  const mondayInAuckland = at('2026-06-07T12:00:00Z');
  expect(periodAt('week', mondayInAuckland, 'Pacific/Auckland').key).toBe('2026-W24');
  expect(periodAt('week', mondayInAuckland, 'Pacific/Honolulu').key).toBe('2026-W23');
});

test('property 12: the key changes exactly at the reset, in every time zone', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('day', 'week', 'month'),
      fc.constantFrom(
        'Europe/Berlin',
        'America/Sao_Paulo',
        'Africa/Cairo',
        'Asia/Beirut',
        'Pacific/Apia',
        'Australia/Lord_Howe',
        'America/St_Johns',
        'UTC',
      ),
      fc.integer({ min: at('2005-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') }),
      (name, timeZone, nowMs) => {
        const { key, resetsAtMs } = periodAt(name, nowMs, timeZone);
        expect(resetsAtMs).toBeGreaterThan(nowMs);
        expect(periodAt(name, resetsAtMs - 1, timeZone).key).toBe(key);
        expect(periodAt(name, resetsAtMs, timeZone).key > key).toBe(true);
      },
    ),
  );
});

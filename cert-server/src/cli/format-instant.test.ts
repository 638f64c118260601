import { expect, test } from 'vitest';
import { formatInstant } from './format-instant.js';

test.each([
  ['2026-06-10T08:30:00.000Z', 'Europe/Berlin', '2026-06-10 10:30:00 +02:00'],
  ['2026-12-31T23:30:00.000Z', 'Europe/Berlin', '2027-01-01 00:30:00 +01:00'],
  ['2026-06-10T08:30:00.000Z', 'UTC', '2026-06-10 08:30:00 +00:00'],
  ['2026-06-10T08:30:00.000Z', 'Asia/Kathmandu', '2026-06-10 14:15:00 +05:45'],
  ['2026-06-10T08:30:00.000Z', 'America/St_Johns', '2026-06-10 06:00:00 -02:30'],
])('%s in %s says its offset', (instant, zone, text) => {
  expect(formatInstant(instant, zone)).toBe(text);
});

test('without a zone it is that of this machine, and the same instant', () => {
  const text = formatInstant('2026-06-10T08:30:00.000Z');
  expect(Date.parse(text)).toBe(Date.parse('2026-06-10T08:30:00.000Z'));
});

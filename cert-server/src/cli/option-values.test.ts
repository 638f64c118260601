import { expect, test } from 'vitest';
import { REASON_CHARS_MAX, TITLE_CHARS_MAX } from '../http/admin-bounds.js';
import { parseDecimal, parseReason, parseTimeZone, parseTitle } from './option-values.js';

test('a title has characters, and none that controls a terminal', () => {
  expect(parseTitle('Café 🎪')).toBe('Café 🎪');
  expect(parseTitle('🎪'.repeat(TITLE_CHARS_MAX))).toHaveLength(2 * TITLE_CHARS_MAX);
  for (const title of ['', 'x'.repeat(TITLE_CHARS_MAX + 1), 'two\nlines', '\u001b[31mred', 'a\u0085b']) {
    expect(() => parseTitle(title)).toThrow(`It has 1 to ${TITLE_CHARS_MAX} characters`);
  }
});

test('a reason may say nothing', () => {
  expect(parseReason('')).toBe('');
  expect(() => parseReason('x'.repeat(REASON_CHARS_MAX + 1))).toThrow('0 to 200');
  expect(() => parseReason('tab\there')).toThrow('control a terminal');
});

test('a time zone is kept as it was typed, and has a name', () => {
  expect(parseTimeZone('Asia/Kathmandu')).toBe('Asia/Kathmandu');
  expect(parseTimeZone('europe/berlin')).toBe('Europe/Berlin');
  for (const text of ['+01:00', 'Europe/Atlantis', '']) expect(() => parseTimeZone(text)).toThrow('IANA');
});

test('an amount that is too large is told the largest one', () => {
  expect(parseDecimal('42949672.95')).toBe('42949672.95');
  for (const text of ['99999999999', '4294967296', '99999999999999999999.00']) {
    expect(() => parseDecimal(text)).toThrow('at most 4294967295 of its smallest unit (42949672.95');
  }
});

import { expect, test } from 'vitest';
import { REASON_CHARS_MAX, TITLE_CHARS_MAX } from '../http/admin-bounds.js';
import { parseReason, parseTitle } from './option-values.js';

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

import { expect, test } from 'vitest';
import { fitRule, fitRules } from './fit-rule.js';

test('the first saying of at most 120 bytes of UTF-8, letters of two bytes counted as such', () => {
  const [exact, long] = ['a'.repeat(120), `${'a'.repeat(118)}ü`];
  expect(fitRule(exact, 'short')).toBe(exact);
  expect(fitRule(long, 'short')).toBe(long);
  expect(fitRule(`${long}a`, 'short')).toBe('short');
});

test('where none fits, the beginning of the last one, no letter cut in two', () => {
  expect(fitRule('b'.repeat(121), `${'ü'.repeat(58)} ${'ü'.repeat(58)}`)).toBe(`${'ü'.repeat(58)}…`);
});

test('rules of one offer that would read the same are numbered, the others are not', () => {
  const long = (end: string): string => `${'a'.repeat(150)}${end}`;
  expect(fitRules([[long('1')], ['short'], [long('3')]])).toEqual([
    `${'a'.repeat(109)}… (no. 1)`,
    'short',
    `${'a'.repeat(109)}… (no. 3)`,
  ]);
});

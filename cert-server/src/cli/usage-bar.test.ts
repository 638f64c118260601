import { expect, test } from 'vitest';
import { usageBar } from './usage-bar.js';

test.each([
  [0, 0, 100, '░░░░░░░░░░░░░░░░'],
  [50, 0, 100, '████████░░░░░░░░'],
  [25, 25, 100, '████▒▒▒▒░░░░░░░░'],
  [100, 0, 100, '████████████████'],
  // What is little shows, and what is left too.
  [1, 0, 1_000_000, '█░░░░░░░░░░░░░░░'],
  [999_999, 0, 1_000_000, '███████████████░'],
  [0, 1, 1_000_000, '▒░░░░░░░░░░░░░░░'],
  [99, 1, 100, '███████████████▒'],
  // A maximum that was lowered below what is used.
  [120, 30, 100, '███████████████▒'],
])('%i used and %i held of %i', (used, held, maximum, bar) => {
  expect(usageBar(used, held, maximum)).toBe(bar);
});

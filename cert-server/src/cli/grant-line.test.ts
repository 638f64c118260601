import { expect, test } from 'vitest';
import type { GrantView } from '../http/admin-schemas.js';
import { formatInstant } from './format-instant.js';
import { decisionResult, renderGrantLine } from './grant-line.js';

const refusal: GrantView = {
  sequence: 1,
  transactionId: '71feba2aa387dfbf8940b3b8c8c187f7',
  at: '2026-06-10T08:30:00.000Z',
  granted: false,
  offer: 'free-coffee',
  offerVersion: 1,
  touchpoint: 'lobby-1',
  touchpointId: '01'.repeat(8),
  phoneId: '02'.repeat(16),
  shopper: 'shopper',
  amountMinor: 0,
  code: 'limit_reached',
  rule: 'once a week for each shopper',
  used: 1,
  maximum: 1,
};
const result = 'refused: once a week for each shopper 1/1';

const write = (): boolean => true;

test('a decision is one line in a pipe, and on a wide terminal', () => {
  const line = expect.stringMatching(
    new RegExp(`free-coffee +lobby-1 +${result}  ${refusal.transactionId}$`),
  );
  expect(renderGrantLine({ write }, refusal, 'EUR').split('\n')).toEqual([line]);
  expect(renderGrantLine({ write, isTTY: true, columns: 140 }, refusal, 'EUR').split('\n')).toEqual([line]);
});

test('on a narrow terminal it is broken between its parts', () => {
  const lines = renderGrantLine({ write, isTTY: true, columns: 80 }, refusal, 'EUR').split('\n');
  expect(lines).toEqual([
    expect.stringMatching(/free-coffee +lobby-1 *$/),
    `  ${result}  ${refusal.transactionId}`,
  ]);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
});

const grant: GrantView = {
  sequence: 2,
  transactionId: '71feba2aa387dfbf8940b3b8c8c187f7',
  at: '2026-06-10T08:30:00.000Z',
  granted: true,
  action: 'credit',
  offer: 'lunch',
  offerVersion: 3,
  touchpoint: 'till-1',
  touchpointId: '01'.repeat(8),
  phoneId: '02'.repeat(16),
  shopper: 'shopper',
  amountMinor: 250,
  awardedMinor: 250,
};
const endsAt = '2026-06-10T10:30:00.000Z';

test('a grant says what was awarded in part, and what became of its place', () => {
  expect(decisionResult(grant, 'EUR')).toBe('granted');
  expect(decisionResult({ ...grant, awardedMinor: 120 }, 'EUR')).toBe('granted, 1.20 EUR of 2.50 EUR');
  expect(decisionResult({ ...grant, awardedMinor: 120 })).toBe('granted, 120 of 250 (minor units)');
  expect(decisionResult({ ...grant, hold: { state: 'held', endsAt } }, 'EUR')).toBe(
    `granted, held until ${formatInstant(endsAt)}`,
  );
  expect(decisionResult({ ...grant, hold: { state: 'released', endsAt } }, 'EUR')).toBe('granted, released');
  const receipt = { outcome: 'actuated', counter: 1, receivedAt: endsAt } as const;
  expect(decisionResult({ ...grant, hold: { state: 'spent', endsAt }, receipt }, 'EUR')).toBe(
    'granted, actuated',
  );
});

test('a refusal by an amount is told in its currency, where it can be told', () => {
  const budget = { ...refusal, rule: 'at most 8.00 EUR a day', used: 650, maximum: 800 };
  expect(decisionResult(budget)).toBe('refused: at most 8.00 EUR a day 6.50/8.00 EUR');
  const yen = { ...refusal, rule: 'at most 800 JPY a day', used: 650, maximum: 800 };
  expect(decisionResult(yen)).toBe('refused: at most 800 JPY a day 650/800 JPY');
  const grants = { ...refusal, rule: 'at most 800 a day', used: 650, maximum: 800 };
  expect(decisionResult(grants)).toBe('refused: at most 800 a day 650/800');
  // Of another maximum: it cannot be an amount of this rule.
  expect(decisionResult({ ...budget, maximum: 801 })).toBe('refused: at most 8.00 EUR a day 650/801');
});

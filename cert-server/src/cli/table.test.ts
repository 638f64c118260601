import { expect, test } from 'vitest';
import type { TextSink } from './command-context.js';
import { renderTable } from './table.js';

const columns = [
  { title: 'id' },
  { title: 'count', align: 'right' },
  { title: 'text', wraps: true },
] as const;
const long = 'at most 100 in all, only until 12:00, once a week for each shopper (Europe/Berlin)';
const rows = [
  ['free-coffee', '7', long],
  ['parking', '1200', 'open'],
];

function terminal(width: number): TextSink {
  return { write: () => true, isTTY: true, columns: width, hasColors: () => false };
}

const pipe: TextSink = { write: () => true };

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => line.length));
}

test('into a pipe nothing is wrapped, cut or coloured', () => {
  const lines = renderTable(pipe, columns, rows).split('\n');
  expect(lines).toEqual([
    'ID           COUNT  TEXT',
    `free-coffee      7  ${long}`,
    'parking       1200  open',
  ]);
});

test.each([60, 80, 120])('fits a terminal of %i columns and loses no word', (width) => {
  const text = renderTable(terminal(width), columns, rows);
  expect(widest(text)).toBeLessThanOrEqual(width);
  for (const word of long.split(' ')) expect(text).toContain(word);
  expect(text).not.toContain('…');
});

test('a gap stays between columns where a text just does not fit', () => {
  const cells = [['Lobby, left of the lift', 'never']];
  const text = renderTable(terminal(29), [{ title: 'place', wraps: true }, { title: 'seen' }], cells);
  expect(text.split('\n')[1]).toBe('Lobby, left of the      never');
});

test('where a long id does not fit beside the rest, it comes below, whole', () => {
  const id = '0123456789abcdef'.repeat(2);
  const wide = [
    { title: 'offer', align: 'right' },
    { title: 'result', wraps: true },
    { title: 'transaction', below: true },
  ] as const;
  const text = renderTable(terminal(40), wide, [['free-coffee', 'granted, actuated', id]]);
  expect(text.split('\n')).toEqual([
    '      OFFER  RESULT',
    '  TRANSACTION',
    'free-coffee  granted, actuated',
    `  ${id}`,
  ]);
});

test('what cannot fit comes as one block for each row, with ids whole', () => {
  const id = '0123456789abcdef'.repeat(2);
  const text = renderTable(terminal(40), [{ title: 'phone' }, { title: 'other' }], [[id, id]]);
  expect(text).toBe(`phone  ${id}\nother  ${id}`);
});

test('text of others cannot reach the terminal as control characters', () => {
  const text = renderTable(pipe, [{ title: 'title' }], [['\u001b[2Jgone\u202e']]);
  expect(text).toBe('TITLE\n\\u{1b}[2Jgone\\u{202e}');
});

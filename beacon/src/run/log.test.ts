import { expect, test } from 'vitest';
import type { Report } from '../core/step.js';
import { Log } from './log.js';

const granted: Report = { event: 'granted', transactionId: 'ab', action: 'open', amountMinor: 250 };

function logged(
  options: { json?: boolean; journal?: boolean; level?: 'error' | 'info' | 'debug' },
  report: Report,
): string {
  let text = '';
  new Log({
    json: options.json ?? false,
    journal: options.journal ?? false,
    level: options.level ?? 'info',
    write: (line) => {
      text += line;
    },
    nowMs: () => 12.5,
  }).report(report);
  return text;
}

test('one line an event', () => {
  expect(logged({}, granted)).toBe('granted transactionId=ab action=open amountMinor=250\n');
  expect(logged({ journal: true }, granted)).toBe(
    '<6>granted transactionId=ab action=open amountMinor=250\n',
  );
  expect(logged({}, { event: 'link_dropped', link: 3, reason: 'too many hellos' })).toBe(
    'link_dropped link=3 reason="too many hellos"\n',
  );
  expect(JSON.parse(logged({ json: true }, granted))).toEqual({ ...granted, atMs: 12.5 });
});

test('levels choose among lines, for people and for programs', () => {
  const hello: Report = { event: 'hello', link: 1 };
  expect(logged({}, hello)).toBe('');
  expect(logged({ level: 'debug' }, hello)).toBe('hello link=1\n');
  expect(logged({ level: 'error' }, granted)).toBe('');
  expect(logged({ json: true }, hello)).toBe('');
  expect(logged({ level: 'debug', json: true }, hello)).toContain('"hello"');
});

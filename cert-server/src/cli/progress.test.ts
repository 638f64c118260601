import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { startProgress } from './progress.js';

function progressOn(isTTY: boolean): { text: () => string; progress: ReturnType<typeof startProgress> } {
  const stderr = Object.assign(new PassThrough(), { isTTY, columns: 100 });
  const context = {
    env: {},
    stdout: new PassThrough(),
    stderr,
    now: () => 0,
    onStop: () => undefined,
  };
  return { text: () => String(stderr.read() ?? ''), progress: startProgress(context, 'Exporting') };
}

test('on a terminal a bar says how far it is, and leaves the cursor as it was', () => {
  const { text, progress } = progressOn(true);
  progress.show(0, 2_000);
  expect(text()).toContain('0 % · 0 of 2000 rows');
  progress.show(2_000, 2_000);
  progress.end();
  const last = text();
  expect(last).toContain('100 % · 2000 of 2000 rows');
  expect(last).toContain('\u001b[?25h');
});

test('in a log or a pipe there is nothing', () => {
  const { text, progress } = progressOn(false);
  progress.show(0, 2_000);
  progress.show(2_000, 2_000);
  progress.end();
  expect(text()).toBe('');
});

test('what ends before it began shows nothing', () => {
  const { text, progress } = progressOn(true);
  progress.end();
  expect(text()).toBe('');
});

import { stat } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AnswerDeadline } from './answer-deadline.js';

let missed: number;
let deadline: AnswerDeadline;

beforeEach(() => {
  vi.useFakeTimers();
  missed = 0;
  deadline = new AnswerDeadline(1_000, () => {
    missed += 1;
  });
});

afterEach(() => {
  vi.useRealTimers();
});

test('asking again does not put it off', () => {
  deadline.expect();
  vi.advanceTimersByTime(999);
  deadline.expect();
  expect(missed).toBe(0);
  vi.advanceTimersByTime(1);
  expect(missed).toBe(1);
  vi.advanceTimersByTime(5_000);
  expect(missed).toBe(1);
});

test.each([400, 900])(
  'an answer after %i of 1,000 ms keeps it, and the next question has a bound anew',
  (ms) => {
    deadline.expect();
    vi.advanceTimersByTime(ms);
    deadline.met();
    vi.advanceTimersByTime(2_000);
    expect(missed).toBe(0);
    deadline.expect();
    vi.advanceTimersByTime(1_000);
    expect(missed).toBe(1);
  },
);

test('an answer that came while the process stood still counts', async () => {
  vi.useRealTimers();
  deadline.expect();
  const answered = new Promise<void>((resolve) => {
    stat('.', () => {
      deadline.met();
      resolve();
    });
  });
  // Longer than the bound: the timer is due before the answer is read.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_200);
  await answered;
  expect(missed).toBe(0);
});

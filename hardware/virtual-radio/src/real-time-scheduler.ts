// Real time on one timer. A timer of Node is late by up to a few milliseconds; tasks are therefore given
// absolute times, and whoever repeats counts on from the time it asked for, not from the time it was called:
// an interval of 30 ms is 30 ms on average, however late the single call was.

import type { ScheduledTask, Scheduler } from './scheduler.js';
import { TaskQueue } from './task-queue.js';

export class RealTimeScheduler implements Scheduler {
  readonly #tasks = new TaskQueue();
  #timer: NodeJS.Timeout | undefined;
  #timerForMs = Number.POSITIVE_INFINITY;
  #running = false;
  #stopped = false;

  now(): number {
    return performance.now();
  }

  at(timeMs: number, run: () => void): ScheduledTask {
    const task = this.#tasks.push(timeMs, run);
    if (!this.#running && timeMs < this.#timerForMs) this.#arm();
    return task;
  }

  /** No task runs after this. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const next = this.#tasks.peek();
    this.#timerForMs = next?.timeMs ?? Number.POSITIVE_INFINITY;
    if (next === undefined || this.#stopped) return;
    // Rounded up: a timer that fires early would only have to be set again.
    this.#timer = setTimeout(() => this.#runDue(), Math.max(0, Math.ceil(next.timeMs - performance.now())));
  }

  #runDue(): void {
    this.#running = true;
    try {
      const nowMs = performance.now();
      for (
        let task = this.#tasks.peek();
        task !== undefined && task.timeMs <= nowMs;
        task = this.#tasks.peek()
      ) {
        this.#tasks.pop();
        if (!this.#stopped) task.run?.();
      }
    } finally {
      this.#running = false;
      this.#arm();
    }
  }
}

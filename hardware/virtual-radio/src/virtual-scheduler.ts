// Virtual time: the clock moves only when it is told to, straight to the next task. Tests that need minutes
// of air take milliseconds, and the same seed gives the same run.

import type { ScheduledTask, Scheduler } from './scheduler.js';
import { TaskQueue } from './task-queue.js';

export class VirtualScheduler implements Scheduler {
  readonly #tasks = new TaskQueue();
  #nowMs = 0;

  now(): number {
    return this.#nowMs;
  }

  at(timeMs: number, run: () => void): ScheduledTask {
    return this.#tasks.push(Math.max(timeMs, this.#nowMs), run);
  }

  /** Runs every task due until `timeMs` (included), those that are added meanwhile too; leaves the clock there. */
  runUntil(timeMs: number): void {
    for (
      let task = this.#tasks.peek();
      task !== undefined && task.timeMs <= timeMs;
      task = this.#tasks.peek()
    ) {
      this.#tasks.pop();
      this.#nowMs = task.timeMs;
      task.run?.();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }

  /** Runs for `durationMs` from now. */
  runFor(durationMs: number): void {
    this.runUntil(this.#nowMs + durationMs);
  }
}

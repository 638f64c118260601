// Binary heap of tasks ordered by time, then by order of arrival: what both schedulers are built on.

import type { ScheduledTask } from './scheduler.js';

export interface QueuedTask extends ScheduledTask {
  readonly timeMs: number;
  readonly order: number;
  run: (() => void) | undefined;
}

function before(a: QueuedTask, b: QueuedTask): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}

export class TaskQueue {
  readonly #heap: QueuedTask[] = [];
  #order = 0;

  push(timeMs: number, run: () => void): QueuedTask {
    const task: QueuedTask = {
      timeMs,
      order: this.#order++,
      run,
      cancel() {
        // The heap keeps the empty task until its time: cheaper than finding it, and there are few.
        this.run = undefined;
      },
    };
    const heap = this.#heap;
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = heap[parentAt];
      if (parent === undefined || !before(task, parent)) break;
      heap[at] = parent;
      at = parentAt;
    }
    heap[at] = task;
    return task;
  }

  /** The next task that still has something to do, left in the queue. */
  peek(): QueuedTask | undefined {
    let first = this.#heap[0];
    while (first !== undefined && first.run === undefined) {
      this.pop();
      first = this.#heap[0];
    }
    return first;
  }

  pop(): QueuedTask | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || first === last) return first;
    let at = 0;
    for (;;) {
      let childAt = 2 * at + 1;
      let child = heap[childAt];
      if (child === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && before(right, child)) {
        childAt += 1;
        child = right;
      }
      if (!before(child, last)) break;
      heap[at] = child;
      at = childAt;
    }
    heap[at] = last;
    return first;
  }
}

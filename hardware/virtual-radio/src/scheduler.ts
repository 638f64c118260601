// The port through which the radio sees time. The medium and the controllers never read a clock themselves,
// so the same code runs in virtual time (tests, replayable from a seed) and in real time (processes).

export interface ScheduledTask {
  /** The task will not run any more; without effect when it already ran. */
  cancel(): void;
}

export interface Scheduler {
  /** Milliseconds (fractions allowed) since an arbitrary origin; never runs backwards. */
  now(): number;
  /** Runs `run` when the clock has reached `timeMs`; tasks of one time run in the order they were given. */
  at(timeMs: number, run: () => void): ScheduledTask;
}

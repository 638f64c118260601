/**
 * The monotonic clock of the machine. Its readings can be compared between processes of one boot (CLOCK_MONOTONIC), which
 * the benchmarks use.
 */
import type { Clock } from '../../core/ports.js';

export const nodeClock: Clock = {
  nowMs: () => Number(process.hrtime.bigint()) / 1e6,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

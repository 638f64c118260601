/** Whether the machine is ours alone while we measure, and what its disk takes to make a write durable. */
import { closeSync, fdatasyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { percentile } from '../percentile.js';

const TICKS_PER_SECOND = 100;
const SYNCS = 200;
const BLOCK_BYTES = 4_096;

/** Processor time that the whole machine has spent since it started, idle time and waiting for disks left out (proc(5)). */
function busyMs(): number {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = first
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return ((user + nice + system + irq + softirq + steal) * 1_000) / TICKS_PER_SECOND;
}

export class MachineWatch {
  readonly #ownProcessorMs: () => number;
  readonly #startedMs = performance.now();
  readonly #busyMs = busyMs();
  readonly #usage = process.cpuUsage();
  readonly #own: number;

  /** @param ownProcessorMs of the processes that are measured, beside this one */
  constructor(ownProcessorMs: () => number) {
    this.#ownProcessorMs = ownProcessorMs;
    this.#own = ownProcessorMs();
  }

  /** Processor time that others took since then, kernel threads included. */
  othersMs(): number {
    const { user, system } = process.cpuUsage(this.#usage);
    const ours = (user + system) / 1_000 + this.#ownProcessorMs() - this.#own;
    return Math.max(0, busyMs() - this.#busyMs - ours);
  }

  /** The same as a share of the machine, from 0 to 1. */
  othersShare(): number {
    return this.othersMs() / ((performance.now() - this.#startedMs) * availableParallelism());
  }
}

/** Milliseconds until a block at the end of a file is on the disk, median. */
export function syncMs(folder: string): number {
  const file = join(folder, 'sync-probe');
  const descriptor = openSync(file, 'w');
  const block = Buffer.alloc(BLOCK_BYTES, 1);
  const samples: number[] = [];
  for (let i = 0; i < SYNCS; i++) {
    const startedMs = performance.now();
    writeSync(descriptor, block, 0, BLOCK_BYTES, i * BLOCK_BYTES);
    fdatasyncSync(descriptor);
    samples.push(performance.now() - startedMs);
  }
  closeSync(descriptor);
  rmSync(file);
  return percentile(samples, 0.5);
}

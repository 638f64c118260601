/**
 * The command lines of libgpiod's `gpioset`, which drives lines through the character device of the kernel. Debian 12 has
 * 1.6, Debian 13 has 2.x; their options have nothing in common.
 *
 * 1.6: `--mode=time --usec=N chip line=value` holds and ends. 2.x: `--toggle 500ms,0` sets, toggles after each period, and
 * ends at the 0, so that one process does a whole pulse and finishes it even if the box's own process dies.
 */
import type { GpioLine } from './actuator-settings.js';
import { type ProgramResult, type ProgramRun, runProgram } from './run-program.js';

export type PulseTrain = { readonly pulses: number; readonly widthMs: number; readonly gapMs: number };

export type GpiosetVersion = 1 | 2;

/** Room for starting a process on a slow board. */
const START_MS = 2_000;

export function parseGpiosetVersion(output: string): GpiosetVersion | undefined {
  const major = /\bv?(\d+)\.\d+/.exec(output)?.[1];
  return major === '1' || major === '2' ? (Number(major) as GpiosetVersion) : undefined;
}

/** The argument lists of the processes that make the train, to be run one after the other. */
export function pulseArguments(version: GpiosetVersion, line: GpioLine, train: PulseTrain): string[][] {
  if (version === 2) {
    const periods: string[] = [];
    for (let i = 0; i < train.pulses; i++) {
      if (i > 0) periods.push(`${train.gapMs}ms`);
      periods.push(`${train.widthMs}ms`);
    }
    return [[...lineOptions2(line), '--toggle', [...periods, '0'].join(','), `${line.line}=1`]];
  }
  const steps: string[][] = [];
  for (let i = 0; i < train.pulses; i++) {
    if (i > 0) steps.push(hold1(line, 0, train.gapMs));
    steps.push(hold1(line, 1, train.widthMs));
  }
  return [...steps, ...restArguments(1, line)];
}

/** Drives the line to inactive, then lets it go. */
export function restArguments(version: GpiosetVersion, line: GpioLine): string[][] {
  return version === 2
    ? [[...lineOptions2(line), '--toggle', '0', `${line.line}=0`]]
    : [[...activeLow(line), '--mode=exit', line.chip, `${line.line}=0`]];
}

function activeLow(line: GpioLine): string[] {
  return line.activeLow ? ['--active-low'] : [];
}

function lineOptions2(line: GpioLine): string[] {
  return ['--chip', line.chip, '--consumer', 'tapseal', ...activeLow(line)];
}

function hold1(line: GpioLine, value: 0 | 1, ms: number): string[] {
  return [...activeLow(line), '--mode=time', `--usec=${ms * 1_000}`, line.chip, `${line.line}=${value}`];
}

function trainMs(train: PulseTrain): number {
  return train.pulses * train.widthMs + (train.pulses - 1) * train.gapMs;
}

/** Drives lines; asks which `gpioset` there is until it is told. */
export class Gpioset {
  readonly #path: string;
  readonly #run: (run: ProgramRun) => Promise<ProgramResult>;
  #version: Promise<GpiosetVersion | undefined> | undefined;

  constructor(path = 'gpioset', run = runProgram) {
    this.#path = path;
    this.#run = run;
  }

  /** Undefined where there is no `gpioset` of a version that this one knows. */
  version(): Promise<GpiosetVersion | undefined> {
    this.#version ??= this.#run({ path: this.#path, args: ['--version'], timeoutMs: START_MS }).then(
      (result) => {
        const version = parseGpiosetVersion(result.output);
        // A board that is still starting may be too slow for it: the next order asks again.
        if (version === undefined) this.#version = undefined;
        return version;
      },
    );
    return this.#version;
  }

  /** @returns what went wrong, or undefined */
  async pulse(line: GpioLine, train: PulseTrain): Promise<string | undefined> {
    const fault = await this.#each((version) => pulseArguments(version, line, train), trainMs(train));
    // What was ended on the way may have left the line active, and 1.6 leaves it so between two of its processes.
    if (fault !== undefined) await this.rest(line);
    return fault;
  }

  /** @returns what went wrong, or undefined */
  async rest(line: GpioLine): Promise<string | undefined> {
    return this.#each((version) => restArguments(version, line), 0);
  }

  async #each(make: (version: GpiosetVersion) => string[][], workMs: number): Promise<string | undefined> {
    const version = await this.version();
    if (version === undefined) return 'gpioset of libgpiod 1.6 or 2.x is not installed';
    for (const args of make(version)) {
      const result = await this.#run({ path: this.#path, args, timeoutMs: workMs + START_MS });
      if (result.fault !== undefined) return `gpioset: ${result.output.trim() || result.fault}`;
    }
    return undefined;
  }
}

/** Turns the outputs of the state machine into the world's doings, and the world's answers into its inputs. */
import type { Actuators } from '../actuator/actuators.js';
import type { Input, Output, Report } from '../core/step.js';
import type { Touchpoint } from '../core/touchpoint.js';
import type { Radio } from '../radio/radio.js';
import type { BoxStore } from '../store/box-store.js';

export type BoxDriverOptions = {
  readonly touchpoint: Touchpoint;
  readonly store: Pick<BoxStore, 'persist' | 'compactIfLong'>;
  readonly actuators: Pick<Actuators, 'actuate'>;
  readonly radio: Pick<Radio, 'advertise' | 'notify' | 'drop'>;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  readonly onReport: (report: Report) => void;
  /** A fault in the box itself; it is not to go on. */
  readonly onFault: (error: unknown) => void;
};

/** The longest that a timer of Node can wait. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export class BoxDriver {
  readonly #options: BoxDriverOptions;
  readonly #inputs: Input[] = [];
  #isRunning = false;
  #isBroken = false;
  #timer: NodeJS.Timeout | undefined;
  #idleWaiters: (() => void)[] = [];

  constructor(options: BoxDriverOptions) {
    this.#options = options;
  }

  /** Inputs are handled one after the other, also those that arise on the way. None are after a fault. */
  feed(input: Input): void {
    if (this.#isBroken) return;
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } catch (error) {
      this.#isBroken = true;
      this.#options.onFault(error);
    } finally {
      this.#isRunning = false;
    }
    if (!this.#isBroken) this.#setTimer();
    if (this.#isIdle) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  /** Resolves when no accepted voucher is without its receipt, or when a fault has ended all work. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  get #isIdle(): boolean {
    return this.#isBroken || !this.#options.touchpoint.isWorking;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #step(input: Input): void {
    const { touchpoint, nowMs } = this.#options;
    for (const output of touchpoint.handle(input, nowMs())) this.#do(output);
  }

  #do(output: Output): void {
    const { radio, actuators, onReport, store } = this.#options;
    switch (output.kind) {
      case 'notify':
        radio.notify(output.link, output.packet);
        return;
      case 'drop':
        radio.drop(output.link);
        return;
      case 'advertise':
        radio.advertise(output.advertisingData, output.scanResponse);
        // Nobody is connected: the one moment when a longer write makes nobody wait. But not while an answer of the store
        // waits its turn: the state does not have those records yet, and the compacted journal would lose them.
        if (!this.#inputs.some((input) => input.kind === 'persisted')) store.compactIfLong();
        return;
      case 'persist':
        this.#persist(output);
        return;
      case 'actuate': {
        const { transactionId } = output.order;
        void actuators.actuate(output.order).then((ok) => this.feed({ kind: 'actuated', transactionId, ok }));
        return;
      }
      case 'report':
        onReport(output.report);
        return;
    }
  }

  #persist(output: Output & { readonly kind: 'persist' }): void {
    let ok = true;
    try {
      this.#options.store.persist(output.records);
    } catch {
      // The state machine reports the fault, with its code.
      ok = false;
    }
    this.#inputs.push({ kind: 'persisted', write: output.write, ok });
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { touchpoint, nowMs } = this.#options;
    const waitMs = touchpoint.wakeMs - nowMs();
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(
      () => this.feed({ kind: 'timerDue' }),
      Math.min(Math.max(0, Math.ceil(waitMs)), TIMER_MS_MAX),
    );
  }
}

/**
 * Shows the box's state to people nearby: by an LED on a GPIO line, by a program of the venue, or both. It only listens: a
 * fault of it never touches a tap.
 */
import type { GpioLine, ProgramSettings } from '../actuator/actuator-settings.js';
import type { Gpioset, PulseTrain } from '../actuator/gpioset.js';
import { runProgram } from '../actuator/run-program.js';
import type { Report } from '../core/step.js';

export type StatusSettings = {
  readonly led?: GpioLine;
  readonly hook?: ProgramSettings;
};

export type BoxState = 'advertising' | 'connected' | 'granted' | 'refused' | 'fault';

/** How the LED shows each state; it is dark while the box advertises. */
const blinks: Readonly<Record<BoxState, PulseTrain | undefined>> = {
  advertising: undefined,
  connected: { pulses: 1, widthMs: 200, gapMs: 0 },
  granted: { pulses: 1, widthMs: 1_500, gapMs: 0 },
  refused: { pulses: 3, widthMs: 120, gapMs: 120 },
  fault: { pulses: 10, widthMs: 60, gapMs: 60 },
};

/** The state that a report brings the box into, or undefined if it shows nothing new. */
export function boxStateOf(report: Report): BoxState | undefined {
  switch (report.event) {
    case 'advertising':
      return 'advertising';
    case 'link_opened':
      return 'connected';
    case 'granted':
      return 'granted';
    case 'actuated':
      return report.outcome === 'actuated' ? undefined : 'fault';
    case 'refused':
      return 'refused';
    case 'fault':
      return 'fault';
    default:
      return undefined;
  }
}

export class StatusHook {
  readonly #settings: StatusSettings;
  readonly #gpioset: Gpioset;
  readonly #onFault: (fault: string) => void;
  #shown: BoxState | undefined;
  /** The newest state that is still to be shown: older ones in between are skipped, not queued. */
  #next: BoxState | undefined;
  #showing: Promise<void> | undefined;

  constructor(settings: StatusSettings, gpioset: Gpioset, onFault: (fault: string) => void) {
    this.#settings = settings;
    this.#gpioset = gpioset;
    this.#onFault = onFault;
  }

  onReport(report: Report): void {
    const state = boxStateOf(report);
    if (state === undefined || (state === this.#shown && this.#showing === undefined)) return;
    if (this.#settings.led === undefined && this.#settings.hook === undefined) return;
    this.#next = state;
    this.#showing ??= this.#showAll();
  }

  /** Waits for what is being shown, then leaves the LED dark. */
  async stop(): Promise<void> {
    await this.#showing;
    if (this.#settings.led !== undefined) await this.#gpioset.rest(this.#settings.led);
  }

  async #showAll(): Promise<void> {
    while (this.#next !== undefined) {
      const state = this.#next;
      this.#next = undefined;
      this.#shown = state;
      await Promise.all([this.#light(state), this.#call(state)]);
    }
    this.#showing = undefined;
  }

  async #light(state: BoxState): Promise<void> {
    const { led } = this.#settings;
    const train = blinks[state];
    if (led === undefined || train === undefined) return;
    const fault = await this.#gpioset.pulse(led, train);
    if (fault !== undefined) this.#onFault(`status led: ${fault}`);
  }

  async #call(state: BoxState): Promise<void> {
    const { hook } = this.#settings;
    if (hook === undefined) return;
    const { fault } = await runProgram({ ...hook, env: { TAPSEAL_STATE: state } });
    if (fault !== undefined) this.#onFault(`status hook: ${fault}`);
  }
}

/** One pulse, or as many as the amount is worth, on a GPIO line. */
import { accessSync, constants } from 'node:fs';
import type { ActuationOrder } from '../core/step.js';
import type { Actuator } from './actuator.js';
import type { GpioLine } from './actuator-settings.js';
import type { Gpioset, PulseTrain } from './gpioset.js';

export class GpioActuator implements Actuator {
  readonly #gpioset: Gpioset;
  readonly #line: GpioLine;
  readonly #trainOf: (amountMinor: number) => PulseTrain | undefined;
  readonly #onFault: (fault: string) => void;

  /** @param trainOf undefined for an amount that no number of pulses is worth */
  constructor(
    gpioset: Gpioset,
    line: GpioLine,
    trainOf: (amountMinor: number) => PulseTrain | undefined,
    onFault: (fault: string) => void,
  ) {
    this.#gpioset = gpioset;
    this.#line = line;
    this.#trainOf = trainOf;
    this.#onFault = onFault;
  }

  async actuate(order: ActuationOrder): Promise<boolean> {
    const train = this.#trainOf(order.amountMinor);
    if (train === undefined) return false;
    const fault = await this.#gpioset.pulse(this.#line, train);
    if (fault !== undefined) this.#onFault(fault);
    return fault === undefined;
  }

  async check(): Promise<string | undefined> {
    const device = `/dev/${this.#line.chip}`;
    try {
      accessSync(device, constants.R_OK | constants.W_OK);
    } catch {
      return `${device} is missing or not writable; the user must be in the group gpio`;
    }
    return (await this.#gpioset.version()) === undefined
      ? 'gpioset of libgpiod 1.6 or 2.x is not installed (package gpiod)'
      : undefined;
  }

  async rest(): Promise<void> {
    const fault = await this.#gpioset.rest(this.#line);
    if (fault !== undefined) this.#onFault(fault);
  }
}

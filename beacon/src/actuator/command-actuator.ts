/** Runs a program of the venue. It learns of the tap by its environment; its exit status is the outcome. */
import { accessSync, constants } from 'node:fs';
import type { ActuationOrder } from '../core/step.js';
import type { Actuator } from './actuator.js';
import type { ProgramSettings } from './actuator-settings.js';
import { runProgram } from './run-program.js';

export class CommandActuator implements Actuator {
  readonly #settings: ProgramSettings;
  readonly #onFault: (fault: string) => void;

  constructor(settings: ProgramSettings, onFault: (fault: string) => void) {
    this.#settings = settings;
    this.#onFault = onFault;
  }

  async actuate(order: ActuationOrder): Promise<boolean> {
    const { fault } = await runProgram({
      ...this.#settings,
      env: {
        TAPSEAL_ACTION: order.action,
        TAPSEAL_TRANSACTION_ID: order.transactionId,
        TAPSEAL_AMOUNT_MINOR: String(order.amountMinor),
      },
    });
    if (fault !== undefined) this.#onFault(`${this.#settings.path}: ${fault}`);
    return fault === undefined;
  }

  async check(): Promise<string | undefined> {
    try {
      accessSync(this.#settings.path, constants.X_OK);
      return undefined;
    } catch {
      return `${this.#settings.path} is missing or not executable`;
    }
  }

  async rest(): Promise<void> {}
}

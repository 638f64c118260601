/** All configured actuators of a box. One order at a time: two taps never drive a machine at once. */
import type { Action } from '@tapseal/shared/action';
import type { ActuationOrder } from '../core/step.js';
import type { Actuator } from './actuator.js';
import { type ActionSettings, type ActuatorSettings, pulsesOf } from './actuator-settings.js';
import { CommandActuator } from './command-actuator.js';
import { GpioActuator } from './gpio-actuator.js';
import type { Gpioset } from './gpioset.js';

/** Only says what it would do: for a trial run, and where the event line itself is what is wanted. */
const logActuator: Actuator = {
  actuate: () => Promise.resolve(true),
  check: () => Promise.resolve(undefined),
  rest: () => Promise.resolve(),
};

export function makeActuator(
  settings: ActuatorSettings,
  gpioset: Gpioset,
  onFault: (fault: string) => void,
): Actuator {
  switch (settings.actuator) {
    case 'gpio':
      return new GpioActuator(
        gpioset,
        settings,
        () => ({ pulses: 1, widthMs: settings.pulseMs, gapMs: 0 }),
        onFault,
      );
    case 'pulses':
      return new GpioActuator(
        gpioset,
        settings,
        (amountMinor) => {
          const pulses = pulsesOf(settings, amountMinor);
          return pulses === undefined ? undefined : { ...settings, pulses };
        },
        onFault,
      );
    case 'command':
      return new CommandActuator(settings, onFault);
    case 'log':
      return logActuator;
  }
}

export class Actuators {
  readonly byAction: ReadonlyMap<Action, Actuator>;
  #last: Promise<unknown> = Promise.resolve();

  constructor(actions: ActionSettings, gpioset: Gpioset, onFault: (fault: string) => void) {
    this.byAction = new Map(
      Object.entries(actions).map(([action, settings]) => [
        action as Action,
        makeActuator(settings, gpioset, (fault) => onFault(`${action}: ${fault}`)),
      ]),
    );
  }

  /** Resolves to the outcome; never rejects. */
  actuate(order: ActuationOrder): Promise<boolean> {
    const actuator = this.byAction.get(order.action);
    if (actuator === undefined) return Promise.resolve(false);
    const done = this.#last.then(() => actuator.actuate(order)).catch(() => false);
    this.#last = done;
    return done;
  }

  /** Brings every output to rest, after the orders before it and before those after it. */
  rest(): Promise<void> {
    const done = this.#last.then(async () => {
      for (const actuator of this.byAction.values()) await actuator.rest();
    });
    this.#last = done;
    return done;
  }
}

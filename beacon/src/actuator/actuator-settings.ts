/** The configured actuators, and which orders they can serve. Pure: the core asks before it accepts a voucher. */
import type { Action } from '@tapseal/shared/action';

export type GpioLine = {
  /** Name of the chip, for example `gpiochip0`. */
  readonly chip: string;
  /** Offset of the line on its chip. */
  readonly line: number;
  readonly activeLow: boolean;
};

export type ProgramSettings = {
  /** Absolute. */
  readonly path: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
};

export type ActuatorSettings =
  | ({ readonly actuator: 'gpio'; readonly pulseMs: number } & GpioLine)
  | ({
      readonly actuator: 'pulses';
      readonly widthMs: number;
      readonly gapMs: number;
      /** The credit of one pulse, in minor units of the currency. */
      readonly minorPerPulse: number;
      readonly pulsesMax: number;
    } & GpioLine)
  | ({ readonly actuator: 'command' } & ProgramSettings)
  | { readonly actuator: 'log' };

export type ActionSettings = Readonly<Partial<Record<Action, ActuatorSettings>>>;

/** How many pulses an amount is, or undefined where it is not a whole number of them within the bound. */
export function pulsesOf(
  settings: { readonly minorPerPulse: number; readonly pulsesMax: number },
  amountMinor: number,
): number | undefined {
  const pulses = amountMinor / settings.minorPerPulse;
  return Number.isInteger(pulses) && pulses >= 1 && pulses <= settings.pulsesMax ? pulses : undefined;
}

export function allowsAction(actions: ActionSettings, action: Action, amountMinor: number): boolean {
  const settings = actions[action];
  if (settings === undefined) return false;
  return settings.actuator !== 'pulses' || pulsesOf(settings, amountMinor) !== undefined;
}

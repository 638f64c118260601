/** What a voucher can make a box do (docs/protocol.md §6.5). The configuration of the box maps each name to an actuator. */

const codes = {
  /** A gate, a door, a locker. */
  open: 1,
  /** Goods from a machine. */
  dispense: 2,
  /** A machine, a charger, a wash. */
  start: 3,
  /** Credit on a machine, as pulses of its coin input. */
  credit: 4,
  /** A mark on a card or a till, without anything moving. */
  stamp: 5,
} as const;

export type Action = keyof typeof codes;

export const actions = Object.keys(codes) as readonly Action[];

export function actionCode(action: Action): number {
  return codes[action];
}

/** The action of a code, or undefined for a code that this version does not know. */
export function actionOfCode(code: number): Action | undefined {
  return actions.find((action) => codes[action] === code);
}

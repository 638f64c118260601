// What is between two antennas: log-distance path loss, fading, and the chance that a packet is lost.

import type { SeededRandom } from './seeded-random.js';

export interface PositionM {
  readonly x: number;
  readonly y: number;
}

/** Received strength at one metre: what phones and small boards show at 0 dBm. */
const RSSI_AT_ONE_METRE_DBM = -59;
/** Free space is 2; shops with people in them come near this. */
const PATH_LOSS_EXPONENT = 2.2;
/** Half of the packets are lost at this strength; steeper than a real receiver's curve, but of its shape. */
const SENSITIVITY_DBM = -93;
const SENSITIVITY_SLOPE_DB = 1.5;
/** Below this nothing is ever received. */
const NOISE_FLOOR_DBM = -105;
const NEAREST_M = 0.1;

export class Medium {
  readonly #random: SeededRandom;
  readonly #fadingDb: number;
  #lossProbability: number;

  constructor(random: SeededRandom, options: { lossProbability: number; fadingDb: number }) {
    this.#random = random;
    this.#fadingDb = options.fadingDb;
    this.#lossProbability = options.lossProbability;
  }

  set lossProbability(probability: number) {
    this.#lossProbability = probability;
  }

  /**
   * One packet from one antenna to another.
   * @returns the strength it is received at (dBm, whole numbers as in HCI), or undefined when it is lost.
   */
  receive(from: PositionM, to: PositionM): number | undefined {
    const distanceM = Math.max(NEAREST_M, Math.hypot(from.x - to.x, from.y - to.y));
    const meanDbm = RSSI_AT_ONE_METRE_DBM - 10 * PATH_LOSS_EXPONENT * Math.log10(distanceM);
    // Both draws are made for every packet, so that a change of distance does not shift the rest of the run.
    const strengthDbm = meanDbm + this.#fadingDb * this.#random.normal();
    const draw = this.#random.unit();
    if (strengthDbm < NOISE_FLOOR_DBM) return undefined;
    const tooWeak = 1 / (1 + Math.exp((strengthDbm - SENSITIVITY_DBM) / SENSITIVITY_SLOPE_DB));
    const received = (1 - this.#lossProbability) * (1 - tooWeak);
    if (draw >= received) return undefined;
    return Math.max(-127, Math.min(20, Math.round(strengthDbm)));
  }
}

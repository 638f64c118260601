// What the air can be told at its start, with defaults and ranges.

import type { AirSettings } from './air-context.js';

export interface AirOptions {
  /** Any integer; the same seed in virtual time gives the same run. */
  readonly seed?: number;
  /** Chance of each packet to be lost, besides distance: 0 (included) to 1 (excluded). */
  readonly lossProbability?: number;
  /** Standard deviation of the received strength, dB. */
  readonly fadingDb?: number;
  /** Replaces the interval that centrals ask for: a multiple of 1.25 ms, 7.5 to 4000. */
  readonly connectionIntervalMs?: number;
  /** Replaces the interval that advertisers ask for: 20 to 10240. */
  readonly advertisingIntervalMs?: number;
  /** Largest ATT MTU that hosts can agree on, "the smaller of the two phones": 23 to 517. */
  readonly attMtuMax?: number;
  /** Largest link layer payload: 27 (no data length extension) to 251. */
  readonly dataLengthMax?: number;
  /** ACL packets that a controller holds for its host: 1 to 255. */
  readonly aclBufferCount?: number;
  /** Refuse to enable advertising that is on already (0x0C), as some controllers do, and BlueZ's emulator. */
  readonly refusesRepeatedAdvertising?: boolean;
  /** Links fade for good after a random time of this mean; 0 never. */
  readonly linkLifetimeMeanMs?: number;
}

export interface CheckedAirOptions {
  readonly seed: number;
  readonly lossProbability: number;
  readonly fadingDb: number;
  readonly settings: AirSettings;
}

function inRange(name: string, value: number, min: number, max: number): number {
  if (!(value >= min && value <= max)) throw new RangeError(`${name} must be ${min} to ${max}, not ${value}`);
  return value;
}

/** Largest chance of loss that still lets a link live. */
const LOSS_MAX = 0.99;

export function checkLossProbability(value: number): number {
  return inRange('lossProbability', value, 0, LOSS_MAX);
}

/** @throws RangeError naming the option that is out of its range. */
export function checkAirOptions(options: AirOptions): CheckedAirOptions {
  const { connectionIntervalMs, advertisingIntervalMs, attMtuMax } = options;
  const seed = options.seed ?? 1;
  if (!Number.isInteger(seed)) throw new RangeError(`seed must be an integer, not ${seed}`);
  if (connectionIntervalMs !== undefined && !Number.isInteger(connectionIntervalMs / 1.25)) {
    throw new RangeError(`connectionIntervalMs must be a multiple of 1.25, not ${connectionIntervalMs}`);
  }
  return {
    seed,
    lossProbability: checkLossProbability(options.lossProbability ?? 0),
    fadingDb: inRange('fadingDb', options.fadingDb ?? 2, 0, 30),
    settings: {
      ...(connectionIntervalMs !== undefined && {
        connectionIntervalMs: inRange('connectionIntervalMs', connectionIntervalMs, 7.5, 4000),
      }),
      ...(advertisingIntervalMs !== undefined && {
        advertisingIntervalMs: inRange('advertisingIntervalMs', advertisingIntervalMs, 20, 10_240),
      }),
      ...(attMtuMax !== undefined && { attMtuMax: inRange('attMtuMax', attMtuMax, 23, 517) }),
      dataLengthMax: inRange('dataLengthMax', options.dataLengthMax ?? 251, 27, 251),
      aclBufferCount: inRange('aclBufferCount', options.aclBufferCount ?? 4, 1, 255),
      refusesRepeatedAdvertising: options.refusesRepeatedAdvertising ?? false,
      linkLifetimeMeanMs: inRange('linkLifetimeMeanMs', options.linkLifetimeMeanMs ?? 0, 0, 1e9),
    },
  };
}

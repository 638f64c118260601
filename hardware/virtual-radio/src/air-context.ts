// What a controller sees of the air around it.

import type { AirEvent } from './air-event.js';
import type { Controller } from './controller.js';
import type { Medium } from './medium.js';
import type { Scheduler } from './scheduler.js';
import type { SeededRandom } from './seeded-random.js';

export interface AirSettings {
  /** Replaces what centrals ask for; a multiple of 1.25 ms from 7.5 to 4000. */
  readonly connectionIntervalMs?: number;
  /** Replaces what advertisers ask for; 20 to 10240. */
  readonly advertisingIntervalMs?: number;
  /** Largest ATT MTU either end may name (23 to 517): the smaller of the two phones. Unset: as the hosts agree. */
  readonly attMtuMax?: number;
  /** Largest link layer payload (27 to 251): 27 is a controller without data length extension. */
  readonly dataLengthMax: number;
  /** ACL packets a controller holds for its host, all links together (1 to 255). */
  readonly aclBufferCount: number;
  /** Enabling advertising that is on already is refused, instead of accepted. */
  readonly refusesRepeatedAdvertising: boolean;
  /** Links fade away for good after a random time of this mean; 0: never. */
  readonly linkLifetimeMeanMs: number;
}

export interface AirContext {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly medium: Medium;
  readonly settings: AirSettings;
  /** Every controller on the air, in the order they joined. */
  readonly stations: ReadonlySet<Controller>;
  report(event: AirEvent): void;
}

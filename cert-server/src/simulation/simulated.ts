/** Everything that a step of a simulation can touch. */
import type { Party } from '../decision/offer.js';
import type { Store } from '../store/store-port.js';
import type { Chance } from './chance.js';
import type { Ledger } from './ledger.js';
import type { SimulatedBox } from './simulated-box.js';
import type { SimulatedDisk } from './simulated-disk.js';
import type { SimulatedShopper, SimulatedWorld } from './simulated-world.js';
import type { WorldClock } from './world-clock.js';

export type Simulated = {
  readonly disk: SimulatedDisk;
  readonly chance: Chance;
  readonly clock: WorldClock;
  readonly world: SimulatedWorld;
  readonly ledger: Ledger;
  /** Any of the servers. */
  readonly store: () => Store;
  /** For the report of a failure. */
  readonly note: (text: string) => void;
};

/** As the limits must see them. */
export function modelParty(shopper: SimulatedShopper, box: SimulatedBox): Party {
  return {
    shopper: shopper.shopper,
    shopperLabels: shopper.labels,
    touchpoint: box.name,
    touchpointLabels: box.labels,
    ...(box.timeZone === undefined ? {} : { touchpointTimeZone: box.timeZone }),
  };
}

/** What outlives a crash, as the simulation sees it: data on a disk or in a database server, and the stores that run on it. */
import type { Store } from '../store/store-port.js';

/** Of `counter` as it stands, whatever the store makes of it. */
export type CounterRow = { readonly key: string; readonly used: number; readonly held: number };

export interface SimulatedDisk {
  /** One for each server; after a restart they are others. */
  readonly stores: readonly Store[];
  /**
   * True of one server: what is asked first is decided first, and whoever sees that a hold is over frees it then and there. Of
   * several, the record says in which order they decided; a hold that is over counts for nobody, and is freed on record soon.
   */
  readonly isOrdered: boolean;
  /** The stores end as in a crash, and others begin: on what was photographed, or else on what is there now. */
  restart(): Promise<void>;
  /** Where a crash inside a write can be played: keeps what is on the disk at this very instant. Called amid a write. */
  readonly photograph?: () => void;
  counterRows(programme: string): Promise<readonly CounterRow[]>;
  close(): Promise<void>;
}

// The scanning half of a controller (Core specification, Vol 6 Part B, 4.4.3).

import { formatDeviceAddress } from './device-address.js';
import { ADVERTISING_REPORT } from './hci-codes.js';
import { advertisingReport } from './hci-events.js';
import { Listening } from './listening.js';

export class Scanner {
  readonly active: boolean;
  readonly #filterDuplicates: boolean;
  readonly #listening: Listening;
  readonly #reported = new Set<string>();
  readonly #toHost: (packet: Buffer) => void;

  /** `interval`, `window`: units of 0.625 ms. */
  constructor(options: {
    startMs: number;
    interval: number;
    window: number;
    active: boolean;
    filterDuplicates: boolean;
    toHost: (packet: Buffer) => void;
  }) {
    this.active = options.active;
    this.#filterDuplicates = options.filterDuplicates;
    this.#listening = new Listening(options.startMs, options.interval, options.window);
    this.#toHost = options.toHost;
  }

  hears(channel: number, timeMs: number): boolean {
    return this.#listening.hears(channel, timeMs);
  }

  /** Whether it would ask this advertiser for its scan response. */
  wantsScanResponse(address: Uint8Array): boolean {
    return this.active && !this.#isKnown(ADVERTISING_REPORT.scanResponse, address);
  }

  /** Tells the host, unless duplicates are filtered and this address was reported with this type since the start. */
  report(type: number, address: Uint8Array, data: Uint8Array, rssiDbm: number): void {
    if (this.#isKnown(type, address)) return;
    if (this.#filterDuplicates) this.#reported.add(this.#key(type, address));
    this.#toHost(advertisingReport(type, address, data, rssiDbm));
  }

  #isKnown(type: number, address: Uint8Array): boolean {
    return this.#filterDuplicates && this.#reported.has(this.#key(type, address));
  }

  #key(type: number, address: Uint8Array): string {
    return `${type} ${formatDeviceAddress(address)}`;
  }
}

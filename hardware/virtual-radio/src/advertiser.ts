// The advertising half of a controller: an advertising event every interval plus a random 0 to 10 ms
// (Core specification, Vol 6 Part B, 4.4.2). Connectable, scannable, undirected (ADV_IND): what peripherals use.

import { runAdvertisingEvent } from './advertising-event.js';
import type { AirContext } from './air-context.js';
import type { Controller } from './controller.js';
import type { ScheduledTask } from './scheduler.js';

const ADVERTISING_DELAY_MAX_MS = 10;

export class Advertiser {
  /** At most 31 bytes each. */
  data: Buffer = Buffer.alloc(0);
  scanResponse: Buffer = Buffer.alloc(0);
  intervalMs = 1280;
  /** Bits 0 to 2: advertising channels 37 to 39. */
  channelMap = 7;
  readonly #air: AirContext;
  readonly #station: Controller;
  #next: ScheduledTask | undefined;

  constructor(air: AirContext, station: Controller) {
    this.#air = air;
    this.#station = station;
  }

  get enabled(): boolean {
    return this.#next !== undefined;
  }

  start(): void {
    if (this.enabled) return;
    this.#schedule(this.#air.scheduler.now());
  }

  stop(): void {
    this.#next?.cancel();
    this.#next = undefined;
  }

  #schedule(fromMs: number): void {
    const timeMs = fromMs + this.#air.random.unit() * ADVERTISING_DELAY_MAX_MS;
    this.#next = this.#air.scheduler.at(timeMs, () => {
      runAdvertisingEvent(this.#air, this.#station, timeMs);
      if (this.enabled)
        this.#schedule(timeMs + (this.#air.settings.advertisingIntervalMs ?? this.intervalMs));
    });
  }
}

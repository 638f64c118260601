// A controller that waits for an advert of one peer in order to connect to it.

import type { ConnectionParameters } from './hci-events.js';
import { Listening } from './listening.js';

export class Initiator {
  readonly peerAddress: string;
  readonly peerAddressBytes: Buffer;
  readonly parameters: ConnectionParameters;
  readonly #listening: Listening;

  constructor(options: {
    startMs: number;
    /** Units of 0.625 ms. */
    interval: number;
    window: number;
    peerAddress: string;
    peerAddressBytes: Buffer;
    parameters: ConnectionParameters;
  }) {
    this.peerAddress = options.peerAddress;
    this.peerAddressBytes = options.peerAddressBytes;
    this.parameters = options.parameters;
    this.#listening = new Listening(options.startMs, options.interval, options.window);
  }

  hears(channel: number, timeMs: number): boolean {
    return this.#listening.hears(channel, timeMs);
  }
}

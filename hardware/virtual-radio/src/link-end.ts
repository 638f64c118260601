// One end of a connection: what waits to be sent, and the sequence numbers by which a lost packet costs time
// but never data (Core specification, Vol 6 Part B, 4.5.9).

import type { Controller } from './controller.js';

/** LLID of a link layer packet: continuation (or empty), start of an L2CAP frame, control. */
export type LinkLayerId = 1 | 2 | 3;

export interface LinkPacket {
  readonly id: LinkLayerId;
  readonly payload: Buffer;
  /** Whether a buffer of the host becomes free when this packet is acknowledged. */
  readonly freesBuffer: boolean;
}

const EMPTY: LinkPacket = { id: 1, payload: Buffer.alloc(0), freesBuffer: false };

export interface LinkFrame {
  readonly packet: LinkPacket;
  readonly sequence: number;
  readonly expected: number;
  readonly moreData: boolean;
}

export class LinkEnd {
  readonly station: Controller;
  readonly peer: Controller;
  readonly handle: number;
  readonly isCentral: boolean;
  /** Takes part in the connection events. */
  active = true;
  /** Whether a packet of the other end ever arrived. */
  established = false;
  /** Time of the connection event in which the other end was heard last. */
  lastHeardMs: number;
  lastRssiDbm = 127; // HCI: not available
  /** Set when the other end has ended the link: this one closes once its acknowledgement is sent. */
  closeAfterSending: number | undefined;
  /** When this end ended the link, and until when it waits for the acknowledgement. */
  terminateDeadlineMs: number | undefined;

  readonly #control: LinkPacket[] = [];
  readonly #data: LinkPacket[] = [];
  #unacknowledged: LinkPacket | undefined;
  #sequence = 0;
  #expected = 0;

  constructor(station: Controller, peer: Controller, handle: number, isCentral: boolean, nowMs: number) {
    this.station = station;
    this.peer = peer;
    this.handle = handle;
    this.isCentral = isCentral;
    this.lastHeardMs = nowMs;
  }

  /** Whether it has nothing to say but empty packets. */
  get isIdle(): boolean {
    if (this.#control.length + this.#data.length > 0 || this.closeAfterSending !== undefined) return false;
    return this.#unacknowledged === undefined || this.#unacknowledged === EMPTY;
  }

  queueData(packet: LinkPacket): void {
    this.#data.push(packet);
  }

  /** Control goes before all data that was not sent yet, as real link layers do it: ending a link outruns data. */
  queueControl(payload: Buffer): void {
    this.#control.push({ id: 3, payload, freesBuffer: false });
  }

  /** What this end sends next: the packet that was not acknowledged, or a new one, or an empty one. */
  send(): LinkFrame {
    this.#unacknowledged ??= this.#control.shift() ?? this.#data.shift() ?? EMPTY;
    return {
      packet: this.#unacknowledged,
      sequence: this.#sequence,
      expected: this.#expected,
      moreData: this.#control.length + this.#data.length > 0,
    };
  }

  /** Bytes of the payload that {@link send} would send now. */
  nextLength(): number {
    return (this.#unacknowledged ?? this.#control[0] ?? this.#data[0] ?? EMPTY).payload.length;
  }

  /**
   * Takes in a frame of the other end.
   * @returns the own packet it acknowledges, and the other's packet if it is a new one.
   */
  receive(frame: LinkFrame): { acknowledged: LinkPacket | undefined; fresh: LinkPacket | undefined } {
    let acknowledged: LinkPacket | undefined;
    if (this.#unacknowledged !== undefined && frame.expected !== this.#sequence) {
      acknowledged = this.#unacknowledged;
      this.#unacknowledged = undefined;
      this.#sequence ^= 1;
    }
    let fresh: LinkPacket | undefined;
    if (frame.sequence === this.#expected) {
      fresh = frame.packet;
      this.#expected ^= 1;
    }
    return { acknowledged, fresh };
  }
}

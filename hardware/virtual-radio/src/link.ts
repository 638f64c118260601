// A connection: one connection event in every interval, in which the central polls and the peripheral answers,
// on and on while either has more and the time until the next event allows it
// (Core specification, Vol 6 Part B, 4.5). Peripheral latency is not used: the peripheral hears every event.
//
// An event is computed at once, at its beginning. What a host hands over meanwhile leaves in the next event, and
// what arrives reaches the host at the end of its packet: so a request queued before event n travels in event n,
// and the answer to it in event n+1 at the earliest, as it is on real links.
//
// While neither end has anything to send, several events are computed together (a held link shall cost little);
// whoever changes something calls `catchUp` first, so that the events before the change do not see it.

import type { AirContext } from './air-context.js';
import { airtimeMs, INTER_FRAME_SPACE_MS } from './airtime.js';
import type { Controller } from './controller.js';
import { STATUS } from './hci-codes.js';
import type { ConnectionParameters } from './hci-events.js';
import { decodeLinkControl, encodeLinkControl } from './link-control.js';
import { LinkEnd, type LinkFrame, type LinkPacket } from './link-end.js';
import type { ScheduledTask } from './scheduler.js';

/** Events within which the first packet must have been exchanged. */
const EVENTS_TO_ESTABLISH = 6;
/** Events between an update and the moment both ends switch to it. */
const UPDATE_INSTANT_EVENTS = 6;
/** From the end of CONNECT_IND to the first anchor: transmit window delay, window offset 0. */
const FIRST_ANCHOR_DELAY_MS = 1.25;
/** Kept free at the end of the interval, for the two clocks to find each other again. */
const EVENT_GUARD_MS = 0.5;
/** Events of an idle link that are computed together at most. */
const IDLE_EVENTS_MAX = 8;

interface PendingUpdate {
  readonly parameters: ConnectionParameters;
  readonly instant: number;
  received: boolean;
}

export class Link {
  readonly central: LinkEnd;
  readonly peripheral: LinkEnd;
  readonly #air: AirContext;
  #parameters: ConnectionParameters;
  #anchorMs: number;
  #eventCount = 0;
  #update: PendingUpdate | undefined;
  #fadesAtMs = Number.POSITIVE_INFINITY;
  #next: ScheduledTask | undefined;

  /** `startMs`: end of CONNECT_IND. `heard`: whether the peripheral received it; if not it stays out of the link. */
  constructor(
    air: AirContext,
    central: Controller,
    peripheral: Controller,
    parameters: ConnectionParameters,
    startMs: number,
    heard: boolean,
  ) {
    this.#air = air;
    this.#parameters = parameters;
    this.#anchorMs = startMs + FIRST_ANCHOR_DELAY_MS;
    this.central = new LinkEnd(central, peripheral, central.nextHandle(), true, this.#anchorMs);
    this.peripheral = new LinkEnd(
      peripheral,
      central,
      heard ? peripheral.nextHandle() : 0,
      false,
      this.#anchorMs,
    );
    this.peripheral.active = heard;
    const meanMs = air.settings.linkLifetimeMeanMs;
    if (meanMs > 0) this.#fadesAtMs = this.#anchorMs + air.random.exponential(meanMs);
    this.#schedule();
  }

  get parameters(): ConnectionParameters {
    return this.#parameters;
  }

  get intervalMs(): number {
    return this.#parameters.interval * 1.25;
  }

  get #timeoutMs(): number {
    return this.#parameters.timeout * 10;
  }

  /** From now on neither end hears the other: both find out by their supervision timeout. */
  fade(): void {
    this.#fadesAtMs = this.#air.scheduler.now();
  }

  /** Data of the host of `end`, cut into packets. */
  sendData(end: LinkEnd, packets: readonly LinkPacket[]): void {
    this.catchUp();
    for (const packet of packets) end.queueData(packet);
    this.#schedule();
  }

  /** The host of `end` wants the link to end; the other end is told `reason`. */
  terminate(end: LinkEnd, reason: number): void {
    if (end.terminateDeadlineMs !== undefined) return;
    this.catchUp();
    end.terminateDeadlineMs = this.#anchorMs + this.#timeoutMs;
    end.queueControl(encodeLinkControl({ kind: 'terminate', reason }));
    this.#schedule();
  }

  /** The host of the central wants other parameters; false while an earlier wish is not settled. */
  requestUpdate(parameters: ConnectionParameters): boolean {
    if (this.#update !== undefined) return false;
    this.catchUp();
    const instant = this.#eventCount + UPDATE_INSTANT_EVENTS;
    this.#update = { parameters, instant, received: false };
    this.central.queueControl(encodeLinkControl({ kind: 'update', parameters, instant }));
    this.#schedule();
    return true;
  }

  /** Computes the events that are due. */
  catchUp(): void {
    const nowMs = this.#air.scheduler.now();
    while (this.#anchorMs <= nowMs && this.#isAlive) this.#connectionEvent();
  }

  get #isAlive(): boolean {
    return this.central.active || this.peripheral.active;
  }

  #schedule(): void {
    this.#next?.cancel();
    if (!this.#isAlive) return;
    this.#next = this.#air.scheduler.at(this.#anchorMs + this.#idleEvents() * this.intervalMs, () => {
      this.catchUp();
      this.#schedule();
    });
  }

  /** How many events ahead of the one that must be computed in its time: none when there is something to send. */
  #idleEvents(): number {
    if (this.#update !== undefined || !this.central.isIdle || !this.peripheral.isIdle) return 0;
    let events = IDLE_EVENTS_MAX - 1;
    for (const end of [this.central, this.peripheral]) {
      if (!end.active) continue;
      if (!end.established) return 0;
      const untilTimeoutMs = end.lastHeardMs + this.#timeoutMs - this.#anchorMs;
      events = Math.min(events, Math.max(0, Math.ceil(untilTimeoutMs / this.intervalMs)));
    }
    return events;
  }

  #connectionEvent(): void {
    const anchorMs = this.#anchorMs;
    this.#switchParameters();
    this.#giveUp(this.central, anchorMs);
    this.#giveUp(this.peripheral, anchorMs);
    if (this.central.active) this.#exchange(anchorMs);
    this.#eventCount += 1;
    this.#anchorMs = anchorMs + this.intervalMs;
  }

  #exchange(anchorMs: number): void {
    const endOfEventMs = anchorMs + this.intervalMs - EVENT_GUARD_MS;
    const completed = { central: 0, peripheral: 0 };
    let timeMs = anchorMs;
    for (;;) {
      const poll = this.central.send();
      timeMs += airtimeMs(poll.packet.payload.length);
      const pollHeard = this.#transmit(this.central, this.peripheral, poll, timeMs, anchorMs);
      if (pollHeard?.freesBuffer) completed.peripheral += 1;
      if (pollHeard === undefined) break;
      timeMs += INTER_FRAME_SPACE_MS;
      const answer = this.peripheral.send();
      timeMs += airtimeMs(answer.packet.payload.length);
      const answerHeard = this.#transmit(this.peripheral, this.central, answer, timeMs, anchorMs);
      if (answerHeard?.freesBuffer) completed.central += 1;
      if (answerHeard === undefined || !(poll.moreData || answer.moreData)) break;
      if (!this.central.active || !this.peripheral.active) break;
      timeMs += INTER_FRAME_SPACE_MS;
      const nextMs =
        airtimeMs(this.central.nextLength()) + INTER_FRAME_SPACE_MS + airtimeMs(this.peripheral.nextLength());
      if (timeMs + nextMs > endOfEventMs) break;
    }
    this.#freeBuffers(this.central, completed.central, timeMs);
    this.#freeBuffers(this.peripheral, completed.peripheral, timeMs);
  }

  /** One packet over the air; undefined when it was not heard, else whether it freed a buffer of the receiver. */
  #transmit(
    from: LinkEnd,
    to: LinkEnd,
    frame: LinkFrame,
    endMs: number,
    anchorMs: number,
  ): { freesBuffer: boolean } | undefined {
    const rssiDbm = this.#air.medium.receive(from.station.position, to.station.position);
    const heard = rssiDbm !== undefined && to.active && anchorMs < this.#fadesAtMs;
    const { payload, id } = frame.packet;
    if (payload.length > 0) {
      this.#air.report({
        kind: 'pdu',
        timeMs: endMs,
        pdu: id === 3 ? 'CONTROL' : 'DATA',
        from: from.station.address,
        to: to.station.address,
        bytes: payload,
        heard,
      });
    }
    // Having sent the acknowledgement of a TERMINATE_IND is enough; whether it arrives is the other's business.
    if (from.closeAfterSending !== undefined) this.#close(from, from.closeAfterSending, endMs);
    if (!heard) return undefined;

    to.established = true;
    to.lastHeardMs = anchorMs;
    to.lastRssiDbm = rssiDbm;
    const { acknowledged, fresh } = to.receive(frame);
    if (acknowledged?.id === 3) this.#controlAcknowledged(to, acknowledged.payload, endMs);
    if (fresh !== undefined && fresh.payload.length > 0) this.#deliver(to, fresh.id, fresh.payload, endMs);
    return { freesBuffer: acknowledged?.freesBuffer === true };
  }

  #deliver(to: LinkEnd, id: number, payload: Buffer, endMs: number): void {
    if (id !== 3) {
      this.#air.scheduler.at(endMs, () => to.station.dataArrived(to, id === 2, payload));
      return;
    }
    const control = decodeLinkControl(payload);
    if (control.kind === 'terminate') to.closeAfterSending = control.reason;
    else if (this.#update !== undefined) this.#update.received = true;
  }

  #controlAcknowledged(end: LinkEnd, payload: Buffer, endMs: number): void {
    if (decodeLinkControl(payload).kind === 'terminate') this.#close(end, STATUS.localHostEnded, endMs);
  }

  #freeBuffers(end: LinkEnd, count: number, timeMs: number): void {
    if (count > 0) this.#air.scheduler.at(timeMs, () => end.station.packetsCompleted(end, count));
  }

  /** At the agreed event, or, where loss has delayed the update past it, as soon as the peripheral knows. */
  #switchParameters(): void {
    const update = this.#update;
    if (update === undefined || !update.received || this.#eventCount < update.instant) return;
    this.#update = undefined;
    this.#parameters = update.parameters;
    for (const end of [this.central, this.peripheral]) {
      if (end.active) end.station.linkUpdated(end, update.parameters);
    }
  }

  #giveUp(end: LinkEnd, anchorMs: number): void {
    if (!end.active) return;
    if (end.terminateDeadlineMs !== undefined) {
      // Where the acknowledgement is lost for good, the wait for it takes the place of the supervision timeout.
      if (anchorMs >= end.terminateDeadlineMs) this.#close(end, STATUS.localHostEnded, anchorMs);
    } else if (!end.established && this.#eventCount >= EVENTS_TO_ESTABLISH) {
      this.#close(end, STATUS.failedToEstablish, anchorMs);
    } else if (anchorMs - end.lastHeardMs >= this.#timeoutMs) {
      this.#close(end, STATUS.connectionTimeout, anchorMs);
    }
  }

  #close(end: LinkEnd, reason: number, timeMs: number): void {
    if (!end.active) return;
    end.active = false;
    this.#air.scheduler.at(timeMs, () => end.station.linkClosed(end, reason));
  }
}

// One advertising event: the advert on each of the three channels, and what those that hear it answer: a scan
// request, or the request to connect (Core specification, Vol 6 Part B, 4.4.2.3 and 4.4.3.2).

import type { AirContext } from './air-context.js';
import { airtimeMs, INTER_FRAME_SPACE_MS } from './airtime.js';
import type { Controller } from './controller.js';
import { ADVERTISING_REPORT } from './hci-codes.js';
import type { ConnectionParameters } from './hci-events.js';
import { Link } from './link.js';

const ADDRESS_BYTES = 6;
const SCAN_REQUEST_BYTES = 2 * ADDRESS_BYTES;
const CHANNELS = [0, 1, 2] as const;
/** From the end of what happens on one channel to the advert on the next: retuning. */
const CHANNEL_CHANGE_MS = 0.4;

interface Hearer {
  readonly station: Controller;
  readonly rssiDbm: number;
}

export function runAdvertisingEvent(air: AirContext, advertiser: Controller, startMs: number): void {
  const advert = Buffer.concat([advertiser.addressBytes, advertiser.advertiser.data]);
  let timeMs = startMs;
  let heard = false;
  for (const channel of CHANNELS) {
    if ((advertiser.advertiser.channelMap & (1 << channel)) === 0) continue;
    timeMs += airtimeMs(advert.length);
    const hearers = listeners(air, advertiser, channel, timeMs);
    if (hearers.length > 0) {
      if (!heard) reportAdvert(air, advertiser, advert, timeMs, true);
      heard = true;
      if (connect(air, advertiser, hearers, timeMs + INTER_FRAME_SPACE_MS)) return;
      timeMs = scan(air, advertiser, hearers, timeMs);
    }
    timeMs += CHANNEL_CHANGE_MS;
  }
  if (!heard) reportAdvert(air, advertiser, advert, timeMs, false);
}

function listeners(air: AirContext, advertiser: Controller, channel: number, timeMs: number): Hearer[] {
  const hearers: Hearer[] = [];
  for (const station of air.stations) {
    if (station === advertiser || !station.listensTo(advertiser.address, channel, timeMs)) continue;
    const rssiDbm = air.medium.receive(advertiser.position, station.position);
    if (rssiDbm !== undefined) hearers.push({ station, rssiDbm });
  }
  return hearers;
}

function reportAdvert(
  air: AirContext,
  from: Controller,
  bytes: Buffer,
  timeMs: number,
  heard: boolean,
): void {
  air.report({ kind: 'pdu', timeMs, pdu: 'ADV_IND', from: from.address, bytes, heard });
}

/** Picks one of those who answer at the same moment: the receiver locks on to one, the others are noise to it. */
function strongest(air: AirContext, hearers: readonly Hearer[]): Hearer | undefined {
  return hearers.length < 2 ? hearers[0] : hearers[Math.floor(air.random.unit() * hearers.length)];
}

/** True when the advertiser is connected now and its event over. */
function connect(
  air: AirContext,
  advertiser: Controller,
  hearers: readonly Hearer[],
  startMs: number,
): boolean {
  const initiating = hearers.filter(({ station }) => station.initiator?.peerAddress === advertiser.address);
  const chosen = strongest(air, initiating);
  let connected = false;
  for (const hearer of initiating) {
    const central = hearer.station;
    const parameters = central.initiator?.parameters;
    if (parameters === undefined) continue;
    const bytes = connectIndication(air, central, advertiser, parameters);
    const endMs = startMs + airtimeMs(bytes.length);
    const reached = air.medium.receive(central.position, advertiser.position) !== undefined;
    const heard = hearer === chosen && reached;
    air.report({
      kind: 'pdu',
      timeMs: endMs,
      pdu: 'CONNECT_IND',
      from: central.address,
      to: advertiser.address,
      bytes,
      heard,
    });
    // Who has sent CONNECT_IND is connected, whether it arrived or not: it finds out after six events (0x3E).
    const link = new Link(air, central, advertiser, parameters, endMs, heard);
    central.linkOpened(link, link.central);
    if (heard) {
      advertiser.linkOpened(link, link.peripheral);
      connected = true;
      air.report({
        kind: 'connected',
        timeMs: endMs,
        central: central.address,
        peripheral: advertiser.address,
        intervalMs: link.intervalMs,
      });
    }
  }
  return connected;
}

/** Reports the advert to those that scan, and answers their scan requests. Returns the time when it is over. */
function scan(
  air: AirContext,
  advertiser: Controller,
  hearers: readonly Hearer[],
  advertEndMs: number,
): number {
  const { data, scanResponse } = advertiser.advertiser;
  const asking: Hearer[] = [];
  for (const hearer of hearers) {
    const scanner = hearer.station.scanner;
    if (scanner === undefined) continue;
    if (scanner.wantsScanResponse(advertiser.addressBytes)) asking.push(hearer);
    scanner.report(ADVERTISING_REPORT.advInd, advertiser.addressBytes, data, hearer.rssiDbm);
  }
  const chosen = strongest(air, asking);
  if (chosen === undefined) return advertEndMs;

  const requestEndMs = advertEndMs + INTER_FRAME_SPACE_MS + airtimeMs(SCAN_REQUEST_BYTES);
  const requestHeard = air.medium.receive(chosen.station.position, advertiser.position) !== undefined;
  air.report({
    kind: 'pdu',
    timeMs: requestEndMs,
    pdu: 'SCAN_REQ',
    from: chosen.station.address,
    to: advertiser.address,
    bytes: Buffer.concat([chosen.station.addressBytes, advertiser.addressBytes]),
    heard: requestHeard,
  });
  if (!requestHeard) return requestEndMs;

  const bytes = Buffer.concat([advertiser.addressBytes, scanResponse]);
  const responseEndMs = requestEndMs + INTER_FRAME_SPACE_MS + airtimeMs(bytes.length);
  let heard = false;
  for (const { station } of asking) {
    const rssiDbm = air.medium.receive(advertiser.position, station.position);
    if (rssiDbm === undefined) continue;
    heard = true;
    station.scanner?.report(ADVERTISING_REPORT.scanResponse, advertiser.addressBytes, scanResponse, rssiDbm);
  }
  air.report({ kind: 'pdu', timeMs: responseEndMs, pdu: 'SCAN_RSP', from: advertiser.address, bytes, heard });
  return responseEndMs;
}

/** InitA, AdvA, LLData (Core specification, Vol 6 Part B, 2.3.3.1). */
function connectIndication(
  air: AirContext,
  central: Controller,
  advertiser: Controller,
  parameters: ConnectionParameters,
): Buffer {
  const link = Buffer.alloc(22);
  air.random.bytes(7).copy(link); // access address, CRC start value
  link[7] = 1; // window size; window offset 0
  link.writeUInt16LE(parameters.interval, 10);
  link.writeUInt16LE(parameters.latency, 12);
  link.writeUInt16LE(parameters.timeout, 14);
  link.writeUIntLE(0x1f_ffff_ffff, 16, 5); // all data channels
  link[21] = 5; // hop increment; clock accuracy 500 ppm
  return Buffer.concat([central.addressBytes, advertiser.addressBytes, link]);
}

/**
 * The radio port over @abandonware/noble on Linux. The one file that knows noble. It speaks to the characteristic by handle,
 * because noble looks through every service of the box, one round trip each, before it finds ours: the layout of the last
 * box is tried first, and proved by reading the characteristic's declaration, which names our UUID (Bluetooth Core 5.4, Vol 3
 * Part G §3.3.1).
 */

import { decodeManufacturerData, encodeAdvert, SERVICE_UUID } from '@tapseal/shared/advert';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Connecting, LinkListener, Radio, ScanListener } from '../../core/ports.js';
import { type GattLayout, layoutHint, NobleLink } from './noble-link.js';
import type { Noble, NoblePeripheral } from './noble-types.js';

const POWER_ON_MS_MAX = 3_000;

/** Connection interval in units of 1.25 ms, supervision timeout in units of 10 ms (Vol 4 Part E §7.8.12). */
export type ConnectionParameters = {
  readonly minInterval: number;
  readonly maxInterval: number;
  readonly latency: number;
  readonly timeout: number;
};

const parametersDefault: ConnectionParameters = { minInterval: 6, maxInterval: 24, latency: 0, timeout: 200 };

export type NobleRadio = Radio & {
  /** Forgets the layouts of boxes, as a process that starts anew; benchmarks measure the first contact so. */
  forget(): void;
};

type Device = {
  readonly peripheral: NoblePeripheral;
  link: NobleLink | undefined;
};

function compact(uuid: string): string {
  return uuid.replaceAll('-', '');
}

/** What the bindings throw, or emit as a state, in the words of the protocol. */
function adapterFault(thrown: unknown): TapsealError {
  const code = thrown instanceof Error && 'code' in thrown ? `${thrown.code} ` : '';
  const text = code + (thrown instanceof Error ? thrown.message : String(thrown));
  const options = { cause: thrown };
  if (/EPERM|EACCES|not permitted|unauthorized/i.test(text))
    return new TapsealError('adapter_forbidden', undefined, options);
  if (/EBUSY|busy/i.test(text)) return new TapsealError('adapter_busy', undefined, options);
  if (/ENETDOWN|poweredOff/i.test(text)) return new TapsealError('adapter_down', undefined, options);
  return new TapsealError('adapter_missing', undefined, options);
}

/** @throws TapsealError adapter_missing where noble or its HCI socket is not installed, or there is no adapter */
export async function createNobleRadio(
  parameters: ConnectionParameters = parametersDefault,
): Promise<NobleRadio> {
  let noble: Noble;
  try {
    const module = (await import('@abandonware/noble')) as unknown as { readonly default: Noble };
    noble = module.default;
    // Starts the bindings here, where what they throw can be caught.
    void noble.state;
  } catch (thrown) {
    throw adapterFault(thrown);
  }
  return new NobleRadioOver(noble, parameters);
}

class NobleRadioOver implements NobleRadio {
  readonly #noble: Noble;
  readonly #parameters: ConnectionParameters;
  readonly #devices = new Map<string, Device>();
  readonly #layouts = new Map<string, GattLayout>();
  #lastLayout: GattLayout | undefined;
  #listener: ScanListener | undefined;
  /** How many connections are being made: the scan pauses, since not every controller does both. */
  #pauses = 0;

  constructor(noble: Noble, parameters: ConnectionParameters) {
    this.#noble = noble;
    this.#parameters = parameters;
    noble.on('discover', (peripheral) => this.#onDiscover(peripheral));
    noble.on('stateChange', (state) => this.#onState(state));
    // Without a listener of ours noble prints them on the terminal of the app.
    noble.on('warning', () => {});
  }

  async scan(listener: ScanListener): Promise<() => Promise<void>> {
    await this.#poweredOn();
    this.#listener = listener;
    this.#startScanning();
    return async () => {
      if (this.#listener !== listener) return;
      this.#listener = undefined;
      if (this.#noble.state === 'poweredOn') this.#noble.stopScanning();
    };
  }

  connect(deviceId: string, listener: LinkListener): Connecting {
    const device = this.#devices.get(deviceId);
    if (device === undefined) {
      return {
        link: Promise.reject(new TapsealError('link_lost', 'not in sight')),
        cancel: () => Promise.resolve(),
      };
    }
    const before = device.link;
    const link = new NobleLink(device.peripheral, listener, {
      parameters: this.#parameters,
      before: before?.down ?? Promise.resolve(),
      layout: this.#layouts.get(deviceId) ?? this.#lastLayout ?? layoutHint,
      onLayout: (layout) => {
        this.#lastLayout = layout;
        this.#layouts.set(deviceId, { ...layout, proved: true });
      },
      onLayoutWrong: () => this.#layouts.delete(deviceId),
      pauseScan: () => this.#pauseScan(),
      resumeScan: () => this.#resumeScan(),
    });
    device.link = link;
    return link.connecting;
  }

  forget(): void {
    this.#layouts.clear();
    this.#lastLayout = undefined;
  }

  #onDiscover(peripheral: NoblePeripheral): void {
    // noble keeps one object for each address for ever, so that ours can be kept beside it.
    if (!this.#devices.has(peripheral.id)) this.#devices.set(peripheral.id, { peripheral, link: undefined });
    let advert: Uint8Array | undefined;
    try {
      const data = peripheral.advertisement.manufacturerData;
      if (data !== undefined) advert = encodeAdvert(decodeManufacturerData(data));
    } catch {
      // Not one of ours, or of another version: the hello tells.
    }
    this.#listener?.onSighting({ deviceId: peripheral.id, rssiDbm: peripheral.rssi, advert });
  }

  #onState(state: string): void {
    const listener = this.#listener;
    if (listener === undefined) return;
    if (state === 'poweredOn') this.#startScanning();
    else if (state !== 'unknown' && state !== 'resetting') listener.onError(adapterFault(state));
  }

  #poweredOn(): Promise<void> {
    const { state } = this.#noble;
    if (state === 'poweredOn') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (outcome: string): void => {
        if (outcome === 'unknown' || outcome === 'resetting') return;
        clearTimeout(timer);
        this.#noble.removeListener('stateChange', finish);
        if (outcome === 'poweredOn') resolve();
        else reject(adapterFault(outcome));
      };
      // An adapter that does not answer its reset: another program holds it.
      const timer = setTimeout(() => finish('busy'), POWER_ON_MS_MAX);
      this.#noble.on('stateChange', finish);
      finish(state);
    });
  }

  #pauseScan(): void {
    this.#pauses += 1;
    if (this.#pauses === 1 && this.#listener !== undefined) this.#noble.stopScanning();
  }

  #resumeScan(): void {
    this.#pauses -= 1;
    this.#startScanning();
  }

  #startScanning(): void {
    if (this.#pauses > 0 || this.#listener === undefined || this.#noble.state !== 'poweredOn') return;
    // Duplicates too: RSSI changes and adverts rotate.
    this.#noble.startScanning([compact(SERVICE_UUID)], true);
  }
}

// The air: the medium, and the controllers that share it. Pure over the scheduler it is given: all time comes
// from there, all chance from the seed.

import type { AirContext, AirSettings } from './air-context.js';
import type { AirEvent } from './air-event.js';
import { type AirOptions, checkAirOptions, checkLossProbability } from './air-options.js';
import { Controller } from './controller.js';
import { formatDeviceAddress, parseDeviceAddress } from './device-address.js';
import { Medium, type PositionM } from './medium.js';
import type { Scheduler } from './scheduler.js';
import { SeededRandom } from './seeded-random.js';

export interface StationOptions {
  /** `aa:bb:cc:dd:ee:ff`; unset: one is drawn. */
  readonly address?: string;
  /** Label for logs, and a second way to name the station. */
  readonly name?: string;
  /** Unset: at the origin. */
  readonly position?: PositionM;
  /** Gets each HCI packet for the host, with its packet type byte. */
  readonly toHost: (packet: Buffer) => void;
}

export class Air implements AirContext {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly medium: Medium;
  readonly settings: AirSettings;
  readonly stations = new Set<Controller>();
  readonly #observers = new Set<(event: AirEvent) => void>();

  /** @throws RangeError naming the option that is out of its range. */
  constructor(scheduler: Scheduler, options: AirOptions = {}) {
    const checked = checkAirOptions(options);
    this.scheduler = scheduler;
    this.settings = checked.settings;
    this.random = new SeededRandom(checked.seed);
    this.medium = new Medium(this.random, checked);
  }

  /** @throws Error when the address is not one or already on the air. */
  join(options: StationOptions): Controller {
    const addressBytes =
      options.address === undefined ? this.#freeAddress() : parseDeviceAddress(options.address);
    if (addressBytes === undefined) throw new Error(`not a Bluetooth address: ${options.address}`);
    const address = formatDeviceAddress(addressBytes);
    if (this.find(address) !== undefined) throw new Error(`the address ${address} is already on the air`);
    const controller = new Controller(this, {
      addressBytes,
      name: options.name ?? address,
      position: options.position ?? { x: 0, y: 0 },
      toHost: options.toHost,
    });
    this.stations.add(controller);
    this.report({ kind: 'joined', timeMs: this.scheduler.now(), address, name: controller.name });
    return controller;
  }

  /** The host is gone: the controller falls silent at once, and peers notice by their supervision timeout. */
  leave(controller: Controller): void {
    if (!this.stations.delete(controller)) return;
    controller.powered = false;
    const { address, name } = controller;
    this.report({ kind: 'left', timeMs: this.scheduler.now(), address, name });
  }

  /** By address or by name. */
  find(addressOrName: string): Controller | undefined {
    for (const station of this.stations) {
      if (station.address === addressOrName || station.name === addressOrName) return station;
    }
    return undefined;
  }

  /** @throws Error when nobody on the air has that address or name. */
  station(addressOrName: string): Controller {
    const found = this.find(addressOrName);
    if (found === undefined) throw new Error(`nobody on the air is called ${addressOrName}`);
    return found;
  }

  setPosition(addressOrName: string, position: PositionM): void {
    this.#catchUp();
    this.station(addressOrName).position = position;
  }

  /** 0 to 0.99, for every packet from now on. */
  setLoss(probability: number): void {
    this.#catchUp();
    this.medium.lossProbability = checkLossProbability(probability);
  }

  /** Breaks every link of a station: both ends find out by their supervision timeout. */
  disconnect(addressOrName: string): void {
    for (const { link } of this.station(addressOrName).links.values()) link.fade();
  }

  disconnectAll(): void {
    for (const station of this.stations) this.disconnect(station.address);
  }

  /** Calls `observer` for whatever happens; returns how to stop it. */
  observe(observer: (event: AirEvent) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  report(event: AirEvent): void {
    for (const observer of this.#observers) observer(event);
  }

  #catchUp(): void {
    for (const station of this.stations) for (const { link } of station.links.values()) link.catchUp();
  }

  #freeAddress(): Buffer {
    for (;;) {
      const bytes = this.random.bytes(6);
      if (this.find(formatDeviceAddress(bytes)) === undefined) return bytes;
    }
  }
}

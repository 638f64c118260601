/** The part of @abandonware/noble (1.9) that is used. Its own typings lack `handleNotify` and the handles of characteristics. */
import type { EventEmitter } from 'node:events';

/** Its events carry whatever the sender says; each listener names what it takes. */
export type NobleEmitter = Pick<EventEmitter, 'on' | 'once' | 'removeListener'>;
export type NobleListener = Parameters<NobleEmitter['on']>[1];

export interface Noble {
  /** Reading it starts the bindings, which may throw. */
  readonly state: string;
  on(event: 'discover', listener: (peripheral: NoblePeripheral) => void): unknown;
  on(event: 'stateChange', listener: (state: string) => void): unknown;
  on(event: 'warning', listener: (message: string) => void): unknown;
  removeListener(event: 'stateChange', listener: (state: string) => void): unknown;
  startScanning(serviceUuids: string[], allowDuplicates: boolean): void;
  stopScanning(): void;
}

/** As it comes off the air, with its handles (lib/hci-socket/gatt.js). */
export interface NobleRawCharacteristic {
  readonly uuid: string;
  readonly startHandle: number;
  readonly valueHandle: number;
}

export interface NobleCharacteristic extends NobleEmitter {
  readonly uuid: string;
  /** Finds the client configuration and writes it: two round trips. Emits `notify`. */
  subscribe(): void;
}

export interface NobleService extends NobleEmitter {
  discoverCharacteristics(uuids: string[]): void;
}

export interface NoblePeripheral extends NobleEmitter {
  readonly id: string;
  readonly rssi: number;
  readonly advertisement: { readonly manufacturerData?: Buffer };
  /** Left over from the connection before, until the new exchange has ended. */
  mtu: number | null;
  readonly state: string;
  connect(parameters: object): void;
  cancelConnect(): void;
  /** Throws where the peripheral is not connected. */
  disconnect(): void;
  discoverServices(uuids: string[]): void;
  readHandle(handle: number): void;
  writeHandle(handle: number, data: Buffer, withoutResponse: boolean): void;
}

/** Puts the phone of the command line together: the client with the Node adapters, its state in one folder. */
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { KeyAlgorithm } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Client, createClient } from '../../core/client.js';
import type { Radio } from '../../core/ports.js';
import { openFileKeyStore } from './file-key-store.js';
import { openFileOutbox } from './file-outbox.js';
import { createHttpsClient } from './https-client.js';
import { type ConnectionParameters, createNobleRadio, type NobleRadio } from './noble-radio.js';
import { nodeClock } from './node-clock.js';

export type ShopperOptions = {
  readonly server: string;
  readonly programme: string;
  readonly stateFolder: string;
  readonly ca: string | undefined;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly adapter: number | undefined;
  readonly rssiFloorDbm: number | undefined;
  readonly holdMs: number | undefined;
  readonly connectionIntervalMs: number | undefined;
  readonly resolveByHello: boolean;
  /** Name of the only touchpoint to connect to. */
  readonly touchpoint: string | undefined;
};

export type Shopper = {
  readonly client: Client;
  /** Absent where only the server is needed. */
  readonly radio: NobleRadio | undefined;
  readonly touchpoint: string | undefined;
  stop(): Promise<void>;
  close(): void;
};

const INTERVAL_UNIT_MS = 1.25;

function parametersOf(intervalMs: number | undefined): ConnectionParameters | undefined {
  if (intervalMs === undefined) return undefined;
  if (intervalMs < 8 || intervalMs > 100)
    throw new TapsealError('usage_invalid', '--connection-interval-ms: 8 to 100');
  const interval = Math.round(intervalMs / INTERVAL_UNIT_MS);
  return { minInterval: interval, maxInterval: interval, latency: 0, timeout: 200 };
}

const noRadio: Radio = {
  scan: () => Promise.reject(new TapsealError('adapter_missing', 'opened without a radio')),
  connect: () => ({
    link: Promise.reject(new TapsealError('adapter_missing', 'opened without a radio')),
    cancel: () => Promise.resolve(),
  }),
};

/** @throws TapsealError usage_invalid, storage_corrupt, adapter_… */
export async function openShopper(options: ShopperOptions, needs: { radio: boolean }): Promise<Shopper> {
  // noble reads it when it is loaded.
  if (options.adapter !== undefined) process.env.NOBLE_HCI_DEVICE_ID = String(options.adapter);
  const crypto = createNativeCrypto();
  const http = createHttpsClient({
    server: options.server,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  });
  const keyStore = await openFileKeyStore(crypto, options.stateFolder, options.keyAlgorithm);
  const outbox = await openFileOutbox(join(options.stateFolder, 'outbox'));
  const radio = needs.radio ? await createNobleRadio(parametersOf(options.connectionIntervalMs)) : undefined;
  const client = createClient(
    { radio: radio ?? noRadio, http, keyStore, outbox, clock: nodeClock, crypto },
    {
      programme: options.programme,
      resolveByHello: options.resolveByHello,
      // With a name the right one is picked when the server has said which one that is.
      autoConnect: options.touchpoint === undefined,
      ...(options.rssiFloorDbm === undefined ? {} : { rssiFloorDbm: options.rssiFloorDbm }),
      ...(options.holdMs === undefined ? {} : { holdMs: options.holdMs }),
      onListenerFault: (fault) => process.stderr.write(`tapseal-shopper: ${String(fault)}\n`),
    },
  );
  return {
    client,
    radio,
    touchpoint: options.touchpoint,
    stop: async () => {
      await client.stop();
      http.close();
    },
    close: () => http.close(),
  };
}

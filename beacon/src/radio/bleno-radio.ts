/**
 * The radio by bleno, the only file that knows it. Loaded when a radio is really wanted: without one, or without bleno
 * installed, the other commands work.
 */
import { EXCHANGE_UUID, SERVICE_UUID } from '@tapseal/shared/advert';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { LinkId } from '../core/step.js';
import { adapterFault, adapterStateFault, isBluetoothdRunning } from './adapter-faults.js';
import type { Radio, RadioEvents } from './radio.js';

export type AdapterSettings = {
  /** N of hciN. */
  readonly index: number;
  readonly advertisingIntervalMs: number;
  /** Start although a bluetoothd runs: where it is known to use another adapter. */
  readonly allowBluetoothd: boolean;
};

type Bleno = typeof import('@abandonware/bleno');

/** bleno asks the adapter once a second whether it is up; a board that has just started may need some of these. */
const POWER_ON_MS_MAX = 3_500;
const ADVERTISING_START_MS_MAX = 3_000;

function configure(settings: AdapterSettings): void {
  // bleno reads these when it is loaded. What the environment says already stands: tests choose their adapter so.
  process.env.BLENO_HCI_DEVICE_ID ??= String(settings.index);
  process.env.BLENO_ADVERTISING_INTERVAL ??= String(settings.advertisingIntervalMs);
  // Else bleno shows the host name to every phone.
  process.env.BLENO_DEVICE_NAME ??= 'Tapseal';
}

async function loadBleno(): Promise<Bleno> {
  try {
    return (await import('@abandonware/bleno')).default;
  } catch (error) {
    throw adapterFault(error);
  }
}

/** @throws TapsealError adapter_missing, adapter_down, adapter_forbidden */
async function powerOn(bleno: Bleno): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const onState = (state: string): void => {
        const fault = adapterStateFault(state);
        if (state === 'poweredOn') resolve();
        else if (fault !== undefined && state !== 'poweredOff') reject(fault);
      };
      timer = setTimeout(
        () =>
          reject(adapterStateFault(bleno.state) ?? new TapsealError('adapter_down', 'it does not answer')),
        POWER_ON_MS_MAX,
      );
      try {
        // The first listener makes bleno open the adapter, and may already have changed the state when it returns.
        bleno.on('stateChange', onState);
      } catch (error) {
        reject(adapterFault(error));
        return;
      }
      onState(bleno.state);
    });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends the connection. bleno's own `disconnect` takes the handle 0, which some controllers give first, for no connection;
 * its HCI layer does not.
 */
function disconnect(bleno: Bleno): void {
  const { _bindings: bindings } = bleno as unknown as {
    readonly _bindings: {
      readonly _handle: number | null;
      readonly _hci: { disconnect(handle: number): void };
    };
  };
  if (bindings._handle === 0) bindings._hci.disconnect(0);
  else bleno.disconnect();
}

/** @throws TapsealError adapter_missing, adapter_down, adapter_busy, adapter_forbidden */
export async function openBlenoRadio(settings: AdapterSettings, events: RadioEvents): Promise<Radio> {
  // On the user channel (HCI_CHANNEL_USER, as the systemd unit has it) the kernel keeps all others off the adapter.
  const isShared = process.env.HCI_CHANNEL_USER === undefined;
  if (isShared && !settings.allowBluetoothd && isBluetoothdRunning())
    throw new TapsealError('adapter_busy', 'bluetoothd');
  configure(settings);
  const bleno = await loadBleno();
  await powerOn(bleno);
  return new BlenoRadio(bleno, events);
}

class BlenoRadio implements Radio {
  readonly #bleno: Bleno;
  readonly #events: RadioEvents;
  /** bleno serves one connection at a time and does not tell them apart; we number them. */
  #link: LinkId | undefined;
  #links = 0;
  #send: ((data: Buffer) => void) | undefined;
  #advertisingStarted: Promise<void> | undefined;
  #isStopping = false;

  constructor(bleno: Bleno, events: RadioEvents) {
    this.#bleno = bleno;
    this.#events = events;
    bleno.on('accept', () => this.#opened());
    bleno.on('disconnect', () => this.#closed());
    bleno.on('mtuChange', (mtu) => {
      if (this.#link !== undefined) events.mtuChanged(this.#link, mtu);
    });
    bleno.on('stateChange', (state) => {
      const fault = adapterStateFault(state);
      if (fault !== undefined && !this.#isStopping) events.failed(fault);
    });
    bleno.on('advertisingStartError', (error) => events.warned(`advertising: ${error.message}`));
    bleno.setServices([
      new bleno.PrimaryService({ uuid: SERVICE_UUID, characteristics: [this.#exchange()] }),
    ]);
  }

  #exchange(): InstanceType<Bleno['Characteristic']> {
    const { Characteristic } = this.#bleno;
    return new Characteristic({
      uuid: EXCHANGE_UUID,
      properties: ['write', 'writeWithoutResponse', 'notify'],
      onSubscribe: (_maxValueSize, send) => {
        this.#send = send;
        if (this.#link !== undefined) this.#events.subscribed(this.#link);
      },
      onUnsubscribe: () => {
        this.#send = undefined;
      },
      onWriteRequest: (data, _offset, _withoutResponse, callback) => {
        // First the answer to the write, then what the box has to say to it: that is the order phones expect.
        callback(Characteristic.RESULT_SUCCESS);
        if (this.#link !== undefined) this.#events.packetReceived(this.#link, Uint8Array.from(data));
      },
    });
  }

  #opened(): void {
    // Should a controller accept a second one, the first is out of bleno's sight from here on.
    this.#closed();
    this.#links += 1;
    this.#link = this.#links;
    this.#events.linkOpened(this.#link);
  }

  #closed(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    this.#send = undefined;
    this.#events.linkClosed(link);
  }

  advertise(advertisingData: Uint8Array, scanResponse: Uint8Array): void {
    const start = (started?: () => void): void => {
      if (this.#isStopping || this.#link !== undefined) return;
      this.#bleno.startAdvertisingWithEIRData(
        Buffer.from(advertisingData),
        Buffer.from(scanResponse),
        started,
      );
    };
    if (this.#advertisingStarted !== undefined) {
      // After a disconnect bleno restarts advertising with the old data right after its event: ours comes behind.
      setImmediate(start);
      return;
    }
    this.#advertisingStarted = new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new TapsealError('adapter_busy', 'it does not start advertising')),
        ADVERTISING_START_MS_MAX,
      );
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(new TapsealError('adapter_busy', error.message));
      };
      this.#bleno.once('advertisingStartError', fail);
      start(() => {
        clearTimeout(timer);
        this.#bleno.removeListener('advertisingStartError', fail);
        resolve();
      });
    });
  }

  advertising(): Promise<void> {
    return this.#advertisingStarted ?? Promise.reject(new TapsealError('adapter_busy', 'not advertising'));
  }

  notify(link: LinkId, packet: Uint8Array): void {
    if (link === this.#link) this.#send?.(Buffer.from(packet));
  }

  drop(link: LinkId): void {
    if (link === this.#link) disconnect(this.#bleno);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 500);
      this.#bleno.stopAdvertising(() => {
        clearTimeout(timer);
        resolve();
      });
      if (this.#link !== undefined) disconnect(this.#bleno);
    });
  }
}

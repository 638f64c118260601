/**
 * The radio by bleno, the only file that knows it. Loaded when a radio is really wanted: without one, or without bleno
 * installed, the other commands work.
 */
import { EXCHANGE_UUID, SERVICE_UUID } from '@tapseal/shared/advert';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { LinkId } from '../core/step.js';
import {
  adapterFault,
  adapterSocketFault,
  adapterStateFault,
  isBluetoothdRunning,
} from './adapter-faults.js';
import { AdapterPresence } from './adapter-presence.js';
import { AnswerDeadline } from './answer-deadline.js';
import { guardPackets, type PacketStream } from './guard-packets.js';
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
/** Within it the adapter answers to each start, also to those that renew the advert. */
const ADVERTISING_START_MS_MAX = 3_000;
/**
 * From the command to disconnect to the end of the link. A phone that has gone silent counts as connected for its supervision
 * timeout, which it chooses itself: 32 s at most (Core specification, Vol 4 Part E, 7.8.12).
 */
const LINK_END_MS_MAX = 35_000;
/** How often it is looked whether the adapter is still there. */
const PRESENCE_CHECK_MS = 1_000;
/** bleno's words (lib/hci-socket/hci-status.json) for status 0x0c of HCI. */
const COMMAND_DISALLOWED = 'Command Disallowed';

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

/** The parts behind bleno's face that are used. */
type Bindings = {
  readonly _handle: number | null;
  readonly _hci: { disconnect(handle: number): void; readonly _socket: NodeJS.EventEmitter };
  /** Of the present connection. */
  readonly _aclStream: PacketStream;
};

function bindingsOf(bleno: Bleno): Bindings {
  return (bleno as unknown as { readonly _bindings: Bindings })._bindings;
}

/**
 * Ends the connection. bleno's own `disconnect` takes the handle 0, which some controllers give first, for no connection;
 * its HCI layer does not.
 */
function disconnect(bleno: Bleno): void {
  const bindings = bindingsOf(bleno);
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
  const presence = new AdapterPresence(Number(process.env.BLENO_HCI_DEVICE_ID));
  await powerOn(bleno);
  return new BlenoRadio(bleno, presence, events);
}

class BlenoRadio implements Radio {
  readonly #bleno: Bleno;
  readonly #presence: AdapterPresence;
  readonly #events: RadioEvents;
  readonly #presenceTimer: NodeJS.Timeout;
  readonly #startAnswer: AnswerDeadline;
  readonly #linkEnd: AnswerDeadline;
  readonly #advertising: Promise<void>;
  #confirmAdvertising: () => void = () => {};
  #refuseAdvertising: (error: TapsealError) => void = () => {};
  /** bleno serves one connection at a time and does not tell them apart; we number them. */
  #link: LinkId | undefined;
  #links = 0;
  #send: ((data: Buffer) => void) | undefined;
  #hasAdvertised = false;
  #wasRefused = false;
  /** After a failure, too: nothing more is asked of the adapter. */
  #isStopping = false;

  constructor(bleno: Bleno, presence: AdapterPresence, events: RadioEvents) {
    this.#bleno = bleno;
    this.#presence = presence;
    this.#events = events;
    const onSilence = (): void => this.#fail(new TapsealError('adapter_down', 'it does not answer any more'));
    this.#startAnswer = new AnswerDeadline(ADVERTISING_START_MS_MAX, onSilence);
    this.#linkEnd = new AnswerDeadline(LINK_END_MS_MAX, onSilence);
    this.#advertising = new Promise((resolve, reject) => {
      this.#confirmAdvertising = resolve;
      this.#refuseAdvertising = reject;
    });
    // Whoever waits for it hears of it.
    this.#advertising.catch(() => {});
    this.#presenceTimer = setInterval(() => {
      if (presence.isGone) this.#fail(new TapsealError('adapter_missing', 'it has gone'));
    }, PRESENCE_CHECK_MS);
    bleno.on('accept', () => this.#opened());
    bleno.on('disconnect', () => this.#closed());
    bleno.on('mtuChange', (mtu) => {
      if (this.#link !== undefined) events.mtuChanged(this.#link, mtu);
    });
    bleno.on('stateChange', (state) => this.#fail(adapterStateFault(state)));
    // bleno ignores these, and with them all that it could know of an adapter that has gone.
    bindingsOf(bleno)._hci._socket.on('error', (error) => this.#fail(adapterSocketFault(error)));
    bleno.on('advertisingStart', () => this.#started());
    bleno.on('advertisingStartError', (error) => this.#startRefused(error));
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
    this.#startAnswer.met();
    this.#links += 1;
    const link = this.#links;
    this.#link = link;
    guardPackets(bindingsOf(this.#bleno)._aclStream, (error) => {
      this.#events.warned(`unreadable packet: ${error instanceof Error ? error.message : String(error)}`);
      this.drop(link);
    });
    this.#events.linkOpened(link);
  }

  #closed(): void {
    const link = this.#link;
    if (link === undefined) return;
    this.#linkEnd.met();
    this.#link = undefined;
    this.#send = undefined;
    this.#events.linkClosed(link);
  }

  #fail(error: TapsealError | undefined): void {
    if (error === undefined || this.#isStopping) return;
    this.#rest();
    const fault = this.#presence.isGone ? new TapsealError('adapter_missing', 'it has gone') : error;
    this.#refuseAdvertising(fault);
    this.#events.failed(fault);
  }

  #rest(): void {
    this.#isStopping = true;
    clearInterval(this.#presenceTimer);
    this.#startAnswer.met();
    this.#linkEnd.met();
  }

  #started(): void {
    this.#startAnswer.met();
    this.#wasRefused = false;
    this.#hasAdvertised = true;
    this.#confirmAdvertising();
  }

  #startRefused(error: Error): void {
    // A renewal enables what is on already. The specification lets it pass (Core, Vol 4 Part E, 7.8.9), but some adapters refuse.
    // The new data is in force all the same: it is set by commands of its own.
    if (error.message === COMMAND_DISALLOWED && this.#hasAdvertised) {
      this.#started();
      return;
    }
    this.#startAnswer.met();
    // A phone was quicker: with the link there is nothing to advertise.
    if (this.#isStopping || this.#link !== undefined) return;
    if (!this.#hasAdvertised) this.#fail(new TapsealError('adapter_busy', error.message));
    else if (this.#wasRefused) this.#fail(new TapsealError('adapter_down', `advertising: ${error.message}`));
    else this.#events.warned(`advertising: ${error.message}`);
    this.#wasRefused = true;
  }

  advertise(advertisingData: Uint8Array, scanResponse: Uint8Array): void {
    const start = (): void => {
      if (this.#isStopping || this.#link !== undefined) return;
      this.#startAnswer.expect();
      this.#bleno.startAdvertisingWithEIRData(Buffer.from(advertisingData), Buffer.from(scanResponse));
    };
    // After a disconnect bleno restarts advertising with the old data right after its event: ours comes behind.
    setImmediate(start);
  }

  advertising(): Promise<void> {
    return this.#advertising;
  }

  notify(link: LinkId, packet: Uint8Array): void {
    if (link === this.#link) this.#send?.(Buffer.from(packet));
  }

  drop(link: LinkId): void {
    if (link !== this.#link || this.#isStopping) return;
    this.#linkEnd.expect();
    disconnect(this.#bleno);
  }

  async stop(): Promise<void> {
    this.#rest();
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

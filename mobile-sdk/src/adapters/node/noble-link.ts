/**
 * One connection over noble, from connect to disconnect. noble forgets its waiters when a link dies, reports no ATT errors of
 * writes, and lets events of an old connection arrive late: so every wait here ends with the link, and every event is taken
 * for what the link is waiting for, or dropped.
 */
import { EXCHANGE_UUID, SERVICE_UUID } from '@tapseal/shared/advert';
import { ATT_MTU_MIN } from '@tapseal/shared/bounds';
import { bytesToHex } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Connecting, LinkListener, RadioLink } from '../../core/ports.js';
import type {
  NobleCharacteristic,
  NobleEmitter,
  NobleListener,
  NoblePeripheral,
  NobleRawCharacteristic,
  NobleService,
} from './noble-types.js';

/** Where a box keeps the characteristic. */
export type GattLayout = {
  readonly declarationHandle: number;
  readonly valueHandle: number;
  /** This box had it there before: it need not be read again. */
  readonly proved: boolean;
};

/** bleno puts five attributes of its own services first, then our service (10), our declaration (11) and value (12). */
export const layoutHint: GattLayout = { declarationHandle: 11, valueHandle: 12, proved: false };

/** An ATT error of a write is not reported by noble; a box that answers at all answers sooner. */
const SUBSCRIBE_MS_MAX = 1_000;
/**
 * Longer than the supervision timeout (2 s): where the box's last acknowledgement is lost, the controller keeps the link until
 * then, and refuses another to the same box (0x0B).
 */
const DISCONNECT_MS_MAX = 3_000;

/** What noble asks for (lib/hci-socket/gatt.js). It takes the box's answer for the MTU, though the smaller of both counts. */
const MTU_ASKED = 256;

const PROPERTIES_NEEDED = 0x04 | 0x08 | 0x10;
const ENABLE_NOTIFICATIONS = Buffer.from([0x01, 0x00]);

export type NobleLinkOptions = {
  readonly parameters: object;
  /** When the link before this one is down. */
  readonly before: Promise<void>;
  readonly layout: GattLayout;
  onLayout(layout: GattLayout): void;
  onLayoutWrong(): void;
  pauseScan(): void;
  resumeScan(): void;
};

function compact(uuid: string): string {
  return uuid.replaceAll('-', '');
}

export class NobleLink {
  readonly connecting: Connecting;
  /** When the radio has let go of the peripheral, or has been given up waiting for. Never rejects. */
  readonly down: Promise<void>;
  readonly #released: Promise<void>;
  readonly #peripheral: NoblePeripheral;
  readonly #listener: LinkListener;
  readonly #options: NobleLinkOptions;
  /** What ends when the link ends: waits, listeners. */
  readonly #endings = new Set<(error: TapsealError) => void>();
  #setDown: () => void = () => {};
  #setReleased: () => void = () => {};
  #error: TapsealError | undefined;
  #phase: 'waiting' | 'connecting' | 'connected' | 'down' = 'waiting';
  #valueHandle = 0;
  #closing: Promise<void> | undefined;

  constructor(peripheral: NoblePeripheral, listener: LinkListener, options: NobleLinkOptions) {
    this.#peripheral = peripheral;
    this.#listener = listener;
    this.#options = options;
    this.down = new Promise((resolve) => {
      this.#setDown = resolve;
    });
    this.#released = new Promise((resolve) => {
      this.#setReleased = resolve;
    });
    this.#released.then(this.#setDown);
    const link = this.#make();
    // Whoever asked may have given up.
    link.catch(() => {});
    this.connecting = { link, cancel: () => this.#close() };
  }

  async #make(): Promise<RadioLink> {
    try {
      await this.#options.before;
      if (this.#error !== undefined) throw this.#error;
      await this.#connect();
      await this.#subscribe();
    } catch (thrown) {
      await this.#close();
      throw thrown;
    }
    return {
      mtu: Math.min(Math.max(this.#peripheral.mtu ?? ATT_MTU_MIN, ATT_MTU_MIN), MTU_ASKED),
      write: (packet, options) => this.#write(packet, options.withResponse),
      close: () => this.#close(),
    };
  }

  async #connect(): Promise<void> {
    const peripheral = this.#peripheral;
    this.#phase = 'connecting';
    this.#keep(peripheral, 'connect', (error: unknown) => this.#onConnect(error));
    this.#keep(peripheral, 'disconnect', () => this.#onDisconnect());
    this.#keep(peripheral, 'handleNotify', (handle: number, data: Buffer) => this.#onNotify(handle, data));
    this.#options.pauseScan();
    try {
      await this.#waitFor(peripheral, 'connect', () => {
        peripheral.mtu = null;
        peripheral.connect(this.#options.parameters);
      });
    } finally {
      this.#options.resumeScan();
    }
    this.#listener.onStep('connected');
  }

  /** Registered before the one who waits for the connection, so that the phase is right when it goes on. */
  #onConnect(error: unknown): void {
    if (this.#phase !== 'connecting') return;
    const failed = error !== undefined && error !== null;
    this.#phase = failed ? 'down' : 'connected';
    if (failed) this.#end(new TapsealError('link_lost', 'not connected', { cause: error }));
    // It was given up while the controller was connecting.
    else if (this.#error !== undefined) this.#peripheral.disconnect();
    if (failed) this.#setReleased();
  }

  #onDisconnect(): void {
    if (this.#phase !== 'connected') return;
    this.#phase = 'down';
    this.#end(new TapsealError('link_lost'));
    this.#setReleased();
  }

  #onNotify(handle: number, data: Buffer): void {
    if (this.#error === undefined && handle === this.#valueHandle)
      this.#listener.onPacket(Uint8Array.from(data));
  }

  async #subscribe(): Promise<void> {
    const layout = await this.#provedLayout();
    if (layout !== undefined) {
      this.#listener.onStep('discovered');
      this.#valueHandle = layout.valueHandle;
      try {
        // The client configuration follows the value where nothing else describes the characteristic, as in every box of ours.
        await this.#request(layout.valueHandle + 1, ENABLE_NOTIFICATIONS, SUBSCRIBE_MS_MAX);
        this.#options.onLayout(layout);
        return;
      } catch (thrown) {
        this.#options.onLayoutWrong();
        if (this.#error !== undefined) throw thrown;
      }
    }
    await this.#subscribeByDiscovery();
  }

  /** The layout that is assumed, where the box confirms it; undefined where it has to be discovered. */
  async #provedLayout(): Promise<GattLayout | undefined> {
    const { layout } = this.#options;
    if (layout.proved) return layout;
    const { declarationHandle } = layout;
    const declaration = await this.#waitFor<Buffer>(this.#peripheral, `handleRead${declarationHandle}`, () =>
      this.#peripheral.readHandle(declarationHandle),
    );
    // Properties, value handle, UUID, little-endian. noble gives no bytes for an ATT error.
    const uuid = bytesToHex(Uint8Array.from(declaration.subarray(3)).reverse());
    if (declaration.length !== 19 || uuid !== compact(EXCHANGE_UUID)) return undefined;
    if (((declaration[0] ?? 0) & PROPERTIES_NEEDED) !== PROPERTIES_NEEDED) return undefined;
    return { declarationHandle, valueHandle: declaration.readUInt16LE(1), proved: true };
  }

  async #subscribeByDiscovery(): Promise<void> {
    const peripheral = this.#peripheral;
    const [service] = await this.#waitFor<NobleService[]>(peripheral, 'servicesDiscover', () =>
      peripheral.discoverServices([compact(SERVICE_UUID)]),
    );
    if (service === undefined) throw new TapsealError('message_unexpected', 'service not found');
    let raw: readonly NobleRawCharacteristic[] = [];
    service.once('characteristicsDiscovered', (found: readonly NobleRawCharacteristic[]) => {
      raw = found;
    });
    const [characteristic] = await this.#waitFor<NobleCharacteristic[]>(
      service,
      'characteristicsDiscover',
      () => service.discoverCharacteristics([compact(EXCHANGE_UUID)]),
    );
    const found = raw.find((candidate) => candidate.uuid === compact(EXCHANGE_UUID));
    if (characteristic === undefined || found === undefined)
      throw new TapsealError('message_unexpected', 'characteristic not found');
    this.#listener.onStep('discovered');
    this.#valueHandle = found.valueHandle;
    await this.#waitFor(characteristic, 'notify', () => characteristic.subscribe());
    this.#options.onLayout({
      declarationHandle: found.startHandle,
      valueHandle: found.valueHandle,
      proved: true,
    });
  }

  async #write(packet: Uint8Array, withResponse: boolean): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    const data = Buffer.from(packet);
    if (withResponse) await this.#request(this.#valueHandle, data);
    else this.#peripheral.writeHandle(this.#valueHandle, data, true);
  }

  async #request(handle: number, data: Buffer, timeoutMs?: number): Promise<void> {
    await this.#waitFor(
      this.#peripheral,
      `handleWrite${handle}`,
      () => this.#peripheral.writeHandle(handle, data, false),
      timeoutMs,
    );
  }

  /** Begins something and waits for the first value of its event; rejects when the link ends. */
  #waitFor<T>(emitter: NobleEmitter, event: string, begin: () => void, timeoutMs?: number): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) {
        reject(this.#error);
        return;
      }
      let timer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(timer);
        emitter.removeListener(event, onEvent);
        this.#endings.delete(onEnd);
      };
      const onEvent = (value: T): void => {
        finish();
        resolve(value);
      };
      const onEnd = (error: TapsealError): void => {
        finish();
        reject(error);
      };
      this.#endings.add(onEnd);
      emitter.on(event, onEvent);
      if (timeoutMs !== undefined)
        timer = setTimeout(() => onEnd(new TapsealError('timed_out', event)), timeoutMs);
      begin();
    });
  }

  /** Listens until the radio has let go of the peripheral: a connection may still come after we gave up. */
  #keep(emitter: NobleEmitter, event: string, listener: NobleListener): void {
    emitter.on(event, listener);
    this.#released.then(() => emitter.removeListener(event, listener));
  }

  #end(error: TapsealError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    for (const ending of [...this.#endings]) ending(error);
    this.#listener.onClosed();
  }

  /** Once: a second cancelling command would hit whatever the controller connects to next. */
  #close(): Promise<void> {
    this.#closing ??= this.#closeOnce();
    return this.#closing;
  }

  async #closeOnce(): Promise<void> {
    this.#end(new TapsealError('link_lost', 'closed'));
    if (this.#phase === 'waiting') {
      // The peripheral still belongs to the link before.
      this.#phase = 'down';
      this.#options.before.then(this.#setReleased);
    } else if (this.#phase === 'connecting') {
      // noble says at once that the connection failed, and once more when the controller has cancelled it.
      this.#phase = 'waiting';
      this.#peripheral.cancelConnect();
      this.#phase = 'connecting';
    } else if (this.#phase === 'connected' && this.#peripheral.state === 'connected') {
      this.#peripheral.disconnect();
    }
    const timer = setTimeout(() => this.#setDown(), DISCONNECT_MS_MAX);
    await this.down;
    clearTimeout(timer);
  }
}

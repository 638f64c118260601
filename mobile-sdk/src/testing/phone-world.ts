/** A phone's whole outside world in memory and in virtual time, for tests of the core. */

import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Client, type ClientOptions, createClient } from '../core/client.js';
import type { ClientEvent } from '../core/events.js';
import type {
  KeyStore,
  Outbox,
  OutboxEntry,
  Radio,
  ScanListener,
  StoredRegistration,
} from '../core/ports.js';
import { ScriptedBox } from './scripted-box.js';
import { ScriptedServer } from './scripted-server.js';
import { seededRandom } from './seeded-random.js';
import { VirtualClock } from './virtual-clock.js';

const ADVERTISING_MS = 100;

/** Survives the client, as a disk does. */
export class MemoryOutbox implements Outbox {
  readonly entries = new Map<string, OutboxEntry>();
  /** Called when a put is durable, before its caller goes on. */
  onPut: (entry: OutboxEntry) => void = () => {};

  async put(entry: OutboxEntry): Promise<void> {
    this.entries.set(`${entry.kind}-${entry.id}`, entry);
    this.onPut(entry);
  }

  async list(): Promise<readonly OutboxEntry[]> {
    return [...this.entries.values()];
  }

  async delete(kind: string, id: string): Promise<void> {
    this.entries.delete(`${kind}-${id}`);
  }

  of(kind: OutboxEntry['kind']): OutboxEntry[] {
    return [...this.entries.values()].filter((entry) => entry.kind === kind);
  }
}

export class PhoneWorld {
  readonly clock = new VirtualClock();
  readonly crypto: CryptoPort;
  readonly server: ScriptedServer;
  readonly outbox = new MemoryOutbox();
  readonly boxes: ScriptedBox[] = [];
  readonly events: ClientEvent[] = [];
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #keySeed: Uint8Array;
  #registration: StoredRegistration | undefined;
  #scanners = new Set<ScanListener>();
  /** Adapter error of the next scan. */
  scanError: TapsealError | undefined;
  /** Hides adverts, as browsers do. */
  hideAdverts = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    const native = createNativeCrypto();
    this.crypto = { ...native, randomBytes: (length) => this.#random.randomBytes(length) };
    this.server = new ScriptedServer(this.clock, this.crypto, this.#random);
    this.#keySeed = this.#random.randomBytes(32);
  }

  get scanning(): boolean {
    return this.#scanners.size > 0;
  }

  get linksOpen(): number {
    return this.boxes.filter((box) => box.link !== undefined).length;
  }

  addBox(deviceId: string): ScriptedBox {
    const box = new ScriptedBox({
      clock: this.clock,
      crypto: this.crypto,
      random: this.#random,
      deviceId,
      serverSealKey: this.server.sealKey.publicKey,
      voucherKeys: () => this.server.voucherKeys(),
    });
    this.boxes.push(box);
    this.server.boxes.push(box);
    return box;
  }

  /** A client over this world; a second one is the app after a restart. */
  client(options: Partial<ClientOptions> = {}): Client {
    const client = createClient(
      {
        radio: this.#radio(),
        http: this.server,
        keyStore: this.#keyStore(),
        outbox: this.outbox,
        clock: this.clock,
        crypto: this.crypto,
      },
      {
        programme: 'demo',
        onListenerFault: (fault) => {
          throw fault;
        },
        ...options,
      },
    );
    client.subscribe((event) => this.events.push(event));
    return client;
  }

  of<T extends ClientEvent['type']>(type: T): Extract<ClientEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<ClientEvent, { type: T }> => event.type === type);
  }

  types(): string[] {
    return this.events.map((event) => event.type);
  }

  /** Runs until an event of this type is there that was not there before. */
  async until<T extends ClientEvent['type']>(type: T): Promise<Extract<ClientEvent, { type: T }>> {
    const before = this.of(type).length;
    await this.clock.until(() => this.of(type).length > before);
    const event = this.of(type).at(-1);
    if (event === undefined) throw new Error(type);
    return event;
  }

  /** Runs until a promise has settled. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const done = (): void => {
      settled = true;
    };
    promise.then(done, done);
    await this.clock.until(() => settled);
    return promise;
  }

  #radio(): Radio {
    return {
      scan: async (listener) => {
        if (this.scanError !== undefined) throw this.scanError;
        this.#scanners.add(listener);
        this.#advertise(listener);
        return async () => {
          this.#scanners.delete(listener);
        };
      },
      connect: (deviceId, listener) => {
        const box = this.boxes.find((candidate) => candidate.options.deviceId === deviceId);
        if (box !== undefined) return box.connect(listener);
        return { link: Promise.reject(new TapsealError('link_lost')), cancel: () => Promise.resolve() };
      },
    };
  }

  #advertise(listener: ScanListener): void {
    this.clock.later(ADVERTISING_MS, () => {
      if (!this.#scanners.has(listener)) return;
      for (const box of this.boxes) {
        if (box.link !== undefined || box.rssiDbm < -100) continue;
        listener.onSighting({
          deviceId: box.options.deviceId,
          rssiDbm: box.rssiDbm,
          advert: this.hideAdverts ? undefined : box.advert(),
        });
      }
      this.#advertise(listener);
    });
  }

  #keyStore(): KeyStore {
    return {
      signer: async () => this.crypto.signer('P-256', this.#keySeed),
      loadRegistration: async () => this.#registration,
      saveRegistration: async (registration) => {
        this.#registration = registration;
      },
    };
  }
}

/**
 * A whole box without a radio: the state machine and the store, on a clock and a disk of the test's own. Outputs are carried
 * out as the driver does. For tests.
 */
import { encodeChallenge } from '@tapseal/shared/challenge';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { encodeFrames, FrameReader, type Message, type MessageType } from '@tapseal/shared/frame';
import type { Hello } from '@tapseal/shared/hello';
import { decodeReceipt, type Receipt, verifyReceipt } from '@tapseal/shared/receipt';
import { decodeStatus, type Status } from '@tapseal/shared/status';
import type { ActuationOrder, DropReason, Input, LinkId, Output, Report } from '../core/step.js';
import { Touchpoint, type TouchpointOptions } from '../core/touchpoint.js';
import { BoxStore, createStore } from '../store/box-store.js';
import { MemoryDisk } from './memory-disk.js';
import { seededCrypto } from './seeded-crypto.js';
import { PROGRAMME, TestAuthority } from './test-authority.js';

export type BenchOptions = {
  readonly authority: TestAuthority;
  readonly crypto: CryptoPort;
  readonly seed: Uint8Array;
  readonly touchpointId: Uint8Array;
  readonly disk: MemoryDisk;
  readonly holdMs?: number;
  readonly allows?: TouchpointOptions['allows'];
  /** `manual` leaves orders unanswered until the test calls `finish`. */
  readonly actuator?: 'succeeds' | 'fails' | 'manual';
};

export async function enrolledBench(
  options: { seed?: number } & Pick<BenchOptions, 'holdMs' | 'allows' | 'actuator'> = {},
): Promise<BoxBench> {
  const { seed = 1, ...rest } = options;
  const crypto = seededCrypto(seed);
  const authority = await TestAuthority.make(crypto);
  const disk = new MemoryDisk();
  createStore(disk, { manifest: authority.manifest(), advertKey: crypto.randomBytes(32) });
  const box = new BoxBench({
    authority,
    crypto,
    seed: crypto.randomBytes(32),
    touchpointId: crypto.randomBytes(8),
    disk,
    ...rest,
  });
  box.boot();
  return box;
}

export class BoxBench {
  nowMs = 1_000_000;
  readonly authority: TestAuthority;
  readonly touchpointId: Uint8Array;
  readonly actuations: ActuationOrder[] = [];
  readonly dropped: LinkId[] = [];
  readonly reports: Report[] = [];
  readonly adverts: Uint8Array[] = [];
  /** Every output but reports, for comparing runs. */
  readonly trace: Output[] = [];
  /** Closes a dropped link at once, as a radio does. */
  closesDropped = true;
  disk: MemoryDisk;
  #options: BenchOptions;
  #touchpoint: Touchpoint | undefined;
  #store: BoxStore | undefined;
  #inputs: Input[] = [];
  #isRunning = false;
  #received = new Map<LinkId, Message[]>();
  #readers = new Map<LinkId, FrameReader>();
  #mtus = new Map<LinkId, number>();
  packetBytesMax = 0;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.authority = options.authority;
    this.touchpointId = options.touchpointId;
    this.disk = options.disk;
  }

  get crypto(): CryptoPort {
    return this.#options.crypto;
  }

  get touchpoint(): Touchpoint {
    if (this.#touchpoint === undefined) throw new Error('not booted');
    return this.#touchpoint;
  }

  get store(): BoxStore {
    if (this.#store === undefined) throw new Error('not booted');
    return this.#store;
  }

  /** A start after power off, on the same disk or on another. */
  boot(disk = this.disk): void {
    this.disk = disk;
    this.#inputs = [];
    this.#received = new Map();
    this.#store = new BoxStore(disk);
    const { crypto, seed, touchpointId, authority } = this.#options;
    this.#touchpoint = new Touchpoint(
      {
        crypto,
        signer: crypto.signer('Ed25519', seed),
        touchpointId,
        programme: PROGRAMME,
        rootKey: authority.root.publicKey,
        allows: this.#options.allows ?? ((action) => action === 'open'),
        holdMs: this.#options.holdMs ?? 15_000,
        state: this.#store.state,
      },
      this.nowMs,
    );
    this.feed({ kind: 'started' });
  }

  feed(input: Input): void {
    this.#inputs.push(input);
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
      for (const output of this.touchpoint.handle(next, this.nowMs)) this.#do(output);
    }
    this.#isRunning = false;
  }

  /** Lets time pass, with every timer at its time. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.touchpoint.wakeMs <= endMs) {
      this.nowMs = Math.max(this.nowMs, this.touchpoint.wakeMs);
      this.feed({ kind: 'timerDue' });
    }
    this.nowMs = endMs;
  }

  open(link: LinkId, mtu = 185): void {
    this.#received.set(link, []);
    this.#readers.set(link, new FrameReader());
    this.#mtus.set(link, mtu);
    this.feed({ kind: 'linkOpened', link });
    this.feed({ kind: 'mtuChanged', link, mtu });
    this.feed({ kind: 'subscribed', link });
  }

  write(link: LinkId, type: MessageType, body: Uint8Array): void {
    for (const packet of encodeFrames({ type, body }, this.#mtus.get(link) ?? 23)) this.packet(link, packet);
  }

  packet(link: LinkId, packet: Uint8Array): void {
    this.feed({ kind: 'packetReceived', link, packet });
  }

  close(link: LinkId): void {
    this.feed({ kind: 'linkClosed', link });
  }

  finish(transactionId: string, ok: boolean): void {
    this.feed({ kind: 'actuated', transactionId, ok });
  }

  /** What the phone has received on a link and not looked at yet. */
  take(link: LinkId): Message[] {
    return (this.#received.get(link) ?? []).splice(0);
  }

  statuses(link: LinkId): Status[] {
    return this.take(link).flatMap((message) =>
      message.type === 'status' ? [decodeStatus(message.body)] : [],
    );
  }

  /** Writes a challenge and opens the hello that comes back, as the server would. */
  greet(link: LinkId): Hello {
    this.write(link, 'challenge', encodeChallenge(this.crypto.randomBytes(16)));
    const [message] = this.take(link);
    if (message?.type !== 'hello') throw new Error(`no hello but ${message?.type}`);
    return this.authority.openHello(message.body);
  }

  /** Receipts that came on a link, verified. */
  receipts(link: LinkId): Receipt[] {
    const { crypto, seed } = this.#options;
    const key = crypto.signer('Ed25519', seed).publicKey;
    return this.take(link).flatMap(({ type, body }) => {
      if (type !== 'receipt') return [];
      const { message, receipt } = decodeReceipt(body);
      verifyReceipt(crypto, message, key);
      return [receipt];
    });
  }

  dropReasons(): DropReason[] {
    return this.reports.flatMap((report) => (report.event === 'link_dropped' ? [report.reason] : []));
  }

  #do(output: Output): void {
    if (this.disk.isOff) return;
    if (output.kind === 'report') {
      this.reports.push(output.report);
      return;
    }
    this.trace.push(output);
    switch (output.kind) {
      case 'notify': {
        this.packetBytesMax = Math.max(this.packetBytesMax, output.packet.length);
        const message = this.#readers.get(output.link)?.push(output.packet);
        if (message !== undefined) this.#received.get(output.link)?.push(message);
        return;
      }
      case 'drop':
        this.dropped.push(output.link);
        if (this.closesDropped) this.#inputs.push({ kind: 'linkClosed', link: output.link });
        return;
      case 'advertise':
        this.adverts.push(output.scanResponse);
        return;
      case 'persist':
        this.#persist(output);
        return;
      case 'actuate':
        this.#actuate(output.order);
        return;
    }
  }

  #persist(output: Output & { readonly kind: 'persist' }): void {
    let ok = true;
    try {
      this.store.persist(output.records);
    } catch {
      ok = false;
    }
    if (!this.disk.isOff) this.#inputs.push({ kind: 'persisted', write: output.write, ok });
  }

  #actuate(order: ActuationOrder): void {
    try {
      this.disk.point();
    } catch {
      return;
    }
    this.actuations.push(order);
    const { actuator = 'succeeds' } = this.#options;
    if (actuator !== 'manual')
      this.#inputs.push({
        kind: 'actuated',
        transactionId: order.transactionId,
        ok: actuator === 'succeeds',
      });
  }
}

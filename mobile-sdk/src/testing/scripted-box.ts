/**
 * The other end of the radio port for tests of the core: a touchpoint's part of the protocol from the functions of shared, and
 * a script of what goes wrong. It stands for the port, not for the box, which has its own package.
 */
import { encodeAdvert, makeAdvert } from '@tapseal/shared/advert';
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { decodeChallenge } from '@tapseal/shared/challenge';
import type { CryptoPort, Randomness, Signer } from '@tapseal/shared/crypto-port';
import { encodeFrames, FrameReader, type Message } from '@tapseal/shared/frame';
import { sealHello, signHello } from '@tapseal/shared/hello';
import { FIRST_PREVIOUS_HASH, type ReceiptOutcome, signReceipt } from '@tapseal/shared/receipt';
import { encodeStatus, type Status } from '@tapseal/shared/status';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { verifyVoucher } from '@tapseal/shared/voucher';
import type { VoucherKey } from '@tapseal/shared/voucher-key';
import type { Connecting, LinkListener, RadioLink } from '../core/ports.js';
import type { VirtualClock } from './virtual-clock.js';

/** A moment of a tap at which the link can be dropped. */
export type DropAt = 'connect' | 'subscribed' | 'challenge' | 'hello' | 'voucher' | 'acted' | 'receipt';

const HOP_MS = 30;

export type ScriptedBoxOptions = {
  readonly clock: VirtualClock;
  readonly crypto: CryptoPort;
  readonly random: Randomness;
  readonly deviceId: string;
  readonly serverSealKey: Uint8Array;
  readonly voucherKeys: () => readonly VoucherKey[];
};

export class ScriptedBox {
  readonly id: Uint8Array;
  readonly signer: Signer;
  readonly advertKey: Uint8Array;
  mtu = 185;
  rssiDbm = -50;
  /** How long a link is held after the hello. */
  holdMs = 15_000;
  /** Each entry drops one link at that moment. */
  readonly drops: DropAt[] = [];
  /** Sent after each answer, as a bad radio might repeat it. */
  duplicates = false;
  outcome: ReceiptOutcome = 'actuated';
  manifestStatus: Status = 'manifest_installed';
  /** Other phones' receipts, to be carried along. */
  riders: Uint8Array[] = [];
  /** Receipts that come before its own, as no honest box sends them. */
  inventions: Uint8Array[] = [];
  /** Says this instead of its next answer. */
  nextStatus: Status | undefined;
  /** Answers no challenge. */
  silent = false;
  /** How many of the next messages it does not answer. */
  deaf = 0;
  readonly actuations: string[] = [];
  readonly vouchersSeen: Uint8Array[] = [];
  readonly manifestsSeen: Uint8Array[] = [];
  connections = 0;
  link: BoxLink | undefined;
  readonly nonces = new Map<string, number>();
  readonly used = new Set<string>();
  #receipts = 0;
  #previousHash: Uint8Array = FIRST_PREVIOUS_HASH;
  readonly options: ScriptedBoxOptions;

  constructor(options: ScriptedBoxOptions) {
    this.options = options;
    const { random, crypto } = options;
    this.id = random.randomBytes(8);
    this.signer = crypto.signer('Ed25519', random.randomBytes(32));
    this.advertKey = random.randomBytes(32);
  }

  get idHex(): string {
    return bytesToHex(this.id);
  }

  advert(): Uint8Array {
    const { crypto, random } = this.options;
    return encodeAdvert(makeAdvert(crypto, this.advertKey, random.randomBytes(8)));
  }

  drop(moment: DropAt): boolean {
    if (this.drops[0] !== moment) return false;
    this.drops.shift();
    return true;
  }

  connect(listener: LinkListener): Connecting {
    this.connections += 1;
    const link = new BoxLink(this, listener);
    return { link: link.open(), cancel: () => link.close() };
  }

  hello(challenge: Uint8Array): Uint8Array {
    const { crypto, random, clock, serverSealKey } = this.options;
    const boxNonce = random.randomBytes(16);
    this.nonces.set(bytesToHex(boxNonce), clock.nowMs());
    const signed = signHello(
      {
        touchpointId: this.id,
        boxNonce,
        challenge,
        bootCounter: 1,
        counterS: 5,
        manifestVersion: 1,
      },
      this.signer,
    );
    return sealHello(crypto, serverSealKey, signed);
  }

  /** The checks of the box in their order, as far as the tests reach them. */
  judge(bytes: Uint8Array): Status | Uint8Array {
    const { crypto, clock, voucherKeys } = this.options;
    this.vouchersSeen.push(bytes);
    const voucher = verifyVoucher(crypto, bytes, voucherKeys());
    const transaction = bytesToHex(voucher.transactionId);
    if (!equalBytes(voucher.touchpointId, this.id)) return 'voucher_wrong_touchpoint';
    if (this.used.has(transaction)) return 'voucher_used';
    const nonce = bytesToHex(voucher.boxNonce);
    const madeMs = this.nonces.get(nonce);
    if (madeMs === undefined || clock.nowMs() - madeMs > 60_000) return 'voucher_nonce_unknown';
    this.nonces.delete(nonce);
    this.used.add(transaction);
    this.actuations.push(transaction);
    return this.receiptOf(voucher.transactionId, crypto.sha256(bytes));
  }

  receiptOf(transactionId: Uint8Array, voucherHash: Uint8Array): Uint8Array {
    this.#receipts += 1;
    const receipt = signReceipt(
      {
        touchpointId: this.id,
        transactionId,
        voucherHash,
        outcome: this.outcome,
        counter: this.#receipts,
        previousHash: this.#previousHash,
      },
      this.signer,
    );
    this.#previousHash = this.options.crypto.sha256(receipt);
    return receipt;
  }
}

export class BoxLink implements RadioLink {
  readonly mtu: number;
  readonly #box: ScriptedBox;
  readonly #listener: LinkListener;
  readonly #frames = new FrameReader();
  #state: 'connecting' | 'open' | 'closed' = 'connecting';
  #cancelHold = (): void => {};
  #lastCommandMs = -1;

  constructor(box: ScriptedBox, listener: LinkListener) {
    this.#box = box;
    this.#listener = listener;
    this.mtu = box.mtu;
  }

  async open(): Promise<RadioLink> {
    const { clock } = this.#box.options;
    await clock.wait(HOP_MS * 3);
    if (this.#box.drop('connect')) await this.close();
    this.#check();
    if (this.#box.link !== undefined) throw lost('the box serves another phone');
    this.#box.link = this;
    this.#listener.onStep('connected');
    await clock.wait(HOP_MS * 2);
    this.#check();
    this.#state = 'open';
    this.#listener.onStep('discovered');
    if (this.#box.drop('subscribed')) clock.later(1, () => void this.close());
    return this;
  }

  async write(packet: Uint8Array, options: { withResponse: boolean }): Promise<void> {
    const { clock } = this.#box.options;
    this.#check();
    if (packet.length > this.mtu - 3) throw new Error('packet longer than the MTU allows');
    if (options.withResponse) await clock.wait(HOP_MS);
    // Boxes may drop commands that come faster than they are read (Bluetooth Core, Vol 3 Part F §3.3.2).
    else if (clock.nowMs() === this.#lastCommandMs) return;
    else this.#lastCommandMs = clock.nowMs();
    clock.later(HOP_MS, () => this.#take(packet));
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#cancelHold();
    if (this.#box.link === this) this.#box.link = undefined;
    this.#listener.onClosed();
  }

  #check(): void {
    if (this.#state === 'closed') throw lost('link');
  }

  #take(packet: Uint8Array): void {
    if (this.#state !== 'open') return;
    const message = this.#frames.push(packet);
    if (message !== undefined) this.#answer(message);
  }

  #answer(message: Message): void {
    const box = this.#box;
    if (box.deaf > 0) {
      box.deaf -= 1;
      return;
    }
    const status = box.nextStatus;
    if (status !== undefined) {
      box.nextStatus = undefined;
      this.#notify({ type: 'status', body: encodeStatus(status) });
      return;
    }
    if (message.type === 'challenge') {
      if (box.silent) return;
      if (box.drop('challenge')) return void this.close();
      this.#notify({ type: 'hello', body: box.hello(decodeChallenge(message.body)) });
      this.#cancelHold();
      this.#cancelHold = box.options.clock.later(box.holdMs + HOP_MS, () => void this.close());
      if (box.drop('hello')) box.options.clock.later(HOP_MS + 1, () => void this.close());
    } else if (message.type === 'manifest') {
      box.manifestsSeen.push(message.body);
      this.#notify({ type: 'status', body: encodeStatus(box.manifestStatus) });
    } else if (message.type === 'voucher') {
      this.#cancelHold();
      if (box.drop('voucher')) return void this.close();
      const verdict = box.judge(message.body);
      if (typeof verdict === 'string') {
        this.#notify({ type: 'status', body: encodeStatus(verdict) });
        return;
      }
      if (box.drop('acted')) return void this.close();
      for (const invention of box.inventions.splice(0)) this.#notify({ type: 'receipt', body: invention });
      this.#notify({ type: 'receipt', body: verdict });
      for (const rider of box.riders.splice(0)) this.#notify({ type: 'receipt', body: rider });
      if (box.drop('receipt')) box.options.clock.later(HOP_MS + 1, () => void this.close());
    }
  }

  #notify(message: Message): void {
    const { clock } = this.#box.options;
    const packets = encodeFrames(message, this.mtu);
    clock.later(HOP_MS, () => {
      for (const packet of packets) if (this.#state === 'open') this.#listener.onPacket(packet);
      if (!this.#box.duplicates) return;
      for (const packet of packets) if (this.#state === 'open') this.#listener.onPacket(packet);
    });
  }
}

function lost(detail: string): TapsealError {
  return new TapsealError('link_lost', detail);
}

/**
 * The touchpoint as a state machine (docs/protocol.md §7): input and monotonic time in, outputs out, nothing else. It does
 * no I/O, asks no clock, and with the same randomness repeats itself exactly.
 *
 * The one order that matters: a voucher's transaction is durable as used, then the actuator acts, then the receipt is
 * durable, then the phone is told (property 3).
 */
import { advertisingData, makeAdvert, scanResponseData } from '@tapseal/shared/advert';
import { ADVERT_NONCE_BYTES } from '@tapseal/shared/bounds';
import { bytesToHex } from '@tapseal/shared/bytes';
import { decodeChallenge } from '@tapseal/shared/challenge';
import type { CryptoPort, PublicKey, Signer } from '@tapseal/shared/crypto-port';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { encodeFrames, type Message, type MessageType } from '@tapseal/shared/frame';
import { sealHello, signHello } from '@tapseal/shared/hello';
import { encodeStatus, type Status } from '@tapseal/shared/status';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import type { Voucher } from '@tapseal/shared/voucher';
import { BoxNonces } from './box-nonces.js';
import type { DurableRecord, DurableState, PendingVoucher } from './durable-state.js';
import { type InstalledManifest, openManifest, openNewerManifest } from './installed-manifest.js';
import { ADVERT_NONCE_MS_MAX, HELLOS_PER_LINK_MAX } from './link-bounds.js';
import { LinkSession } from './link-session.js';
import { type AfterWrite, PendingWrites } from './pending-writes.js';
import { ReceiptChain, receiptsToCarry } from './receipt-chain.js';
import { Rotation } from './rotation.js';
import type { ActuationOrder, DropReason, Input, LinkId, Output, Report } from './step.js';
import { checkVoucher, type VoucherTrust } from './voucher-checks.js';

export type TouchpointOptions = {
  readonly crypto: CryptoPort;
  /** The box's own Ed25519 key. */
  readonly signer: Signer;
  /** 8 bytes. */
  readonly touchpointId: Uint8Array;
  /** Of the enrolment. */
  readonly programme: string;
  /** Ed25519, of the root certificate of the enrolment. */
  readonly rootKey: PublicKey;
  readonly allows: VoucherTrust['allows'];
  readonly holdMs: number;
  /** As replayed from the store; the touchpoint owns it from here on. */
  readonly state: DurableState;
};

type Work = {
  readonly link: LinkId;
  readonly order: ActuationOrder;
  readonly voucher: PendingVoucher;
};

export class Touchpoint {
  readonly #options: TouchpointOptions;
  readonly #state: DurableState;
  readonly #nonces: BoxNonces;
  readonly #chain: ReceiptChain;
  readonly #rotation: Rotation;
  readonly #links = new Map<LinkId, LinkSession>();
  /** Accepted and not finished, by transaction id. */
  readonly #work = new Map<string, Work>();
  readonly #writes: PendingWrites;
  #manifest: InstalledManifest;
  #advertMs: number | undefined;
  #isReady = false;
  #isFaulty = false;
  #outputs: Output[] = [];

  /** @throws TapsealError as openManifest, if the stored manifest is not that of the root and the programme */
  constructor(options: TouchpointOptions, nowMs: number) {
    this.#options = options;
    this.#state = options.state;
    this.#writes = new PendingWrites(options.state);
    this.#nonces = new BoxNonces(options.crypto);
    this.#chain = new ReceiptChain(
      { hashing: options.crypto, signer: options.signer },
      options.touchpointId,
      options.state,
    );
    this.#rotation = new Rotation(options.crypto, options.state, nowMs);
    this.#manifest = openManifest(options.state.manifest, options);
  }

  /** When `timerDue` is wanted at the latest; Infinity for never. */
  get wakeMs(): number {
    let wakeMs = this.#isReady ? this.#rotation.nextEpochMs : Number.POSITIVE_INFINITY;
    if (this.#advertMs !== undefined) wakeMs = Math.min(wakeMs, this.#advertMs + ADVERT_NONCE_MS_MAX);
    for (const session of this.#links.values()) wakeMs = Math.min(wakeMs, session.deadlineMs);
    return wakeMs;
  }

  /** True while a transaction is used and its receipt not yet durable. */
  get isWorking(): boolean {
    return this.#work.size > 0;
  }

  /** @param nowMs monotonic, never less than before */
  handle(input: Input, nowMs: number): Output[] {
    this.#outputs = [];
    this.#step(input, nowMs);
    return this.#outputs;
  }

  #step(input: Input, nowMs: number): void {
    switch (input.kind) {
      case 'started':
        this.#start();
        return;
      case 'linkOpened':
        this.#links.set(input.link, new LinkSession(nowMs));
        this.#advertMs = undefined;
        this.#report({ event: 'link_opened', link: input.link });
        return;
      case 'subscribed':
        this.#withLink(input.link, (session) => {
          session.isSubscribed = true;
        });
        return;
      case 'mtuChanged':
        this.#withLink(input.link, (session) => {
          session.mtu = input.mtu;
        });
        return;
      case 'packetReceived':
        // A timer may be late; a link is over at its deadline whoever notices first.
        this.#dropOverdue(nowMs);
        this.#withLink(input.link, (session) => this.#receive(input.link, session, input.packet, nowMs));
        return;
      case 'linkClosed':
        if (!this.#links.delete(input.link)) return;
        this.#report({ event: 'link_closed', link: input.link });
        this.#advertise(nowMs);
        return;
      case 'timerDue':
        this.#dropOverdue(nowMs);
        this.#keepAdvertFresh(nowMs);
        return;
      case 'persisted':
        this.#writes.end(input.write, input.ok, nowMs);
        return;
      case 'actuated':
        this.#finish(input.transactionId, input.ok);
        return;
    }
  }

  /** Counts the boot, and accounts for vouchers whose actuation a power cut may have interrupted. */
  #start(): void {
    const interrupted = [...this.#state.pending.values()];
    const records: DurableRecord[] = [
      this.#rotation.record,
      { kind: 'boot', bootCounter: this.#state.bootCounter + 1 },
      ...interrupted.map((voucher) => this.#chain.next(voucher, 'interrupted')),
    ];
    this.#persist(records, (ok, nowMs) => {
      if (!ok) return this.#fault();
      for (const { transactionId } of interrupted)
        this.#report({ event: 'interrupted', transactionId: bytesToHex(transactionId) });
      this.#isReady = true;
      this.#advertise(nowMs);
    });
  }

  #receive(link: LinkId, session: LinkSession, packet: Uint8Array, nowMs: number): void {
    if (session.isDropped) return;
    // Nobody would hear the answer.
    if (!session.isSubscribed) {
      this.#drop(link, session, 'not subscribed', nowMs);
      return;
    }
    let message: Message | undefined;
    try {
      message = session.receive(packet, nowMs);
    } catch (error) {
      this.#refuse(link, 'frame', error, nowMs);
      return;
    }
    if (message === undefined) return;
    try {
      this.#serve(link, session, message, nowMs);
    } catch (error) {
      this.#refuse(link, message.type, error, nowMs);
    }
  }

  #serve(link: LinkId, session: LinkSession, message: Message, nowMs: number): void {
    switch (message.type) {
      case 'challenge':
        this.#greet(link, session, message.body, nowMs);
        return;
      case 'voucher':
        this.#accept(link, session, message.body, nowMs);
        return;
      case 'manifest':
        this.#install(link, message.body);
        return;
      case 'hello':
      case 'receipt':
      case 'status':
        throw new TapsealError('message_unexpected', message.type);
    }
  }

  #greet(link: LinkId, session: LinkSession, body: Uint8Array, nowMs: number): void {
    const challenge = decodeChallenge(body);
    if (this.#manifest.isRevoked) throw new TapsealError('touchpoint_revoked');
    if (this.#isFaulty) throw new TapsealError('storage_failed');
    if (session.hellos >= HELLOS_PER_LINK_MAX) {
      this.#drop(link, session, 'too many hellos', nowMs);
      return;
    }
    const { crypto, signer, touchpointId, holdMs } = this.#options;
    const signed = signHello(
      {
        touchpointId,
        boxNonce: this.#nonces.issue(nowMs),
        challenge,
        bootCounter: this.#state.bootCounter,
        counterS: this.#rotation.counterS(nowMs),
        manifestVersion: this.#manifest.version,
      },
      signer,
    );
    this.#notify(link, { type: 'hello', body: sealHello(crypto, this.#manifest.sealKey, signed) }, nowMs);
    session.greeted(nowMs, holdMs);
    this.#report({ event: 'hello', link });
  }

  #install(link: LinkId, body: Uint8Array): void {
    const manifest = openNewerManifest(body, this.#options, this.#manifest);
    this.#persist([{ kind: 'manifest', manifest: body }], (ok, nowMs) => {
      if (!ok) return this.#failStorage(link, 'manifest', nowMs);
      // Another link may have installed a newer one meanwhile.
      if (manifest.version > this.#manifest.version) this.#manifest = manifest;
      this.#report({ event: 'manifest_installed', version: manifest.version });
      this.#notifyStatus(link, 'manifest_installed', nowMs);
      this.#links.get(link)?.manifestInstalled(nowMs);
    });
  }

  #accept(link: LinkId, session: LinkSession, body: Uint8Array, nowMs: number): void {
    if (this.#isFaulty) throw new TapsealError('storage_failed');
    const voucher = checkVoucher(body, this.#trust(nowMs));
    // Consumed before the record is durable: should that fail, the voucher is spoilt and nothing was given.
    this.#nonces.consume(voucher.boxNonce);
    const work = this.#workOf(link, voucher, body);
    const { order } = work;
    this.#work.set(order.transactionId, work);
    session.voucherAccepted();
    const used: DurableRecord = {
      kind: 'used',
      ...work.voucher,
      serverTimeS: voucher.serverTimeS,
      receiptsThrough: voucher.receiptsThrough,
    };
    this.#persist([used], (ok, durableMs) => {
      if (!ok) {
        this.#work.delete(order.transactionId);
        session.voucherDone(durableMs);
        return this.#failStorage(link, 'voucher', durableMs);
      }
      this.#report({ event: 'granted', ...order });
      this.#outputs.push({ kind: 'actuate', order });
    });
  }

  #finish(transactionId: string, ok: boolean): void {
    const work = this.#work.get(transactionId);
    if (work === undefined) return;
    const { link, order, voucher } = work;
    const outcome = ok ? 'actuated' : 'failed';
    this.#report({ event: 'actuated', ...order, outcome });
    const record = this.#chain.next(voucher, outcome);
    this.#persist([record], (durable, nowMs) => {
      this.#work.delete(transactionId);
      this.#links.get(link)?.voucherDone(nowMs);
      // Told before it is durable, the receipt could meet another with its counter after a power cut.
      if (!durable) return this.#failStorage(link, 'voucher', nowMs);
      this.#notify(link, { type: 'receipt', body: record.receipt }, nowMs);
      for (const receipt of receiptsToCarry(this.#state, record.counter))
        this.#notify(link, { type: 'receipt', body: receipt }, nowMs);
      // Last, because phones stop at the first status.
      if (!ok) this.#notifyStatus(link, 'actuation_failed', nowMs);
    });
  }

  #workOf(link: LinkId, voucher: Voucher, signed: Uint8Array): Work {
    return {
      link,
      order: {
        transactionId: bytesToHex(voucher.transactionId),
        action: voucher.action,
        amountMinor: voucher.amountMinor,
      },
      voucher: {
        transactionId: voucher.transactionId,
        voucherHash: this.#options.crypto.sha256(signed),
      },
    };
  }

  #trust(nowMs: number): VoucherTrust {
    return {
      verifying: this.#options.crypto,
      keys: this.#manifest.voucherKeys,
      touchpointId: this.#options.touchpointId,
      isTouchpointRevoked: this.#manifest.isRevoked,
      isTransactionUsed: (id) => this.#state.used.has(id) || this.#work.has(id),
      isNonceOutstanding: (nonce) => this.#nonces.isOutstanding(nonce, nowMs),
      serverTimeS: this.#state.serverTimeS,
      allows: this.#options.allows,
    };
  }

  #advertise(nowMs: number): void {
    if (!this.#isReady || this.#isFaulty || this.#links.size > 0) return;
    const { crypto } = this.#options;
    const advert = makeAdvert(crypto, this.#rotation.key, crypto.randomBytes(ADVERT_NONCE_BYTES));
    this.#advertMs = nowMs;
    this.#outputs.push({
      kind: 'advertise',
      advertisingData: advertisingData(),
      scanResponse: scanResponseData(advert),
    });
    this.#report({ event: 'advertising', epoch: this.#rotation.epoch });
  }

  #keepAdvertFresh(nowMs: number): void {
    if (!this.#isReady) return;
    if (this.#rotation.advance(nowMs)) {
      this.#persist([this.#rotation.record], (ok, durableMs) =>
        ok ? this.#advertise(durableMs) : this.#fault(),
      );
      return;
    }
    if (this.#advertMs !== undefined && nowMs >= this.#advertMs + ADVERT_NONCE_MS_MAX) this.#advertise(nowMs);
  }

  #dropOverdue(nowMs: number): void {
    for (const [link, session] of this.#links) {
      if (nowMs >= session.deadlineMs) this.#drop(link, session, session.dropReason, nowMs);
    }
  }

  #drop(link: LinkId, session: LinkSession, reason: DropReason, nowMs: number): void {
    if (!session.isDropped) {
      this.#report({ event: 'link_dropped', link, reason });
      this.#notifyStatus(link, 'link_dropped', nowMs);
    }
    session.dropped(nowMs);
    this.#outputs.push({ kind: 'drop', link });
  }

  #refuse(link: LinkId, message: MessageType | 'frame', error: unknown, nowMs: number): void {
    const code: ErrorCode = isTapsealError(error) ? error.code : 'internal_error';
    this.#report({ event: 'refused', message, code });
    this.#notifyStatus(link, code, nowMs);
  }

  /** After a failed write nobody knows what the card holds: the box stops giving, and a restart reads it afresh. */
  #failStorage(link: LinkId, message: MessageType, nowMs: number): void {
    this.#refuse(link, message, new TapsealError('storage_failed'), nowMs);
    this.#fault();
  }

  #fault(): void {
    this.#isFaulty = true;
    this.#advertMs = undefined;
    this.#report({ event: 'fault', code: 'storage_failed' });
  }

  #notifyStatus(link: LinkId, status: Status, nowMs: number): void {
    this.#notify(link, { type: 'status', body: encodeStatus(status) }, nowMs);
  }

  #notify(link: LinkId, message: Message, nowMs: number): void {
    const session = this.#links.get(link);
    if (session === undefined || !session.isSubscribed || session.isDropped) return;
    for (const packet of encodeFrames(message, session.mtu))
      this.#outputs.push({ kind: 'notify', link, packet });
    session.answered(nowMs);
  }

  #persist(records: readonly DurableRecord[], then: AfterWrite): void {
    this.#outputs.push(this.#writes.begin(records, then));
  }

  #withLink(link: LinkId, act: (session: LinkSession) => void): void {
    const session = this.#links.get(link);
    if (session !== undefined) act(session);
  }

  #report(report: Report): void {
    this.#outputs.push({ kind: 'report', report });
  }
}

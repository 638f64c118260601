/** The body of a phone: commands a raw-phone-main process, and reads what the boxes answer. */
import { bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import { encodeFrames, FrameReader, type Message, type MessageType } from '@tapseal/shared/frame';
import { decodeReceipt } from '@tapseal/shared/receipt';
import { decodeStatus } from '@tapseal/shared/status';
import { decodeVoucher } from '@tapseal/shared/voucher';
import type { JsonLine, JsonLinesProcess } from '../fleet/json-lines-process.js';

/** A packet may be lost on the way to a connection; an app tries again, too. */
const CONNECT_TRIES = 8;
/** For the desperate case. */
const WAIT_MS_MAX = 25_000;

function hexBytes(text: unknown): Uint8Array {
  const bytes = hexToBytes(String(text), String(text).length / 2);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${String(text)}`);
  return bytes;
}

function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${WAIT_MS_MAX} ms`)), WAIT_MS_MAX);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export class RawLink {
  readonly mtu: number;
  /** Resolves when the link is down, whoever ended it. */
  readonly closed: Promise<void>;
  readonly #phone: RawPhone;
  readonly #frames = new FrameReader();
  readonly #messages: Message[] = [];
  #wake: () => void = () => {};
  #setClosed: () => void = () => {};
  #isClosed = false;
  readonly carried: Uint8Array[] = [];
  /** How many packets each notified message took. */
  readonly packetsOf: number[] = [];
  #packets = 0;

  constructor(phone: RawPhone, mtu: number) {
    this.#phone = phone;
    this.mtu = mtu;
    this.closed = new Promise((resolve) => {
      this.#setClosed = resolve;
    });
  }

  onLine(line: JsonLine): void {
    if (line.event === 'closed') {
      this.#isClosed = true;
      this.#setClosed();
    } else if (line.event === 'packet') {
      this.#packets += 1;
      const message = this.#frames.push(hexBytes(line.hex));
      if (message === undefined) return;
      this.#messages.push(message);
      this.packetsOf.push(this.#packets);
      this.#packets = 0;
    }
    this.#wake();
  }

  /** The next message that the box notifies. @throws Error where the link ends without one */
  async next(): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#isClosed) throw new Error(`${this.#phone.name}: the link has ended`);
      await within(
        new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
        `message for ${this.#phone.name}`,
      );
    }
  }

  /** One packet as it is. */
  packet(bytes: Uint8Array, withResponse = true): Promise<void> {
    return this.#phone.write(bytes, withResponse);
  }

  /** A message in as many packets as the MTU asks for. */
  async send(type: MessageType, body: Uint8Array, withResponse = true): Promise<void> {
    for (const packet of encodeFrames({ type, body }, this.mtu)) await this.packet(packet, withResponse);
  }

  /**
   * Sends a message, and takes the answer: the body of a hello or of the receipt for this voucher, or the status in words.
   * Receipts of other taps, which the box hands over whenever it can, go to `carried`.
   */
  async ask(type: MessageType, body: Uint8Array): Promise<Reply> {
    const answer = this.#answerTo(type === 'voucher' ? transactionOf(body) : undefined);
    // Its rejection is seen below, after that of the writing.
    answer.catch(() => {});
    await this.send(type, body);
    return answer;
  }

  async #answerTo(transactionId: string | undefined): Promise<Reply> {
    for (;;) {
      const message = await this.next();
      if (message.type !== 'receipt') return replyOf(message);
      const { receipt } = decodeReceipt(message.body);
      if (bytesToHex(receipt.transactionId) === transactionId) return replyOf(message);
      this.carried.push(message.body);
    }
  }

  /** Waits until the box has handed over so many receipts of other taps. */
  async carries(count: number): Promise<readonly Uint8Array[]> {
    while (this.carried.length < count) {
      const message = await this.next();
      if (message.type !== 'receipt') throw new Error(`a ${message.type} among the receipts`);
      this.carried.push(message.body);
    }
    return this.carried;
  }

  /** As ask, for what must be answered with a status. */
  async statusOf(type: MessageType, body: Uint8Array): Promise<string> {
    const reply = await this.ask(type, body);
    if (reply.status === undefined) throw new Error(`answered with a ${reply.type}`);
    return reply.status;
  }

  async hello(challenge: Uint8Array): Promise<Uint8Array> {
    const reply = await this.ask('challenge', challenge);
    if (reply.type !== 'hello') throw new Error(`no hello, but ${reply.status ?? reply.type}`);
    return reply.body;
  }

  async receipt(voucher: Uint8Array): Promise<Uint8Array> {
    const reply = await this.ask('voucher', voucher);
    if (reply.type !== 'receipt') throw new Error(`no receipt, but ${reply.status ?? reply.type}`);
    return reply.body;
  }

  async close(): Promise<void> {
    if (!this.#isClosed) this.#phone.command({ do: 'close' });
    await within(this.closed, `end of the link of ${this.#phone.name}`);
  }
}

/** Of a voucher that may be altered beyond reading. */
function transactionOf(voucher: Uint8Array): string | undefined {
  try {
    return bytesToHex(decodeVoucher(voucher).voucher.transactionId);
  } catch {
    return undefined;
  }
}

export type Reply = {
  readonly type: MessageType;
  readonly body: Uint8Array;
  /** Of a status. */
  readonly status: string | undefined;
};

export function replyOf(message: Message): Reply {
  return { ...message, status: message.type === 'status' ? decodeStatus(message.body) : undefined };
}

export class RawPhone {
  readonly name: string;
  readonly process: JsonLinesProcess;
  readonly #adverts = new Map<string, Uint8Array | undefined>();
  readonly #sighted = new Set<() => void>();
  readonly #replies: ((line: JsonLine) => void)[] = [];
  #link: RawLink | undefined;
  #linkLines: JsonLine[] = [];

  constructor(process: JsonLinesProcess) {
    this.process = process;
    this.name = process.label;
    process.onLine((line) => this.#onLine(line));
    this.command({ do: 'scan' });
  }

  command(command: Readonly<Record<string, unknown>>): void {
    this.process.write(JSON.stringify(command));
  }

  #onLine(line: JsonLine): void {
    switch (line.event) {
      case 'sighting':
        this.#adverts.set(String(line.deviceId), line.advert === null ? undefined : hexBytes(line.advert));
        for (const wake of this.#sighted) wake();
        return;
      case 'packet':
      case 'closed':
        if (this.#link === undefined) this.#linkLines.push(line);
        else this.#link.onLine(line);
        return;
      case 'linked':
        this.#link = new RawLink(this, Number(line.mtu));
        for (const early of this.#linkLines.splice(0)) this.#link.onLine(early);
        this.#replies.shift()?.(line);
        return;
      case 'written':
      case 'error':
        this.#replies.shift()?.(line);
        return;
    }
  }

  #ask(command: Readonly<Record<string, unknown>>): Promise<JsonLine> {
    const reply = new Promise<JsonLine>((resolve) => this.#replies.push(resolve));
    this.command(command);
    return within(reply, `answer of ${this.name} to ${String(command.do)}`);
  }

  /** Waits until it holds for what the phone has seen of a device; what was seen before counts. */
  async sees(
    deviceId: string,
    fits: (advert: Uint8Array | undefined) => boolean = () => true,
  ): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#adverts.has(deviceId) && fits(this.#adverts.get(deviceId)))
        return this.#adverts.get(deviceId);
      let wake: () => void = () => {};
      const sighting = new Promise<void>((resolve) => {
        wake = resolve;
        this.#sighted.add(wake);
      });
      await within(sighting, `sighting of ${deviceId} by ${this.name}`).finally(() =>
        this.#sighted.delete(wake),
      );
    }
  }

  /** Ends the link before, if a test that failed has left one. */
  async connect(deviceId: string, options: { readonly deaf?: boolean } = {}): Promise<RawLink> {
    await this.#link?.close();
    await this.sees(deviceId);
    const failures: string[] = [];
    for (let tries = 1; ; tries++) {
      this.#link = undefined;
      this.#linkLines = [];
      const line = await this.#ask({ do: options.deaf === true ? 'connect-deaf' : 'connect', deviceId });
      const link: RawLink | undefined = this.#link;
      if (line.event === 'linked' && link !== undefined) return link;
      failures.push(String(line.cause));
      if (tries === CONNECT_TRIES) throw new Error(`${this.name} cannot connect:\n${failures.join('\n')}`);
    }
  }

  async write(bytes: Uint8Array, withResponse: boolean): Promise<void> {
    const line = await this.#ask({ do: 'write', hex: bytesToHex(bytes), withResponse });
    if (line.event !== 'written') throw new Error(`${this.name} cannot write: ${String(line.code)}`);
  }
}

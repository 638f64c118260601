/** Messages over one radio link (docs/protocol.md §4): frames out, frames in, one reader. The peer is not trusted. */
import { encodeFrames, FrameReader, type Message } from '@tapseal/shared/frame';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { LinkStep, Radio, RadioLink } from './ports.js';
import { asTapsealError, type Scope } from './scope.js';

/** More messages than a tap has: a peer that floods is cut off. */
const MESSAGES_QUEUED_MAX = 32;

export class Link {
  readonly #frames = new FrameReader();
  readonly #queue: Message[] = [];
  #radio: RadioLink | undefined;
  #error: TapsealError | undefined;
  #reader: { resolve(message: Message): void; reject(error: TapsealError): void } | undefined;

  private constructor() {}

  /** @throws TapsealError link_lost, adapter_…, or why the scope has ended */
  static async open(
    radio: Radio,
    deviceId: string,
    scope: Scope,
    timeoutMs: number,
    onStep: (step: LinkStep) => void,
  ): Promise<Link> {
    scope.check();
    const link = new Link();
    const connecting = radio.connect(deviceId, {
      onStep,
      onPacket: (packet) => link.#take(packet),
      onClosed: () => link.#fail(new TapsealError('link_lost')),
    });
    try {
      link.#radio = await scope.within(connecting.link, timeoutMs, 'link_lost');
      return link;
    } catch (thrown) {
      await connecting.cancel();
      throw thrown;
    }
  }

  get isOpen(): boolean {
    return this.#error === undefined;
  }

  /**
   * A message of one packet goes as a command, which saves the answer to it: what the box notifies confirms it. Fragments are
   * confirmed one by one, because a box may drop commands that come too fast.
   * @throws TapsealError link_lost
   */
  async send(message: Message): Promise<void> {
    const radio = this.#radio;
    if (radio === undefined || this.#error !== undefined) throw this.#error ?? new TapsealError('link_lost');
    const packets = encodeFrames(message, radio.mtu);
    for (const packet of packets) await radio.write(packet, { withResponse: packets.length > 1 });
  }

  /** The next message. One reader at a time. @throws TapsealError link_lost, message_malformed, message_too_long */
  receive(): Promise<Message> {
    const message = this.#queue.shift();
    if (message !== undefined) return Promise.resolve(message);
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  async close(): Promise<void> {
    this.#fail(new TapsealError('link_lost', 'closed'));
    await this.#radio?.close();
  }

  #take(packet: Uint8Array): void {
    if (this.#error !== undefined) return;
    try {
      const message = this.#frames.push(packet);
      if (message === undefined) return;
      const reader = this.#reader;
      this.#reader = undefined;
      if (reader !== undefined) reader.resolve(message);
      else if (this.#queue.push(message) > MESSAGES_QUEUED_MAX) throw new TapsealError('message_unexpected');
    } catch (thrown) {
      this.#fail(asTapsealError(thrown));
      this.#radio?.close();
    }
  }

  #fail(error: TapsealError): void {
    this.#error ??= error;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(this.#error);
  }
}

/**
 * Carries receipts to the server: the phone's own, and those of others that a box handed along. Each is stored first, so
 * that it survives a lost network and a crash. The phone cannot verify them, having no keys of boxes: the server does.
 */
import { RECEIPTS_POSTED_MAX } from '@tapseal/shared/bounds';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import type { Hashing } from '@tapseal/shared/crypto-port';
import { BackgroundLoop } from './background-loop.js';
import type { Clock, Outbox, OutboxReceipt } from './ports.js';
import { isWorthRepeating } from './retry.js';
import { asTapsealError } from './scope.js';
import type { Server } from './server.js';

export type ReceiptsDeps = {
  readonly clock: Clock;
  readonly crypto: Pick<Hashing, 'sha256'>;
  readonly outbox: Outbox;
  readonly server: Pick<Server, 'postReceipts'>;
  readonly programme: string;
  onProgress(progress: { readonly delivered: number; readonly waiting: number }): void;
};

export class Receipts {
  readonly #deps: ReceiptsDeps;
  readonly #loop: BackgroundLoop;

  constructor(deps: ReceiptsDeps) {
    this.#deps = deps;
    this.#loop = new BackgroundLoop(deps.clock, () => this.#deliver());
  }

  /** Also delivers what earlier runs of the app left behind. */
  start(): void {
    this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Settles when the receipts are durable; they are delivered later. */
  async keep(receipts: readonly Uint8Array[]): Promise<void> {
    const { crypto, outbox, programme } = this.#deps;
    for (const receipt of receipts) {
      await outbox.put({
        kind: 'receipt',
        id: bytesToHex(crypto.sha256(receipt)),
        programme,
        receipt: bytesToBase64url(receipt),
      });
    }
    if (receipts.length > 0) this.#loop.kick();
  }

  async #deliver(): Promise<boolean> {
    const { outbox, programme } = this.#deps;
    const waiting = (await outbox.list()).filter(
      (entry): entry is OutboxReceipt => entry.kind === 'receipt' && entry.programme === programme,
    );
    if (waiting.length === 0) return true;
    let delivered = 0;
    for (let at = 0; at < waiting.length; at += RECEIPTS_POSTED_MAX) {
      delivered += await this.#post(waiting.slice(at, at + RECEIPTS_POSTED_MAX));
    }
    this.#deps.onProgress({ delivered, waiting: waiting.length - delivered });
    return delivered === waiting.length;
  }

  /** @returns how many the server has judged; a receipt it will not have is dropped, since no repetition changes that */
  async #post(batch: readonly OutboxReceipt[]): Promise<number> {
    const { outbox, server } = this.#deps;
    try {
      const results = await server.postReceipts(batch.map((entry) => entry.receipt));
      let judged = 0;
      for (const [i, entry] of batch.entries()) {
        const result = results[i];
        if (result === undefined || (!result.stored && mayChange(result.code))) continue;
        await outbox.delete('receipt', entry.id);
        judged++;
      }
      return judged;
    } catch (thrown) {
      const error = asTapsealError(thrown);
      if (isWorthRepeating(error) || error.code === 'server_answer_invalid') return 0;
      const [only] = batch;
      if (batch.length === 1 && only !== undefined) {
        await outbox.delete('receipt', only.id);
        return 1;
      }
      // One receipt spoils the batch: each is sent alone, so that the others arrive.
      let judged = 0;
      for (const entry of batch) judged += await this.#post([entry]);
      return judged;
    }
  }
}

function mayChange(code: string | undefined): boolean {
  return code === undefined || code === 'internal_error' || code === 'server_busy' || code === 'rate_limited';
}

/**
 * Carries a voucher to its box and waits for the receipt (docs/protocol.md §4, §6.7). A link that dies on the way is made
 * again and the same voucher is written again: the box acts once for a transaction, whatever arrives how often.
 */
import { RECEIPTS_CARRIED_MAX } from '@tapseal/shared/bounds';
import { equalBytes } from '@tapseal/shared/bytes';
import type { Message } from '@tapseal/shared/frame';
import { decodeReceipt, type ReceiptOutcome } from '@tapseal/shared/receipt';
import { decodeStatus } from '@tapseal/shared/status';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { LINK_RETRY_MS, MANIFEST_STATUS_MS_MAX, RECEIPT_MS_MAX, RIDER_MS_MAX } from './limits.js';
import type { Link } from './link.js';
import type { Clock, PhoneCrypto } from './ports.js';
import type { Grant } from './redeem.js';
import { asTapsealError, type Scope } from './scope.js';

export type Delivery =
  /** The box's receipt for this voucher. The phone has no key of the box: the server verifies it. */
  | { readonly type: 'receipt'; readonly outcome: ReceiptOutcome }
  /** The box remembers that it acted; the receipt was lost on the way and comes with another phone. */
  | { readonly type: 'already' };

export type DeliverDeps = {
  readonly clock: Clock;
  readonly crypto: Pick<PhoneCrypto, 'sha256'>;
  /** The link at hand, or a new one. */
  openLink(): Promise<Link>;
  closeLink(): Promise<void>;
  /** Before the first byte of the voucher leaves. */
  onVoucherWritten(): void;
  onReceipt(receipt: Uint8Array): void;
};

type Progress = {
  manifestTold: boolean;
  voucherWritten: boolean;
  /** Receipts of other taps that came before the own one. */
  others: number;
};

/**
 * @param endMs on the clock: when the box will have forgotten its nonce
 * @throws TapsealError link_lost, timed_out, the code of the box's status, or why the scope has ended
 */
export async function deliver(
  deps: DeliverDeps,
  scope: Scope,
  grant: Grant,
  endMs: number,
): Promise<Delivery> {
  const progress: Progress = {
    manifestTold: grant.manifest === undefined,
    voucherWritten: false,
    others: 0,
  };
  for (;;) {
    if (deps.clock.nowMs() >= endMs)
      throw new TapsealError(progress.voucherWritten ? 'link_lost' : 'timed_out');
    try {
      const link = await scope.within(deps.openLink());
      return await deliverOver(deps, scope, link, grant, progress);
    } catch (thrown) {
      const error = asTapsealError(thrown);
      if (scope.ended || error.code !== 'link_lost') throw error;
      await deps.closeLink();
      if (deps.clock.nowMs() + LINK_RETRY_MS >= endMs) throw error;
      await scope.sleep(LINK_RETRY_MS);
    }
  }
}

async function deliverOver(
  deps: DeliverDeps,
  scope: Scope,
  link: Link,
  grant: Grant,
  progress: Progress,
): Promise<Delivery> {
  const { manifest } = grant;
  if (manifest !== undefined && !progress.manifestTold) {
    await scope.within(link.send({ type: 'manifest', body: manifest }), MANIFEST_STATUS_MS_MAX, 'link_lost');
    await awaitManifestStatus(scope, link);
    progress.manifestTold = true;
  }
  const retried = progress.voucherWritten;
  progress.voucherWritten = true;
  deps.onVoucherWritten();
  await scope.within(link.send({ type: 'voucher', body: grant.voucherBytes }), RECEIPT_MS_MAX, 'link_lost');
  const endMs = deps.clock.nowMs() + RECEIPT_MS_MAX;
  for (;;) {
    const leftMs = Math.max(endMs - deps.clock.nowMs(), 0);
    const message = await scope.within(link.receive(), leftMs, 'timed_out');
    const delivery = readAnswer(deps, message, grant, retried, progress);
    if (delivery !== undefined) return delivery;
  }
}

/** The box judges the voucher by the manifest it has: whatever it says of this one, the voucher is tried. */
async function awaitManifestStatus(scope: Scope, link: Link): Promise<void> {
  const message = await scope.within(link.receive(), MANIFEST_STATUS_MS_MAX, 'link_lost');
  if (message.type !== 'status') throw new TapsealError('message_unexpected', message.type);
  const status = decodeStatus(message.body);
  if (status === 'link_dropped') throw new TapsealError('link_lost', 'dropped by the touchpoint');
  if (status === 'touchpoint_revoked') throw new TapsealError(status);
}

function readAnswer(
  deps: DeliverDeps,
  message: Message,
  grant: Grant,
  retried: boolean,
  progress: Progress,
): Delivery | undefined {
  if (message.type === 'receipt') {
    const { receipt } = decodeReceipt(message.body);
    const own =
      equalBytes(receipt.transactionId, grant.voucher.transactionId) &&
      equalBytes(receipt.voucherHash, deps.crypto.sha256(grant.voucherBytes));
    if (!own) progress.others += 1;
    // A false touchpoint could fill the outbox with inventions for as long as the phone waits.
    if (own || progress.others <= RECEIPTS_CARRIED_MAX) deps.onReceipt(message.body);
    return own ? { type: 'receipt', outcome: receipt.outcome } : undefined;
  }
  // A hello that crossed with a reconnection, or one sent twice, is nothing to us now.
  if (message.type !== 'status') return undefined;
  const status = decodeStatus(message.body);
  switch (status) {
    case 'manifest_installed':
    case 'manifest_older':
      return undefined;
    case 'link_dropped':
      throw new TapsealError('link_lost', 'dropped by the touchpoint');
    case 'voucher_used':
      // To a first write it means that somebody else carried this voucher before.
      if (retried) return { type: 'already' };
      throw new TapsealError(status, 'status of the touchpoint');
    default:
      throw new TapsealError(status, 'status of the touchpoint');
  }
}

/** Takes the receipts of other phones that the box hands along after the own one, until it is silent. */
export async function collectRiders(
  scope: Scope,
  link: Link,
  onReceipt: (receipt: Uint8Array) => void,
): Promise<void> {
  try {
    for (let count = 0; count < RECEIPTS_CARRIED_MAX; count++) {
      const message = await scope.within(link.receive(), RIDER_MS_MAX);
      if (message.type !== 'receipt') return;
      onReceipt(message.body);
    }
  } catch {
    // Silence or a closed link: there are no more.
  }
}

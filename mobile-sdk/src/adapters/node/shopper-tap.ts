/** One tap from the command line: find the touchpoint, wait until it is ready, read, approve, and see it through. */
import type { TapOutcome, TouchpointView } from '../../core/events.js';
import { nodeClock } from './node-clock.js';
import type { Shopper } from './shopper.js';

export type TapOnce = {
  readonly offer: string;
  readonly approveAfterMs: number;
  readonly timeoutMs: number;
};

/** Receipts that are on their way when the tap has ended: not worth more waiting than this, they are in the outbox. */
const RECEIPTS_MS_MAX = 3_000;

function matches(shopper: Shopper, view: TouchpointView): boolean {
  return shopper.touchpoint === undefined ? view.near : view.name === shopper.touchpoint;
}

/** Turns to the touchpoint that is named, or else the closest, as soon as it is known. @returns a function that ends it */
export function turnToTouchpoint(shopper: Shopper): () => void {
  const { client } = shopper;
  const candidates = client.touchpoints().filter((view) => matches(shopper, view));
  candidates.sort((a, b) => b.rssiDbm - a.rssiDbm);
  const [closest] = candidates;
  if (closest !== undefined) {
    client.select(closest.deviceId);
    return () => {};
  }
  // Without a name the client picks by itself.
  if (shopper.touchpoint === undefined) return () => {};
  const leave = client.subscribe((event) => {
    if (event.type !== 'resolved' || !matches(shopper, event.touchpoint)) return;
    leave();
    client.select(event.touchpoint.deviceId);
  });
  return leave;
}

/** Never rejects: what goes wrong is the outcome. Starts the client where it is not started. */
export async function tapOnce(shopper: Shopper, tap: TapOnce): Promise<TapOutcome> {
  const { client } = shopper;
  let receiptsOut = false;
  let settleReceipts = (): void => {};
  const receipts = new Promise<void>((resolve) => {
    settleReceipts = resolve;
  });
  const leaveReceipts = client.subscribe((event) => {
    if (event.type === 'delivered' && event.confirmed) receiptsOut = true;
    if (event.type === 'receipts' && receiptsOut && event.waiting === 0) settleReceipts();
  });
  const cancelTimeout = nodeClock.after(tap.timeoutMs, () => client.cancel());
  let read = (): void => {};
  const approved = new Promise<TapOutcome>((resolve) => {
    let cancelReading = (): void => {};
    read = () => {
      cancelReading();
      cancelReading = nodeClock.after(tap.approveAfterMs, () => {
        client.approve(tap.offer).then(resolve);
      });
    };
    const leave = client.subscribe((event) => {
      if (event.type === 'ready') read();
      if (event.type === 'delivered' || event.type === 'refused' || event.type === 'failed') {
        // One that was settled for an earlier run is not the end of this tap.
        if (event.type !== 'delivered' && event.touchpoint === undefined) return;
        cancelReading();
        leave();
        resolve(event);
      }
    });
  });
  await client.start();
  const leaveTurning = turnToTouchpoint(shopper);
  if (client.present()?.stage === 'ready') read();
  const outcome = await approved;
  leaveTurning();
  cancelTimeout();
  if (receiptsOut) {
    const cancelWait = nodeClock.after(RECEIPTS_MS_MAX, settleReceipts);
    await receipts;
    cancelWait();
  }
  leaveReceipts();
  return outcome;
}

/** The line protocol of `tapseal-shopper watch`: commands on standard input, one a line, done one after the other. */
import { createInterface } from 'node:readline';
import { VOUCHER_BYTES_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes } from '@tapseal/shared/bytes';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { carryVoucher } from './carry-voucher.js';
import { nodeClock } from './node-clock.js';
import type { Shopper } from './shopper.js';
import type { Print } from './shopper-output.js';
import { tapOnce, turnToTouchpoint } from './shopper-tap.js';

export const watchHelp = `
Commands on standard input, one a line:
  start                start scanning (done once at the beginning)
  stop                 end the tap and the scan; touchpoints in sight are forgotten
  forget               forget also where boxes keep their characteristic, as a new process would
  touchpoints          list the touchpoints in sight
  select [NAME]        turn to a touchpoint by name, or to the closest, also for another tap
  approve OFFER        approve at the touchpoint of the present tap; ends with the tap
  tap OFFER [MS]       select, wait until ready, read for MS milliseconds, approve; ends with the tap
  cancel               end the present tap; taken at once, also while another command runs
  carry VOUCHER        carry a voucher (base64url) to the touchpoint as it is, and print the answer
  quit                 stop and end; so does the end of the input
Each is answered by a line of type "done" or "error" after the events that it caused.

Example:
  printf 'tap free-coffee 2000\\nquit\\n' | tapseal-shopper watch --json --server https://127.0.0.1:8443 --programme demo --ca ca.pem --state ~/.tapseal`;

const COMMAND_CHARS_MAX = 400;
const TAP_MS_MAX = 60_000;

async function run(shopper: Shopper, words: readonly string[], print: Print): Promise<void> {
  const { client } = shopper;
  const [command, first, second] = words;
  switch (command) {
    case 'start':
      await client.start();
      return;
    case 'stop':
      await client.stop();
      print({ type: 'stopped', atMs: nodeClock.nowMs() });
      return;
    case 'forget':
      shopper.radio?.forget();
      return;
    case 'touchpoints':
      print({ type: 'touchpoints', touchpoints: client.touchpoints() });
      return;
    case 'select':
      client.select(find(shopper, first));
      return;
    case 'approve':
      if (first === undefined) throw new TapsealError('usage_invalid', 'approve OFFER');
      await client.approve(first);
      return;
    case 'tap': {
      const approveAfterMs = Number(second ?? 0);
      if (first === undefined || !Number.isSafeInteger(approveAfterMs) || approveAfterMs < 0)
        throw new TapsealError('usage_invalid', 'tap OFFER [MS]');
      await tapOnce(shopper, { offer: first, approveAfterMs, timeoutMs: approveAfterMs + TAP_MS_MAX });
      return;
    }
    case 'carry': {
      const voucher = base64urlToBytes(first ?? '', VOUCHER_BYTES_MAX);
      if (voucher === undefined || voucher.length === 0 || shopper.radio === undefined)
        throw new TapsealError('usage_invalid', 'carry VOUCHER');
      // The box serves one phone at a time, and this is one more.
      client.cancel();
      const answer = await carryVoucher(shopper.radio, find(shopper, undefined), voucher);
      print({ type: 'carried', answer });
      return;
    }
    default:
      throw new TapsealError('usage_invalid', `unknown command ${command}`);
  }
}

/** @returns the radio's name of the touchpoint. @throws TapsealError link_lost where none fits */
function find(shopper: Shopper, name: string | undefined): string {
  const wanted = name ?? shopper.touchpoint;
  const views = shopper.client.touchpoints().filter((view) => wanted === undefined || view.name === wanted);
  const [closest] = views.sort((a, b) => b.rssiDbm - a.rssiDbm);
  if (closest === undefined)
    throw new TapsealError('link_lost', wanted === undefined ? 'none in sight' : `${wanted} is not in sight`);
  return closest.deviceId;
}

/** Settles after `quit` or the end of the input. */
export async function watch(shopper: Shopper, input: NodeJS.ReadableStream, print: Print): Promise<void> {
  let queue = Promise.resolve();
  const later = (line: string, words: readonly string[]): void => {
    queue = queue.then(async () => {
      try {
        await run(shopper, words, print);
        print({ type: 'done', command: line });
      } catch (thrown) {
        const error = isTapsealError(thrown) ? thrown : new TapsealError('internal_error', String(thrown));
        print({ type: 'error', command: line, code: error.code, message: error.message });
      }
    });
  };
  later('start', ['start']);
  if (shopper.touchpoint !== undefined) {
    queue = queue.then(() => {
      turnToTouchpoint(shopper);
    });
  }
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const words = line.slice(0, COMMAND_CHARS_MAX).trim().split(/\s+/);
    if (words[0] === '') continue;
    if (words[0] === 'quit') break;
    if (words[0] === 'cancel') {
      shopper.client.cancel();
      print({ type: 'done', command: 'cancel' });
    } else later(line, words);
  }
  await queue;
}

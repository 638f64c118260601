/** A verified hello tells where the box stands: its adverts are known again. Written once a minute at most for each box. */
import type { Hello } from '@tapseal/shared/hello';
import type { ServerContext } from '../server-context.js';
import type { BoxRecord } from '../store/records.js';
import { advanceAnchor, advertWindowAt } from './advert-window.js';

const WRITTEN_EVERY_MS = 60_000;

export async function hearHello(
  context: Pick<ServerContext, 'store' | 'crypto'>,
  programme: string,
  box: BoxRecord,
  hello: Hello,
  nowMs: number,
): Promise<void> {
  const isNews =
    hello.bootCounter > box.bootCounter ||
    hello.manifestVersion > box.manifestVersion ||
    // Either way: an anchor from before the clock was set back must not stand until the clock has caught up.
    Math.abs(nowMs - box.anchor.seenAtMs) >= WRITTEN_EVERY_MS;
  if (!isNews) return;
  const anchor = advanceAnchor(context.crypto, box.anchor, hello.counterS, nowMs);
  if (anchor === undefined) return;
  await context.store.moveWindow(programme, box.id, advertWindowAt(context.crypto, anchor, nowMs), hello);
}

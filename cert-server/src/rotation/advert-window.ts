/**
 * Which rotating IDs a box may advertise now (docs/protocol.md §5). The server knows where the box stood at its last verified
 * hello and counts on from there: one epoch back, six ahead, since a box that restarts skips to its next epoch. A box that
 * was not heard for a month is unknown by advert until its next hello.
 */
import { epochAt, nextAdvertKey, rotatingIdOf } from '@tapseal/shared/advert';
import { ROTATION_PERIOD_S } from '@tapseal/shared/bounds';
import type { Hashing } from '@tapseal/shared/crypto-port';
import type { AdvertAnchor, AdvertKey, AdvertWindow, RotatingId } from '../store/records.js';

const EPOCHS_BEFORE = 1;
const EPOCHS_AHEAD = 6;
const FORGOTTEN_AFTER_MS = 30 * 86_400_000;
/** 237 days of a box's own time between two hellos: a faulty counter must not cost the server millions of hashes. */
const EPOCHS_SKIPPED_MAX = 20_000;

/** @param known a later key of the same box, where there is one: it saves the hashes from the anchor to there */
export function advertWindowAt(
  hashing: Hashing,
  anchor: AdvertAnchor,
  nowMs: number,
  known?: AdvertKey,
): AdvertWindow {
  const elapsedMs = Math.max(0, nowMs - anchor.seenAtMs);
  if (elapsedMs > FORGOTTEN_AFTER_MS) return { anchor, ids: [], refreshAtMs: undefined };
  const expected = epochAt(anchor.counterS + Math.floor(elapsedMs / 1_000));
  const first = expected - EPOCHS_BEFORE;
  const start = known !== undefined && known.epoch >= anchor.epoch && known.epoch <= first ? known : anchor;
  const ids: RotatingId[] = [];
  let { advertKey } = start;
  for (let { epoch } = start; epoch <= expected + EPOCHS_AHEAD; epoch++) {
    if (epoch >= first) {
      ids.push({ rotatingId: rotatingIdOf(hashing, advertKey), epoch, advertKey });
    }
    advertKey = nextAdvertKey(hashing, advertKey);
  }
  const nextEpochS = (expected + 1) * ROTATION_PERIOD_S - anchor.counterS;
  return { anchor, ids, refreshAtMs: anchor.seenAtMs + nextEpochS * 1_000 };
}

/** The anchor moved to a verified hello; undefined where the hello is older than the anchor, or too far ahead of it. */
export function advanceAnchor(
  hashing: Hashing,
  anchor: AdvertAnchor,
  counterS: number,
  nowMs: number,
): AdvertAnchor | undefined {
  const epoch = epochAt(counterS);
  if (counterS < anchor.counterS || epoch - anchor.epoch > EPOCHS_SKIPPED_MAX) return undefined;
  let { advertKey } = anchor;
  for (let at = anchor.epoch; at < epoch; at++) advertKey = nextAdvertKey(hashing, advertKey);
  return { epoch, advertKey, counterS, seenAtMs: nowMs };
}

/** Step 1, shape: a strict request, for the programme that it was sent to. Nothing has been looked up yet. */
import type { Sign1 } from '@tapseal/shared/cose-sign1';
import { decodeRequest, type Request } from '@tapseal/shared/request';
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** @throws TapsealError message_too_long, message_malformed, suite_unsupported */
export function readRequest(programme: string, bytes: Uint8Array): { message: Sign1; request: Request } {
  const read = decodeRequest(bytes);
  if (read.request.programme !== programme) throw new TapsealError('message_malformed', 'request: programme');
  return read;
}

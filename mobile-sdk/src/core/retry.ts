/** Repeats a request to the server while the network, and not the request, is at fault. */
import type { TapsealError } from '@tapseal/shared/tapseal-error';
import { HTTP_MS_MAX, NETWORK_RETRY_MS_MAX, NETWORK_RETRY_MS_MIN } from './limits.js';
import type { Clock } from './ports.js';
import { asTapsealError, type Scope } from './scope.js';
import { retryAfterMsOf } from './server.js';

/** True where the same bytes may succeed later: nobody has judged them yet. */
export function isWorthRepeating(error: TapsealError): boolean {
  switch (error.code) {
    case 'network_unavailable':
    case 'server_busy':
    case 'rate_limited':
    case 'internal_error':
      return true;
    default:
      return false;
  }
}

/**
 * @param totalMs when the last attempt may begin, after the first; 0 for one attempt
 * @throws TapsealError the error of the last attempt, or why the scope has ended
 */
export async function withNetworkRetries<T>(
  clock: Clock,
  scope: Scope,
  totalMs: number,
  attempt: () => Promise<T>,
): Promise<T> {
  const endMs = clock.nowMs() + totalMs;
  let delayMs = NETWORK_RETRY_MS_MIN;
  for (;;) {
    try {
      return await scope.within(attempt(), HTTP_MS_MAX, 'network_unavailable');
    } catch (thrown) {
      const error = asTapsealError(thrown);
      const waitMs = Math.max(delayMs, retryAfterMsOf(error) ?? 0);
      if (scope.ended || !isWorthRepeating(error) || clock.nowMs() + waitMs >= endMs) throw error;
      await scope.sleep(waitMs);
      delayMs = Math.min(delayMs * 2, NETWORK_RETRY_MS_MAX);
    }
  }
}

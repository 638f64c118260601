/** Exit statuses of tapseal-shopper. */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { TapOutcome } from '../../core/events.js';

export const shopperExit = {
  delivered: 0,
  internal: 1,
  usage: 2,
  refused: 3,
  failed: 4,
  adapter: 5,
  network: 6,
  text: '0 delivered (or registered), 2 wrong usage, 3 refused, 4 failed, 5 no usable Bluetooth adapter, 6 no network.',

  ofError(code: ErrorCode): number {
    if (code === 'usage_invalid') return this.usage;
    if (code === 'network_unavailable') return this.network;
    if (code === 'internal_error') return this.internal;
    return code.startsWith('adapter_') ? this.adapter : this.failed;
  },

  ofOutcome(outcome: TapOutcome): number {
    if (outcome.type === 'delivered') return this.delivered;
    return outcome.type === 'refused' ? this.refused : this.ofError(outcome.code);
  },
};

/** Step 4, the same transaction again: the same answer, for as long as the record exists. Only the phone's key gets this far. */
import { equalBytes } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Decision } from '../store/records.js';
import type { DecisionStore } from '../store/store-port.js';

/** @throws TapsealError transaction_conflict */
export function assertSameRequest(decision: Decision, requestHash: Uint8Array): void {
  if (!equalBytes(decision.requestHash, requestHash)) throw new TapsealError('transaction_conflict');
}

/** @throws TapsealError transaction_conflict */
export async function findAnswer(
  store: Pick<DecisionStore, 'findDecision'>,
  programme: string,
  transactionId: Uint8Array,
  requestHash: Uint8Array,
): Promise<Decision | undefined> {
  const recorded = await store.findDecision(programme, transactionId);
  if (recorded !== undefined) assertSameRequest(recorded.decision, requestHash);
  return recorded?.decision;
}

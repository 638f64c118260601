/** The event of an error: code, sentence and advice, and how far the tap had come. */
import type { TapsealError } from '@tapseal/shared/tapseal-error';
import type { FailedEvent } from './events.js';

export function failedEvent(
  error: TapsealError,
  rest: Omit<FailedEvent, 'type' | 'code' | 'message' | 'advice'>,
): FailedEvent {
  return { type: 'failed', code: error.code, message: error.message, advice: error.advice, ...rest };
}

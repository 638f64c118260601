/** What goes into the state machine and what comes out. The driver (src/run) turns one into the other's world. */
import type { Action } from '@tapseal/shared/action';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { MessageType } from '@tapseal/shared/frame';
import type { ReceiptOutcome } from '@tapseal/shared/receipt';
import type { DurableRecord } from './durable-state.js';

/** Names one connection; given by the radio, never reused while the box runs. */
export type LinkId = number;

export type Input =
  | { readonly kind: 'started' }
  | { readonly kind: 'linkOpened'; readonly link: LinkId }
  | { readonly kind: 'subscribed'; readonly link: LinkId }
  | { readonly kind: 'mtuChanged'; readonly link: LinkId; readonly mtu: number }
  | { readonly kind: 'packetReceived'; readonly link: LinkId; readonly packet: Uint8Array }
  | { readonly kind: 'linkClosed'; readonly link: LinkId }
  | { readonly kind: 'timerDue' }
  /** The answer to a `persist` of the same number. */
  | { readonly kind: 'persisted'; readonly write: number; readonly ok: boolean }
  /** The answer to an `actuate` of the same transaction. */
  | { readonly kind: 'actuated'; readonly transactionId: string; readonly ok: boolean };

/** What an actuator is asked to do. */
export type ActuationOrder = {
  /** 32 hexadecimal digits. */
  readonly transactionId: string;
  readonly action: Action;
  readonly amountMinor: number;
};

export type Output =
  | { readonly kind: 'notify'; readonly link: LinkId; readonly packet: Uint8Array }
  | { readonly kind: 'drop'; readonly link: LinkId }
  /** Make durable in this order, then answer with `persisted`. */
  | { readonly kind: 'persist'; readonly write: number; readonly records: readonly DurableRecord[] }
  | { readonly kind: 'actuate'; readonly order: ActuationOrder }
  | { readonly kind: 'advertise'; readonly advertisingData: Uint8Array; readonly scanResponse: Uint8Array }
  | { readonly kind: 'report'; readonly report: Report };

export type DropReason = 'silent' | 'slow' | 'held' | 'too many hellos' | 'not subscribed';

/** For logs, LEDs and tests. Holds nothing that names or links a phone. */
export type Report =
  | { readonly event: 'advertising'; readonly epoch: number }
  | { readonly event: 'link_opened'; readonly link: LinkId }
  | { readonly event: 'link_dropped'; readonly link: LinkId; readonly reason: DropReason }
  | { readonly event: 'link_closed'; readonly link: LinkId }
  | { readonly event: 'hello'; readonly link: LinkId }
  | { readonly event: 'manifest_installed'; readonly version: number }
  | ({ readonly event: 'granted' } & ActuationOrder)
  | ({ readonly event: 'actuated'; readonly outcome: ReceiptOutcome } & ActuationOrder)
  | { readonly event: 'refused'; readonly message: MessageType | 'frame'; readonly code: ErrorCode }
  | { readonly event: 'interrupted'; readonly transactionId: string }
  | { readonly event: 'fault'; readonly code: ErrorCode };

/**
 * What a screen is built on: one union of events, delivered to callbacks and to async iterators. Times are in milliseconds;
 * `atMs` is on the clock that the client was given.
 */
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { OfferView } from '@tapseal/shared/http-api';
import { EVENTS_QUEUED_MAX } from './limits.js';

/** A touchpoint as far as the phone knows it. Everything but the first three comes from resolve. */
export type TouchpointView = {
  /** The radio's name for it, for `select`. */
  readonly deviceId: string;
  readonly rssiDbm: number;
  /** Whether the signal is above the floor. */
  readonly near: boolean;
  readonly id?: string;
  readonly name?: string;
  readonly title?: string;
  readonly place?: string;
  /** Offers for this shopper; a closed one has `code` and, where it opens again, `resetsAt`. */
  readonly offers?: readonly OfferView[];
};

/** How long the stages took, as far as the tap has come. */
export type TapTimings = {
  /** From the beginning of the tap to the answer of resolve; 0 where it was known. */
  readonly resolveMs?: number;
  /** Until the radio was connected. */
  readonly connectMs?: number;
  /** Until our service was found and subscribed to. */
  readonly subscribeMs?: number;
  /** From the challenge to the hello. */
  readonly helloMs?: number;
  /** From `approve` to the answer of the server, the stored transaction and its signature included. */
  readonly redeemMs?: number;
  /** From the voucher to the receipt. */
  readonly deliverMs?: number;
  /** From `approve` to the receipt. */
  readonly approvalToReceiptMs?: number;
};

/** A refusal whose signature held. */
export type RefusalView = {
  readonly code: ErrorCode;
  readonly advice: string;
  /** The rule in words of the offer. */
  readonly rule: string;
  /** Both 0 where the rule does not count. */
  readonly used: number;
  readonly maximum: number;
  /** RFC 3339 in UTC; absent where the rule never resets. */
  readonly resetsAt?: string;
  /** base64url of the signed refusal, which the operator cannot deny. */
  readonly signed: string;
};

type Base = { readonly atMs: number };
type OfTouchpoint = Base & { readonly touchpoint: TouchpointView };
type OfTransaction = Base & {
  /** Absent where a transaction of an earlier run was settled. */
  readonly touchpoint?: TouchpointView;
  /** 32 hexadecimal digits. */
  readonly transactionId: string;
  readonly offer: string;
  readonly timings: TapTimings;
};

/** The client begins to look for touchpoints. */
export type ScanningEvent = Base & { readonly type: 'scanning' };
/** First, or with a signal that has changed much. */
export type SeenEvent = OfTouchpoint & { readonly type: 'seen' };
export type LostEvent = OfTouchpoint & { readonly type: 'lost' };
export type ResolvedEvent = OfTouchpoint & { readonly type: 'resolved' };
export type ConnectingEvent = OfTouchpoint & { readonly type: 'connecting'; readonly attempt: number };
/** The hello is here: `approve` now costs one round trip and one write. */
export type ReadyEvent = OfTouchpoint & { readonly type: 'ready'; readonly timings: TapTimings };
export type ApprovingEvent = OfTransaction & { readonly type: 'approving' };
/** Amounts of a grant, in minor units of the programme's currency. */
type OfGrant = OfTransaction & {
  /** What the shopper approved. */
  readonly amountMinor: number;
  /** What the voucher carries: `amountMinor`, or less where a limit of the offer awards what it has left. Never more. */
  readonly awardedMinor: number;
};
export type GrantedEvent = OfGrant & {
  readonly type: 'granted';
  /** base64url of the COSE voucher. */
  readonly voucher: string;
  /** The same as a compact JWS, as the server gave it. */
  readonly jws: string;
};
export type RefusedEvent = OfTransaction & { readonly type: 'refused'; readonly refusal: RefusalView };
export type DeliveredEvent = OfGrant & {
  readonly type: 'delivered';
  /**
   * False where the link died after the voucher, and the box then said that it had served it: its receipt, and whether power
   * was cut meanwhile, comes with a later phone.
   */
  readonly confirmed: boolean;
};
export type FailedEvent = Base & {
  readonly type: 'failed';
  readonly touchpoint?: TouchpointView;
  readonly code: ErrorCode;
  readonly message: string;
  readonly advice: string;
  /** The last stage that was reached. */
  readonly stage: TapStage;
  readonly transactionId?: string;
  /** The server has granted: the limit is used, though the goods may not have been given. */
  readonly granted: boolean;
  /** The voucher was sent to the box: it may have acted. */
  readonly maybeDelivered: boolean;
  readonly timings: TapTimings;
};
/** Receipts that the server has now taken, and those that still wait for the network. */
export type ReceiptsEvent = Base & {
  readonly type: 'receipts';
  readonly delivered: number;
  readonly waiting: number;
};

export type TapStage =
  | 'scanning'
  | 'resolving'
  | 'connecting'
  | 'ready'
  | 'approving'
  | 'delivering'
  | 'settling';

export type ClientEvent =
  | ScanningEvent
  | SeenEvent
  | LostEvent
  | ResolvedEvent
  | ConnectingEvent
  | ReadyEvent
  | ApprovingEvent
  | GrantedEvent
  | RefusedEvent
  | DeliveredEvent
  | FailedEvent
  | ReceiptsEvent;

/** How a tap ended. */
export type TapOutcome = RefusedEvent | DeliveredEvent | FailedEvent;

export class EventStream {
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #onFault: (fault: unknown) => void;

  /** @param onFault is told of a listener that threw: a fault in a screen must not break a tap that carries goods */
  constructor(onFault: (fault: unknown) => void) {
    this.#onFault = onFault;
  }

  emit(event: ClientEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
  }

  subscribe(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Every event from now on, until the reader leaves its loop. */
  iterate(): AsyncIterableIterator<ClientEvent> {
    const queue: ClientEvent[] = [];
    const readers: ((result: IteratorResult<ClientEvent>) => void)[] = [];
    let done = false;
    const leave = this.subscribe((event) => {
      const reader = readers.shift();
      if (reader !== undefined) reader({ value: event, done: false });
      else if (queue.push(event) > EVENTS_QUEUED_MAX) queue.shift();
    });
    const iterator: AsyncIterableIterator<ClientEvent> = {
      next: () => {
        const event = queue.shift();
        if (event !== undefined) return Promise.resolve({ value: event, done: false });
        if (done) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve) => readers.push(resolve));
      },
      return: () => {
        done = true;
        leave();
        queue.length = 0;
        for (const reader of readers.splice(0)) reader({ value: undefined, done: true });
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }
}

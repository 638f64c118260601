/** What the peer phase asks of a process that measures one contender. */
import type { Crowd } from './crowd.js';

export type PeerSubject =
  /** Store.redeem: both limits, the decision on record, the box nonce used up. */
  | 'tapseal'
  /** rate-limiter-flexible, the two limits one after the other. */
  | 'peer-both'
  /** rate-limiter-flexible, the limit of the offer alone: one hot key. */
  | 'peer-hot';

export type PeerTask = {
  readonly subject: PeerSubject;
  readonly crowd: Crowd;
  /** Data directory with the crowd enrolled. */
  readonly directory: string;
  /** Address of the PostgreSQL database; absent: the embedded one, and for the peer a file of its own beside it. */
  readonly database?: string;
  readonly decisions: number;
  /** Connections of the peer to PostgreSQL. */
  readonly connections?: number;
};

export type PeerResult = { readonly perSecond: number };

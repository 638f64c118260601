/** The whole outside world of the rooms, handed in by the server. Each function takes just the part of it that it uses. */
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import type { Authority } from './authority/authority.js';
import type { Signatures } from './signatures/signature-work.js';
import type { Store } from './store/store-port.js';

export type Clock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export type ServerContext = Clock & {
  readonly store: Store;
  readonly authority: Authority;
  readonly crypto: CryptoPort;
  /** The voucher key, the seal key and verification, for what happens at every tap. */
  readonly signatures: Signatures;
};

/** What the main thread asks of a thread that makes requests, and what it gets. */

export type MakeTask = {
  readonly phones: Uint32Array;
  readonly boxes: Uint32Array;
  /** 40 bytes each, of the server. */
  readonly nonces: Uint8Array;
};

export type MadeRequests = {
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
  /** 16 bytes each. */
  readonly transactionIds: Uint8Array;
};

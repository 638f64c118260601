/** What the table of errors says of one code. */
export type ErrorEntry = {
  /** Who raises it. */
  readonly by: readonly ('server' | 'touchpoint' | 'phone' | 'operator' | 'verifier')[];
  /** What happened, as one sentence. */
  readonly title: string;
  /** What to do about it, as one sentence. */
  readonly advice: string;
  /** Of the server's problem; absent for what it says inside of a good answer, and for what others raise. */
  readonly http?: number;
  readonly ble?: number;
};

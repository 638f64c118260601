/** A vector: one scenario, as it stands in shared/vectors/<name>.json. Bytes are lower-case hexadecimal. */

/** What is read, and how: one reader of this package each. */
export type VectorReader =
  | 'advert'
  | 'challenge'
  | 'enrolment'
  | 'frames'
  | 'hello'
  | 'jws'
  | 'manifest'
  | 'nonce'
  | 'receipt'
  | 'refusal'
  | 'registration'
  | 'request'
  | 'sealed-hello'
  | 'status'
  | 'voucher';

/** Where a message is stopped, in the order in which it is looked at. */
export type VectorLayer =
  | 'length'
  | 'frame'
  | 'version'
  | 'suite'
  | 'encoding'
  | 'seal'
  | 'mac'
  | 'signature'
  | 'freshness'
  | 'state'
  | 'approval';

/**
 * Layers that come after reading: such a message is good by itself, and is refused for what its receiver knows. `state`: what
 * the touchpoint is, has or has seen. `approval`: what the phone has approved, by the signed request in `given`.
 */
export const layersAfterReading: ReadonlySet<VectorLayer> = new Set<VectorLayer>(['state', 'approval']);

export type VectorExpectation =
  | { readonly value: unknown }
  | {
      readonly layer: VectorLayer;
      readonly code: string;
      /** For a layer after reading: what the message says, truly signed, and is then refused for. */
      readonly value?: unknown;
    };

export type Vector = {
  readonly name: string;
  readonly comment: string;
  readonly reader: VectorReader;
  /** Keys and circumstances of the reader. */
  readonly given: Readonly<Record<string, string | number | readonly string[]>>;
  /** The message; for `frames` the packets in order, for `jws` the text. */
  readonly message: string | readonly string[];
  readonly expect: VectorExpectation;
};

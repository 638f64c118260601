/** Values of rows of either store: NULL becomes undefined, what a driver calls bytes becomes plain bytes. */

/** The same memory: drivers give each value its own. */
export function bytesOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

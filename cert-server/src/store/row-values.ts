/** Values of rows of either store: NULL becomes undefined, what a driver calls bytes becomes plain bytes. */

import { type Labels, NO_LABELS } from '../decision/labels.js';

/** The same memory: drivers give each value its own. */
export function bytesOf(value: Uint8Array): Uint8Array {
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

export function optional<T>(value: T | null): T | undefined {
  return value ?? undefined;
}

/** @param text written by `JSON.stringify` of labels that were checked, by a store */
export function labelsOf(text: string): Labels {
  return text === '{}' ? NO_LABELS : (JSON.parse(text) as Labels);
}

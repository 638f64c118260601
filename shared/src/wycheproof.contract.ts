/** Project Wycheproof's files, read in place from beside the project; for tests. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hexToBytes } from './bytes.js';

const folder = fileURLToPath(new URL('../../../shared/vectors/wycheproof/', import.meta.url));

export const hasWycheproof = existsSync(folder);

/** Stands in the name of each test that is skipped where the vectors are absent. */
export const wycheproofNeeds = hasWycheproof
  ? ''
  : ' (needs the Wycheproof vectors in ../shared/vectors/wycheproof beside the project)';

export type WycheproofCase = {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly [field: string]: unknown;
};

export type WycheproofGroup = {
  readonly publicKey?: { readonly pk?: string; readonly uncompressed?: string };
  readonly tests: readonly WycheproofCase[];
};

export function wycheproofGroups(file: string): readonly WycheproofGroup[] {
  return (JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as { testGroups: WycheproofGroup[] })
    .testGroups;
}

/** A hexadecimal field of any length, odd ones cannot occur. */
export function hexField(value: unknown): Uint8Array {
  const text = String(value);
  const bytes = hexToBytes(text, text.length / 2);
  if (bytes === undefined) throw new TypeError(`not hexadecimal: ${text}`);
  return bytes;
}

/** Counts names, for example the flags of the cases that were refused. */
export function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

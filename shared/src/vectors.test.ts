/** Every vector in shared/vectors, on every adapter: the right value, or the right code from the right layer. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { adapters } from './adapters.contract.js';
import { isErrorCode } from './error-codes.js';
import { outcomeOf } from './objects.contract.js';
import { readVector } from './vectors/read-vector.js';
import { layersAfterReading, type Vector, type VectorLayer } from './vectors/vector.js';

const folder = fileURLToPath(new URL('../vectors/', import.meta.url));
const vectors = readdirSync(folder).map(
  (file) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as Vector,
);

/** The codes that a layer has: no code stands for two layers of one reader. */
const codesOfLayer: Record<VectorLayer, RegExp> = {
  length: /^message_too_long$/,
  frame: /^message_malformed$/,
  version: /^version_unsupported$/,
  suite: /^suite_unsupported$/,
  encoding: /^message_malformed$/,
  seal: /^seal_invalid$/,
  mac: /^nonce_invalid$/,
  signature: /_signature_invalid$|^proof_invalid$|^enrolment_request_invalid$/,
  freshness: /^nonce_expired$/,
  approval: /^server_answer_invalid$/,
  state: /^manifest_older$|^manifest_wrong_programme$|^voucher_wrong_touchpoint$|^voucher_time_older$/,
};

test('there are enough of them, good and bad, for every reader', () => {
  const good = new Set(
    vectors.filter(({ expect: wanted }) => !('code' in wanted)).map(({ reader }) => reader),
  );
  const bad = new Set(vectors.filter(({ expect: wanted }) => 'code' in wanted).map(({ reader }) => reader));
  expect(vectors.length).toBeGreaterThanOrEqual(40);
  expect([...bad].sort()).toEqual([...good].map((reader) => reader).sort());
});

describe.each(adapters)('vectors on $name', ({ crypto }) => {
  test.each(vectors)('$name', async (vector) => {
    const expected = vector.expect;
    if ('layer' in expected) {
      expect(isErrorCode(expected.code)).toBe(true);
      expect(expected.code).toMatch(codesOfLayer[expected.layer]);
    }
    if ('layer' in expected && !layersAfterReading.has(expected.layer)) {
      expect(await outcomeOf(() => readVector(vector, crypto))).toBe(expected.code);
    } else {
      // What a receiver refuses for what it knows is good by itself: its own tests take it from there.
      expect(await readVector(vector, crypto)).toEqual(expected.value);
    }
  });
});

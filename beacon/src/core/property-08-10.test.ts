/** Properties 8 and 10 at the box: what is altered or of another version is refused, and leaves no trace. */
import { describe, expect, test } from 'vitest';
import { type BoxBench, enrolledBench } from '../testing/box-bench.js';

function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    yield copy;
  }
}

function journal(box: BoxBench): string {
  return Buffer.from(box.disk.read('journal') ?? []).toString('hex');
}

describe('property 8: any one bit flipped is refused with a status of one byte', () => {
  test('voucher', async () => {
    const box = await enrolledBench({ seed: 81 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    const before = journal(box);
    for (const altered of flipped(voucher)) {
      box.write(1, 'voucher', altered);
      const answers = box.take(1);
      expect(answers.map(({ type, body }) => [type, body.length])).toEqual([['status', 1]]);
    }
    expect(journal(box)).toBe(before);
    expect(box.actuations).toEqual([]);
    // And the nonce was not spent by any of them.
    box.write(1, 'voucher', voucher);
    expect(box.receipts(1)).toHaveLength(1);
  });

  test('manifest', async () => {
    const box = await enrolledBench({ seed: 82 });
    box.open(1, 247);
    const manifest = box.authority.manifest({ version: 2 });
    const before = journal(box);
    for (const altered of flipped(manifest)) {
      box.write(1, 'manifest', altered);
      const answers = box.take(1);
      expect(answers.map(({ type, body }) => [type, body.length])).toEqual([['status', 1]]);
    }
    expect(journal(box)).toBe(before);
    box.write(1, 'manifest', manifest);
    expect(box.statuses(1)).toEqual(['manifest_installed']);
  });

  test('frame byte of a voucher', async () => {
    const box = await enrolledBench({ seed: 83 });
    box.open(1);
    const voucher = box.authority.voucher(box.greet(1));
    for (let bit = 0; bit < 8; bit++) {
      box.packet(1, Uint8Array.of(0x83 ^ (1 << bit), ...voucher));
      // A fragment that has begun is waited for; the next first packet ends it with an error.
      expect(box.take(1).every((message) => message.type === 'status')).toBe(true);
      box.packet(1, Uint8Array.of(0x80));
      box.take(1);
    }
    expect(box.actuations).toEqual([]);
  });
});

describe('property 10: another version or suite is refused', () => {
  test.each([
    [0, 1, 'version_unsupported'],
    [2, 1, 'version_unsupported'],
    [1, 0, 'suite_unsupported'],
    [1, 2, 'suite_unsupported'],
  ] as const)('version %i, suite %i', async (version, suite, status) => {
    const box = await enrolledBench({ seed: 101 });
    box.open(1);
    box.write(1, 'challenge', Uint8Array.of(version, suite, ...new Uint8Array(16)));
    expect(box.statuses(1)).toEqual([status]);
  });
});

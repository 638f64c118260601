import { describe, expect, test } from 'vitest';
import { common, linksBetween, windowsOf, withoutWindows } from './bytes-in-common.js';
import { seeded } from './seed.js';

const { random } = seeded('bytes in common', 20_261_123);

const LENGTH = 5;
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const noise = (bytes: number): Uint8Array =>
  Uint8Array.from({ length: bytes }, () => Math.floor(random.unit() * 256));
const join = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);

test('windows are runs of bytes, also in the middle, never across two packets', () => {
  expect([...windowsOf([hex('010203'), hex('0405'), hex('06')], 2)]).toEqual(['0102', '0203', '0405']);
  expect(common(windowsOf([hex('010203')], 2), windowsOf([hex('ff0203')], 2))).toEqual(['0203']);
});

test('what lies in a window is taken out, and what is left is not joined', () => {
  const left = withoutWindows([hex('aa0102bb0102cc'), hex('0102'), hex('dd')], new Set(['0102']), 2);
  expect(left).toEqual([hex('aa'), hex('bb'), hex('cc'), hex('dd')]);
  // Windows that overlap are taken out as one.
  expect(withoutWindows([hex('aa010203bb')], new Set(['0102', '0203']), 2)).toEqual([hex('aa'), hex('bb')]);
});

describe('links between two visits', () => {
  const name = hex('3dd49568ade63150');
  const header = hex('b30004001b0c0082');
  /** A packet as they are: a header, the name of a box, and random bytes behind either. */
  const packet = (start: number, behind: number, identity = noise(LENGTH)): Uint8Array[] => [
    join(
      header,
      Uint8Array.of(start),
      noise(40),
      identity,
      noise(40),
      name,
      Uint8Array.of(behind),
      noise(64),
    ),
  ];

  test('bytes beside a constant that happen to be the same are none', () => {
    const [one, another] = [packet(7, 9), packet(7, 9)];
    const others = [...packet(8, 10), ...packet(6, 11)];
    expect(linksBetween(one, another, others, LENGTH)).toEqual([]);
    // They are in common all the same.
    expect(common(windowsOf(one, LENGTH), windowsOf(another, LENGTH))).toContain('001b0c008207'.slice(2));
  });

  test('what only these two have is found, wherever it stands', () => {
    const identity = noise(LENGTH);
    const others = [...packet(1, 2), ...packet(3, 4)];
    const found = Buffer.from(identity).toString('hex');
    expect(linksBetween(packet(5, 6, identity), packet(7, 8, identity), others, LENGTH)).toEqual([found]);
    const shifted = [join(noise(3), identity)];
    expect(linksBetween(packet(5, 6, identity), shifted, others, LENGTH)).toEqual([found]);
  });

  test('what others have too is none', () => {
    const identity = noise(LENGTH);
    const [one, another, other] = [packet(1, 2, identity), packet(3, 4, identity), packet(5, 6, identity)];
    expect(linksBetween(one, another, other, LENGTH)).toEqual([]);
  });

  test('random packets have no links, often enough to notice a test that fails by chance', () => {
    for (let round = 0; round < 300; round += 1) {
      const visits = Array.from({ length: 4 }, () => packet(Math.floor(random.unit() * 4), round % 4));
      const [one = [], another = [], ...others] = visits;
      expect(linksBetween(one, another, others.flat(), LENGTH)).toEqual([]);
    }
  });
});

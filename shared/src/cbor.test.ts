import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex, equalBytes } from './bytes.js';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.js';
import { outcomeOf } from './objects.contract.js';
import { hexField as hex } from './wycheproof.contract.js';

/** RFC 8949 Appendix A, those that the protocol has a use for. */
const good: [string, CborValue][] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['1903e8', 1000],
  ['1a000f4240', 1_000_000],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['20', -1],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array()],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  [
    'a201020304',
    new Map([
      [1, 2],
      [3, 4],
    ]),
  ],
  [
    'a3010204012001',
    new Map([
      [1, 2],
      [4, 1],
      [-1, 1],
    ]),
  ],
];

/** Each of them means something in CBOR, and none is what the protocol would have written. */
const bad: [string, string][] = [
  ['', 'nothing'],
  ['1817', 'a long small number'],
  ['190018', 'a long number'],
  ['1a000003e8', 'a longer number'],
  ['1b00000000000f4240', 'the longest number'],
  ['1bffffffffffffffff', 'a number beyond 2^53'],
  ['3bffffffffffffffff', 'a negative number beyond 2^53'],
  ['c249010000000000000000', 'a bignum'],
  ['f90000', 'zero as half float'],
  ['f98000', 'negative zero'],
  ['f93c00', 'one as half float'],
  ['fb3ff0000000000000', 'one as double float'],
  ['f97e00', 'not a number'],
  ['f97c00', 'infinity'],
  ['f7', 'undefined'],
  ['f0', 'a simple value'],
  ['f8ff', 'a long simple value'],
  ['c000', 'a tag'],
  ['d9d9f700', 'the tag of self-described CBOR'],
  ['5f42010243030405ff', 'an indefinite byte string'],
  ['7f657374726561646d696e67ff', 'an indefinite text'],
  ['9fff', 'an indefinite array'],
  ['bfff', 'an indefinite map'],
  ['ff', 'a lone break'],
  ['81ff', 'a break in an array'],
  ['a201020102', 'a key twice'],
  ['a203040102', 'keys out of order'],
  ['a2010219000102', 'a key twice, once long'],
  ['0000', 'a trailing byte'],
  ['8201', 'an array cut short'],
  ['4201', 'a string cut short'],
  ['62ff61', 'text that is no UTF-8'],
  ['63eda080', 'a surrogate in text'],
  ['62c080', 'an overlong letter'],
  ['63efbbbf', 'a byte order mark'],
  ['1c', 'a reserved length'],
];

describe('deterministic CBOR', () => {
  test.each(good)('%s comes and goes', (text, value) => {
    expect(bytesToHex(encodeCbor(value))).toBe(text);
    expect(decodeCbor(hex(text))).toEqual(value);
  });

  test.each(bad)('%s is refused: %s', async (text) => {
    expect(await outcomeOf(() => decodeCbor(hex(text)))).toBe('message_malformed');
  });
});

/** cborg, told to be as strict, and to have no second encoding for what it read. */
function decodeWithCborg(bytes: Uint8Array): unknown {
  const value: unknown = decode(bytes, {
    strict: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowInfinity: false,
    allowNaN: false,
    allowBigInt: false,
    useMaps: true,
    rejectDuplicateMapKeys: true,
  });
  if (!equalBytes(encode(value, rfc8949EncodeOptions), bytes)) throw new Error('not deterministic');
  return value;
}

describe('held against cborg', () => {
  const key = fc.integer({ min: -300, max: 300 });
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.maxSafeInteger().filter((number) => number > Number.MIN_SAFE_INTEGER),
      fc.integer({ min: -70_000, max: 70_000 }),
      fc.uint8Array({ maxLength: 300 }),
      // An unpaired surrogate has no UTF-8, and a leading mark is refused.
      fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.startsWith('\ufeff')),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 30 }),
      fc
        .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 30, selector: ([item]) => item })
        .map((entries) => new Map(entries)),
    ),
  }));

  test('it writes the same bytes and reads them back', () => {
    fc.assert(
      fc.property(value, (item) => {
        const bytes = encodeCbor(item);
        expect(bytesToHex(bytes)).toBe(bytesToHex(encode(item, rfc8949EncodeOptions)));
        expect(decodeCbor(bytes)).toEqual(item);
      }),
    );
  });

  test('whatever it reads, cborg reads alike and writes alike', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 24 }),
      fc.tuple(value, fc.nat(), fc.integer({ min: 0, max: 255 })).map(([item, at, byte]) => {
        const bytes = encodeCbor(item);
        bytes[at % bytes.length] = byte;
        return bytes;
      }),
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let mine: unknown;
        try {
          mine = decodeCbor(bytes);
        } catch {
          return;
        }
        expect(decodeWithCborg(bytes)).toEqual(mine);
      }),
      { numRuns: 5_000 },
    );
  });
});

import { expect, test } from 'vitest';
import {
  base64urlToBytes,
  bytesToBase64url,
  bytesToHex,
  concatBytes,
  copyBytes,
  equalBytes,
  hexToBytes,
  utf8,
} from './bytes.js';

test('base64url: RFC 4648 §10 without padding, both ways', () => {
  const pairs = {
    '': '',
    f: 'Zg',
    fo: 'Zm8',
    foo: 'Zm9v',
    foob: 'Zm9vYg',
    fooba: 'Zm9vYmE',
    foobar: 'Zm9vYmFy',
  };
  for (const [text, encoded] of Object.entries(pairs)) {
    expect(bytesToBase64url(utf8(text))).toBe(encoded);
    expect(base64urlToBytes(encoded, 6)).toEqual(utf8(text));
  }
});

test('base64url of every byte agrees with the platform', () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (let length = 0; length <= 256; length++) {
    const bytes = all.subarray(256 - length);
    expect(bytesToBase64url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
    expect(base64urlToBytes(bytesToBase64url(bytes), 256)).toEqual(Uint8Array.from(bytes));
  }
});

test.each([
  'Zg==',
  'Zg=',
  'Z',
  'Zm9v\n',
  ' Zm9v',
  'Zm+v',
  'Zm/v',
  'Zm9vé',
  'Zm9v\u{1F600}',
  'Zh',
  'Zm9',
  '\0\0\0\0',
])('base64url refuses %j, so that no bytes have two texts', (text) => {
  expect(base64urlToBytes(text, 64)).toBeUndefined();
});

test('base64url is bounded before it is decoded', () => {
  expect(base64urlToBytes('Zm9v', 3)).toEqual(utf8('foo'));
  expect(base64urlToBytes('Zm9v', 2)).toBeUndefined();
  expect(base64urlToBytes('A'.repeat(1_000_000), 16)).toBeUndefined();
});

test('hexadecimal', () => {
  expect(bytesToHex(Uint8Array.of(0, 1, 0x7f, 0xff))).toBe('00017fff');
  expect(hexToBytes('00017FfF', 4)).toEqual(Uint8Array.of(0, 1, 0x7f, 0xff));
  for (const text of ['', '0001', '00017fff00', '00017ff', '0001 7ff', '0x017fff', '00017fgg'])
    expect(hexToBytes(text, 4), text).toBeUndefined();
});

test('joining and comparing', () => {
  expect(concatBytes()).toEqual(new Uint8Array());
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3),
  );
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(0, 2))).toBe(false);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 0))).toBe(false);
});

test('a copy is plain bytes that nobody else changes, of a Buffer as of a plain array', () => {
  for (const bytes of [
    Buffer.of(1, 2, 3, 4),
    Uint8Array.of(1, 2, 3, 4),
    Uint8Array.of(0, 1, 2, 3, 4).subarray(1),
  ]) {
    const [part, whole] = [copyBytes(bytes, 1, 3), copyBytes(bytes)];
    bytes.fill(9);
    expect(part).toEqual(Uint8Array.of(2, 3));
    expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(part.constructor).toBe(Uint8Array);
  }
});

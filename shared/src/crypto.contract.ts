/** What every crypto adapter has to do, on the same vectors. Called by the test of each adapter. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { describe, expect, test } from 'vitest';
import { type Adapter, adapters } from './adapters.contract.js';
import { bytesToHex, concatBytes, utf8 } from './bytes.js';
import type { KeyAlgorithm, PublicKey } from './crypto-port.js';
import { hexField as hex } from './wycheproof.contract.js';

/** RFC 8032 §7.1, TEST 1 to 3. */
const ed25519Vectors = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature:
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature:
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    key: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature:
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

/** RFC 6979 §A.2.5, SHA-256, message "sample"; its s is the high one. */
const p256Vector = {
  scalar: 'c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721',
  key: '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  r: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716',
  highS: 'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
};
const p256Order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** RFC 7748 §5.2 (the first two) and §6.1 (both sides of the exchange). */
const x25519Vectors = [
  [
    'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
    'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  ],
  [
    '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
    'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
    '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
  ],
  [
    '77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a',
    'de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  ],
  [
    '5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb',
    '8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',
    '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742',
  ],
] as const;

const range = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => from + i);

/** RFC 5869 §A.1 to A.3. */
const hkdfVectors = [
  {
    input: new Uint8Array(22).fill(0x0b),
    salt: range(0x00, 13),
    info: range(0xf0, 10),
    output: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    input: range(0x00, 80),
    salt: range(0x60, 80),
    info: range(0xb0, 80),
    output:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    input: new Uint8Array(22).fill(0x0b),
    salt: new Uint8Array(),
    info: new Uint8Array(),
    output: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
];

/** The seven encodings of X25519 points of low order, without the top bit. */
const lowOrderX25519 = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
];

function toHex(value: bigint): string {
  return value.toString(16).padStart(64, '0');
}

function littleEndianHex(value: bigint): string {
  return bytesToHex(hex(toHex(value)).reverse());
}

/**
 * A signature made with a key and an R that carry a point of order 8. The equation without cofactor holds only where the
 * torsion cancels by chance; the one with cofactor always does. Libraries differ here, adapters must not.
 */
function mixedOrderSignature(message: Uint8Array, inKey: boolean, inR: boolean) {
  const { Point } = ed25519;
  const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const key = Point.BASE.multiply(1234567n).add(inKey ? torsion : Point.ZERO);
  const r = Point.BASE.multiply(7654321n).add(inR ? torsion : Point.ZERO);
  const digest = sha512(concatBytes(r.toBytes(), key.toBytes(), message));
  const k = BigInt(`0x${bytesToHex(digest.reverse())}`) % Point.Fn.ORDER;
  const s = (7654321n + k * 1234567n) % Point.Fn.ORDER;
  return {
    key: { algorithm: 'Ed25519', bytes: key.toBytes() } satisfies PublicKey,
    signature: concatBytes(r.toBytes(), hex(littleEndianHex(s))),
    cancels: ((inR ? 1n : 0n) + (inKey ? k : 0n)) % 8n === 0n,
  };
}

export function describeCryptoContract({ name, crypto }: Adapter): void {
  describe(`crypto contract: ${name}`, () => {
    test.each(ed25519Vectors)('Ed25519 makes and verifies RFC 8032 §7.1: $message', async (vector) => {
      const signer = await crypto.signer('Ed25519', hex(vector.seed));
      expect(bytesToHex(signer.publicKey.bytes)).toBe(vector.key);
      expect(bytesToHex(await signer.sign(hex(vector.message)))).toBe(vector.signature);
      expect(await crypto.verify(signer.publicKey, hex(vector.message), hex(vector.signature))).toBe(true);
    });

    test('P-256 verifies RFC 6979 §A.2.5 with its low s and refuses it with its high s', async () => {
      const key: PublicKey = { algorithm: 'P-256', bytes: hex(p256Vector.key) };
      const lowS = toHex(p256Order - BigInt(`0x${p256Vector.highS}`));
      expect(await crypto.verify(key, utf8('sample'), hex(p256Vector.r + lowS))).toBe(true);
      expect(await crypto.verify(key, utf8('sample'), hex(p256Vector.r + p256Vector.highS))).toBe(false);
      expect(await crypto.verify(key, utf8('simple'), hex(p256Vector.r + lowS))).toBe(false);
    });

    test('P-256 signs with the low s only, and all adapters accept it', async () => {
      const signer = await crypto.signer('P-256', hex(p256Vector.scalar));
      expect(bytesToHex(signer.publicKey.bytes)).toBe(p256Vector.key);
      // Half of all signatures come out of the library with a high s: sixteen without one are a chance of 1 in 65,536.
      for (let i = 0; i < 16; i++) {
        const message = utf8(`message ${i}`);
        const signature = await signer.sign(message);
        expect(BigInt(`0x${bytesToHex(signature.subarray(32))}`) <= p256Order / 2n).toBe(true);
        for (const other of adapters) {
          expect(await other.crypto.verify(signer.publicKey, message, signature), other.name).toBe(true);
        }
      }
    });

    test.each(['Ed25519', 'P-256'] as const)(
      '%s private keys out of range throw RangeError',
      async (algorithm) => {
        const make = async (privateKey: Uint8Array) => crypto.signer(algorithm, privateKey);
        await expect(make(new Uint8Array(31).fill(1))).rejects.toThrow(RangeError);
        await expect(make(new Uint8Array(33).fill(1))).rejects.toThrow(RangeError);
        if (algorithm === 'Ed25519') return;
        await expect(make(new Uint8Array(32))).rejects.toThrow(RangeError);
        await expect(make(hex(toHex(p256Order)))).rejects.toThrow(RangeError);
        await expect(make(hex(toHex(p256Order - 1n)))).resolves.toBeDefined();
      },
    );

    test('refuses signatures and keys of the wrong length, and points that are not on the curve, without an error', async () => {
      for (const algorithm of ['Ed25519', 'P-256'] satisfies KeyAlgorithm[]) {
        const { publicKey, sign } = await crypto.signer(algorithm, new Uint8Array(32).fill(3));
        const message = utf8('m');
        const signature = await sign(message);
        const verify = (key: Uint8Array, bytes: Uint8Array) =>
          crypto.verify({ algorithm, bytes: key }, message, bytes);
        expect(await verify(publicKey.bytes, signature)).toBe(true);
        expect(await verify(publicKey.bytes, signature.subarray(0, 63))).toBe(false);
        expect(await verify(publicKey.bytes, concatBytes(signature, new Uint8Array(1)))).toBe(false);
        expect(await verify(publicKey.bytes, new Uint8Array())).toBe(false);
        expect(await verify(publicKey.bytes, new Uint8Array(64))).toBe(false);
        expect(await verify(publicKey.bytes.subarray(1), signature)).toBe(false);
        expect(await verify(new Uint8Array(), signature)).toBe(false);
        const offCurve = Uint8Array.from(publicKey.bytes);
        // y = 2 belongs to no point of Ed25519; for P-256 another y does not fit the x.
        if (algorithm === 'Ed25519') offCurve.fill(0).fill(2, 0, 1);
        else offCurve[64] = (offCurve[64] as number) ^ 1;
        expect(await verify(offCurve, signature)).toBe(false);
        // A compressed point would be a second name for the same key.
        if (algorithm === 'P-256')
          expect(
            await verify(concatBytes(Uint8Array.of(2), publicKey.bytes.subarray(1, 33)), signature),
          ).toBe(false);
      }
    });

    test('property 24: an Ed25519 S plus the group order is refused', async () => {
      const [vector] = ed25519Vectors;
      if (vector === undefined) throw new Error('no vector');
      const signature = hex(vector.signature);
      const s = BigInt(`0x${bytesToHex(signature.slice(32).reverse())}`);
      const twin = concatBytes(signature.subarray(0, 32), hex(littleEndianHex(s + ed25519.Point.Fn.ORDER)));
      expect(
        await crypto.verify({ algorithm: 'Ed25519', bytes: hex(vector.key) }, new Uint8Array(), twin),
      ).toBe(false);
    });

    test('property 24: low-order and non-canonical Ed25519 points are refused as key, where the equation holds', async () => {
      const p = 2n ** 255n - 19n;
      const order8 = 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n;
      const ys = [0n, 1n, p - 1n, order8, p - order8, p, p + 1n];
      // R = [5]B and S = 5 hold under a key of order n for every n-th message: nobody could be held to such a key.
      const signature = concatBytes(ed25519.Point.BASE.multiply(5n).toBytes(), hex(littleEndianHex(5n)));
      for (const y of ys.flatMap((value) => [value, value + 2n ** 255n])) {
        const key: PublicKey = { algorithm: 'Ed25519', bytes: hex(littleEndianHex(y)) };
        for (let i = 0; i < 40; i++) expect(await crypto.verify(key, utf8(`${i}`), signature)).toBe(false);
      }
    });

    test('property 24: the neutral point is refused as R, where the equation holds', async () => {
      const key = ed25519.Point.BASE.multiply(1234567n).toBytes();
      const neutral = ed25519.Point.ZERO.toBytes();
      const message = utf8('message');
      const digest = sha512(concatBytes(neutral, key, message));
      const k = BigInt(`0x${bytesToHex(digest.reverse())}`) % ed25519.Point.Fn.ORDER;
      const s = (k * 1234567n) % ed25519.Point.Fn.ORDER;
      const signature = concatBytes(neutral, hex(littleEndianHex(s)));
      expect(await crypto.verify({ algorithm: 'Ed25519', bytes: key }, message, signature)).toBe(false);
    });

    test('property 24: keys of mixed order verify by the equation without cofactor, as everywhere', async () => {
      const seen = new Set<boolean>();
      for (let i = 0; i < 40; i++) {
        const message = utf8(`message ${i}`);
        const { key, signature, cancels } = mixedOrderSignature(message, true, i % 2 === 0);
        seen.add(cancels);
        expect(await crypto.verify(key, message, signature), `message ${i}`).toBe(cancels);
      }
      expect(seen.size).toBe(2);
    });

    test.each(x25519Vectors)('X25519 gives RFC 7748: %s', (privateKey, publicKey, secret) => {
      expect(bytesToHex(crypto.x25519(hex(privateKey), hex(publicKey)) ?? new Uint8Array())).toBe(secret);
    });

    test('X25519 key pairs: RFC 7748 §6.1', () => {
      const pair = crypto.boxKeyPair(hex(x25519Vectors[2][0]));
      expect(bytesToHex(pair.publicKey)).toBe(x25519Vectors[3][1]);
      expect(bytesToHex(pair.privateKey)).toBe(x25519Vectors[2][0]);
    });

    test.each(lowOrderX25519)('property 24: X25519 with the low-order point %s', (point) => {
      const pair = crypto.boxKeyPair(new Uint8Array(32).fill(9));
      expect(crypto.x25519(pair.privateKey, hex(point))).toBeUndefined();
      expect(() => crypto.seal(hex(point), utf8('m'))).toThrow(RangeError);
      // A box under the key that a low-order ephemeral leads to: anyone could have made it, and read it.
      expect(crypto.open(pair, concatBytes(hex(point), new Uint8Array(48)))).toBeUndefined();
    });

    test('keys of the wrong length are faults of the caller', () => {
      const key = new Uint8Array(32).fill(9);
      expect(() => crypto.boxKeyPair(key.subarray(1))).toThrow(RangeError);
      expect(() => crypto.x25519(key.subarray(1), key)).toThrow(RangeError);
      expect(() => crypto.x25519(key, key.subarray(1))).toThrow(RangeError);
      expect(() => crypto.seal(key.subarray(1), key)).toThrow(RangeError);
    });

    test.each(adapters)('sealed boxes are opened by $name, and its boxes by us', (other) => {
      const pair = crypto.boxKeyPair(new Uint8Array(32).fill(9));
      const stranger = crypto.boxKeyPair(new Uint8Array(32).fill(10));
      for (const length of [0, 1, 63, 133]) {
        const plaintext = new Uint8Array(length).fill(length);
        const sealed = crypto.seal(pair.publicKey, plaintext);
        expect(sealed.length).toBe(length + 48);
        expect(other.crypto.open(pair, sealed)).toEqual(plaintext);
        expect(crypto.open(pair, other.crypto.seal(pair.publicKey, plaintext))).toEqual(plaintext);
        expect(other.crypto.open(stranger, sealed)).toBeUndefined();
        // A new ephemeral key each time: equal hellos do not look equal.
        expect(crypto.seal(pair.publicKey, plaintext)).not.toEqual(sealed);
      }
    });

    test('a sealed box with any byte altered, cut or lengthened does not open', () => {
      const pair = crypto.boxKeyPair(new Uint8Array(32).fill(9));
      const sealed = crypto.seal(pair.publicKey, utf8('hello'));
      for (let i = 0; i < sealed.length; i++) {
        const altered = Uint8Array.from(sealed);
        altered[i] = (altered[i] as number) ^ 1;
        expect(crypto.open(pair, altered), `byte ${i}`).toBeUndefined();
      }
      expect(crypto.open(pair, sealed.subarray(0, sealed.length - 1))).toBeUndefined();
      expect(crypto.open(pair, concatBytes(sealed, new Uint8Array(1)))).toBeUndefined();
      expect(crypto.open(pair, new Uint8Array())).toBeUndefined();
      expect(crypto.open(pair, new Uint8Array(47))).toBeUndefined();
    });

    test('SHA-256, HMAC (RFC 4231 §4.3) and HKDF (RFC 5869 §A)', () => {
      expect(bytesToHex(crypto.sha256(utf8('abc')))).toBe(
        'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      );
      expect(bytesToHex(crypto.hmacSha256(utf8('Jefe'), utf8('what do ya want for nothing?')))).toBe(
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      );
      for (const { input, salt, info, output } of hkdfVectors) {
        expect(bytesToHex(crypto.hkdfSha256(input, salt, info, output.length / 2))).toBe(output);
      }
    });

    test('randomness has the length asked for and does not repeat', () => {
      expect(crypto.randomBytes(0)).toEqual(new Uint8Array());
      const seen = new Set(Array.from({ length: 64 }, () => bytesToHex(crypto.randomBytes(16))));
      expect(seen.size).toBe(64);
    });

    test('results are plain byte arrays of their own, not views that a caller could spoil', () => {
      const results = [
        crypto.sha256(utf8('a')),
        crypto.hmacSha256(utf8('a'), utf8('b')),
        crypto.randomBytes(8),
        crypto.boxKeyPair(new Uint8Array(32).fill(9)).publicKey,
      ];
      for (const result of results) {
        expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
        expect(result.byteLength).toBe(result.buffer.byteLength);
      }
    });
  });
}

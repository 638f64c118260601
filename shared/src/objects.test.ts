import { describe, expect, test } from 'vitest';
import { bytesToHex, concatBytes } from './bytes.js';
import { type CborValue, encodeCbor } from './cbor.js';
import { sign1, toBeSigned } from './cose-sign1.js';
import { badValues, largestValue, objectFields } from './object-fields.contract.js';
import { type ObjectKind, objectKinds, outcomeOf, signAs, tap } from './objects.contract.js';

const empty = new Map<number, CborValue>();

/** Assembles a message around a header and a payload that need not be good, with a true signature over them. */
function assembled(
  kind: ObjectKind,
  header: Uint8Array,
  payload: Uint8Array,
  unprotected = empty,
): Uint8Array {
  return encodeCbor([header, unprotected, payload, kind.signer.sign(toBeSigned(kind.kind, header, payload))]);
}

function goodHeader(kind: ObjectKind): Map<number, CborValue> {
  const header = new Map<number, CborValue>([[1, -8]]);
  if (kind.keyId !== undefined) header.set(4, kind.keyId);
  return header;
}

const expected: Record<string, unknown> = {
  hello: tap.hello,
  request: tap.request,
  voucher: tap.voucher,
  refusal: tap.refusal,
  receipt: tap.receipt,
  manifest: tap.manifest,
};

describe.each(objectKinds)('$kind', (kind) => {
  const good = encodeCbor(kind.payload);
  const outcome = (bytes: Uint8Array) => outcomeOf(() => kind.read(bytes));

  test('is the array of its fields in order, and nothing else', () => {
    expect(bytesToHex(signAs(kind, kind.payload))).toBe(bytesToHex(kind.bytes));
    expect(kind.payload.length).toBe(objectFields[kind.kind].length);
  });

  test('is plain bytes of its own, not a view of a Buffer', () => {
    expect(Object.getPrototypeOf(kind.bytes)).toBe(Uint8Array.prototype);
    expect(kind.bytes.byteLength).toBe(kind.bytes.buffer.byteLength);
  });

  test('comes back as it was signed', async () => {
    const read = await kind.read(kind.bytes);
    if (expected[kind.kind] !== undefined) expect(read).toEqual(expected[kind.kind]);
    else expect(read).toBeDefined();
  });

  test('does not change when the buffer that it came in is used again', async () => {
    const buffer = Buffer.from(kind.bytes);
    const read = await kind.read(buffer);
    buffer.fill(0);
    expect(read).toEqual(await kind.read(kind.bytes));
  });

  test.each(objectFields[kind.kind].map((field, index) => ({ field, index })))(
    'refuses every wrong $field.name, truly signed',
    async ({ field, index }) => {
      for (const value of badValues(field)) {
        const payload = kind.payload.with(index, value);
        expect(await outcome(signAs(kind, payload)), JSON.stringify(value)).toBe('message_malformed');
      }
    },
  );

  test('takes every field at its bound', async () => {
    for (const [index, field] of objectFields[kind.kind].entries()) {
      // The key of a registration is the one that signs.
      if (kind.kind === 'registration' && field.name === 'public-key') continue;
      // Bound to the code by the reader.
      if (kind.kind === 'enrolment' && field.name === 'secret-hash') continue;
      const payload = kind.payload.with(index, largestValue(field));
      expect(await outcome(signAs(kind, payload)), field.name).toBe('accepted');
    }
  });

  test('refuses a field too few, a field too many, and what is no array', async () => {
    const payloads: CborValue[] = [
      kind.payload.slice(0, -1),
      [...kind.payload, 0],
      [],
      7,
      'text',
      null,
      new Uint8Array(4),
      new Map(kind.payload.map((value, index) => [index, value])),
    ];
    for (const payload of payloads) expect(await outcome(signAs(kind, payload))).toBe('message_malformed');
  });

  test('refuses every other encoding of the same payload, truly signed', async () => {
    const count = kind.payload.length;
    const items = good.subarray(1);
    const first = encodeCbor(kind.payload[0] ?? null);
    const encodings = {
      trailing: concatBytes(good, Uint8Array.of(0)),
      'indefinite array': concatBytes(Uint8Array.of(0x9f), items, Uint8Array.of(0xff)),
      'long array head': concatBytes(Uint8Array.of(0x98, count), items),
      'longer array head': concatBytes(Uint8Array.of(0x99, 0, count), items),
      'longest array head': concatBytes(Uint8Array.of(0x9b, 0, 0, 0, 0, 0, 0, 0, count), items),
      tagged: concatBytes(Uint8Array.of(0xc1), good),
      'self-described': concatBytes(Uint8Array.of(0xd9, 0xd9, 0xf7), good),
      'tagged field': concatBytes(Uint8Array.of(0x80 | count, 0xc1), items),
      truncated: good.subarray(0, -1),
      'undefined field': concatBytes(Uint8Array.of(0x80 | count, 0xf7), items.subarray(first.length)),
      'float field': concatBytes(Uint8Array.of(0x80 | count, 0xf9, 0x3c, 0), items.subarray(first.length)),
      'indefinite first field': concatBytes(
        Uint8Array.of(0x80 | count, 0x5f),
        first,
        Uint8Array.of(0xff),
        items.subarray(first.length),
      ),
      'huge array': Uint8Array.of(0x9b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
      'huge string': Uint8Array.of(0x81, 0x5b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
    };
    for (const [name, payload] of Object.entries(encodings)) {
      const message = sign1(kind.kind, payload, kind.signer, kind.keyId);
      expect(await outcome(message), name).toBe('message_malformed');
    }
  });

  test('refuses every other encoding of the message around it', async () => {
    const items = kind.bytes.subarray(1);
    const header = encodeCbor(goodHeader(kind));
    const encodings = {
      empty: new Uint8Array(),
      trailing: concatBytes(kind.bytes, Uint8Array.of(0)),
      'tag 18': concatBytes(Uint8Array.of(0xd2), kind.bytes),
      'indefinite array': concatBytes(Uint8Array.of(0x9f), items, Uint8Array.of(0xff)),
      'long array head': concatBytes(Uint8Array.of(0x98, 4), items),
      'five parts': concatBytes(Uint8Array.of(0x85), items, Uint8Array.of(0)),
      'three parts': concatBytes(Uint8Array.of(0x83), items),
      'header without string': encodeCbor([goodHeader(kind), empty, good, new Uint8Array(64)]),
      'no payload': encodeCbor([header, empty, null, new Uint8Array(64)]),
      'short signature': encodeCbor([header, empty, good, new Uint8Array(63)]),
      'long signature': encodeCbor([header, empty, good, new Uint8Array(65)]),
      'unprotected kid': assembled(kind, header, good, new Map([[4, new Uint8Array(4)]])),
      'long header string': concatBytes(
        Uint8Array.of(0x84, 0x58, header.length),
        header,
        items.subarray(1 + header.length),
      ),
    };
    for (const [name, bytes] of Object.entries(encodings))
      expect(await outcome(bytes.subarray(0, kind.bytesMax)), name).toBe('message_malformed');
  });

  test('refuses every other protected header, truly signed', async () => {
    const with_ = (...entries: [number, CborValue][]) => new Map([...goodHeader(kind), ...entries]);
    const headers: Record<string, CborValue> = {
      'content type': with_([3, 0]),
      crit: with_([2, [1]]),
      'kid of another length': with_([4, new Uint8Array(5)]),
      'kid as text': with_([4, 'abcd']),
      'no algorithm': new Map([...goodHeader(kind)].filter(([label]) => label !== 1)),
      array: [1, -8],
      ...(kind.keyId === undefined
        ? { kid: with_([4, new Uint8Array(4)]) }
        : { 'no kid': new Map([[1, -8]]) }),
    };
    for (const [name, header] of Object.entries(headers))
      expect(await outcome(assembled(kind, encodeCbor(header), good)), name).toBe('message_malformed');
    const tail =
      kind.keyId === undefined ? new Uint8Array() : concatBytes(Uint8Array.of(4, 0x44), kind.keyId);
    const entries = kind.keyId === undefined ? 1 : 2;
    const raw: Record<string, Uint8Array> = {
      'duplicate algorithm': concatBytes(Uint8Array.of(0xa0 | (entries + 1), 1, 0x27, 1, 0x27), tail),
      'long label': concatBytes(Uint8Array.of(0xa0 | entries, 0x18, 1, 0x27), tail),
      'long algorithm': concatBytes(Uint8Array.of(0xa0 | entries, 1, 0x38, 7), tail),
      indefinite: concatBytes(Uint8Array.of(0xbf, 1, 0x27), tail, Uint8Array.of(0xff)),
      trailing: concatBytes(Uint8Array.of(0xa0 | entries, 1, 0x27), tail, Uint8Array.of(0)),
      empty: new Uint8Array(),
    };
    // Where the kind has room for it.
    if (kind.bytesMax > 200) raw['more than 32 bytes'] = encodeCbor(with_([9, new Uint8Array(40)]));
    if (kind.keyId !== undefined)
      raw.unsorted = concatBytes(Uint8Array.of(0xa2), tail, Uint8Array.of(1, 0x27));
    for (const [name, header] of Object.entries(raw))
      expect(await outcome(assembled(kind, header, good)), name).toBe('message_malformed');
  });

  test.each([-7, -35, -36, -19, -9, 5, 0, 1])('refuses COSE algorithm %i', async (algorithm) => {
    const header = encodeCbor(new Map([...goodHeader(kind), [1, algorithm]]));
    // -7 is known, but not that of the key; a registration names its own, whose key has another length.
    const code = kind.kind === 'registration' && algorithm === -7 ? 'message_malformed' : 'suite_unsupported';
    expect(await outcome(assembled(kind, header, good))).toBe(code);
  });

  test('refuses a byte more than its bound before it looks at any', async () => {
    expect(await outcome(new Uint8Array(kind.bytesMax + 1))).toBe('message_too_long');
    expect(await outcome(new Uint8Array(kind.bytesMax))).toBe('message_malformed');
  });
});

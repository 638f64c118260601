/**
 * The fields of each signed object, in order, with their bounds, written down a second time: tests hold the code and
 * docs/protocol.cddl against it.
 */
import type { CborValue } from './cbor.js';
import type { SignedKind } from './cose-sign1.js';

export type Field = { readonly name: string } & (
  | { readonly type: 'bytes'; readonly min: number; readonly max: number }
  | { readonly type: 'uint'; readonly min: number; readonly max: number }
  | { readonly type: 'code'; readonly codes: readonly number[] }
  | { readonly type: 'name' }
  | { readonly type: 'text'; readonly bytesMax: number; readonly closed: boolean }
  | { readonly type: 'list'; readonly itemBytes: number; readonly countMax: number }
);

const bytes = (name: string, length: number): Field => ({ name, type: 'bytes', min: length, max: length });
const uint = (name: string, min = 0, max = 0xffff_ffff): Field => ({ name, type: 'uint', min, max });
const list = (name: string, itemBytes: number, countMax: number): Field => ({
  name,
  type: 'list',
  itemBytes,
  countMax,
});

const safeMax = Number.MAX_SAFE_INTEGER;

export const objectFields: Readonly<Record<SignedKind, readonly Field[]>> = {
  hello: [
    bytes('touchpoint-id', 8),
    bytes('box-nonce', 16),
    bytes('challenge', 16),
    uint('boot-counter'),
    uint('counter-s'),
    uint('manifest-version'),
  ],
  request: [
    { name: 'programme', type: 'name' },
    bytes('server-nonce', 40),
    bytes('transaction-id', 16),
    bytes('phone-id', 16),
    { name: 'offer', type: 'name' },
    uint('amount-minor'),
    { name: 'sealed-hello', type: 'bytes', min: 1, max: 181 },
  ],
  voucher: [
    bytes('touchpoint-id', 8),
    bytes('box-nonce', 16),
    bytes('transaction-id', 16),
    { name: 'action', type: 'code', codes: [1, 2, 3, 4, 5] },
    uint('amount-minor'),
    uint('server-time-s'),
    uint('manifest-version'),
    uint('receipts-through'),
    bytes('request-hash', 16),
    bytes('offer-hash', 16),
  ],
  refusal: [
    bytes('transaction-id', 16),
    { name: 'code', type: 'text', bytesMax: 40, closed: true },
    { name: 'rule', type: 'text', bytesMax: 120, closed: false },
    uint('used', 0, safeMax),
    uint('maximum', 0, safeMax),
    uint('resets-at-s'),
    uint('server-time-s'),
    bytes('request-hash', 32),
  ],
  receipt: [
    bytes('touchpoint-id', 8),
    bytes('transaction-id', 16),
    bytes('voucher-hash', 32),
    { name: 'outcome', type: 'code', codes: [1, 2, 3] },
    uint('counter', 1),
    bytes('previous-hash', 32),
  ],
  registration: [
    { name: 'programme', type: 'name' },
    bytes('server-nonce', 40),
    // 65 in a registration that is signed with P-256; the length follows the algorithm of the header.
    bytes('public-key', 32),
  ],
  manifest: [
    { name: 'programme', type: 'name' },
    uint('version'),
    uint('issued-at-s'),
    list('voucher-keys', 32, 8),
    bytes('seal-key', 32),
    list('revoked-touchpoints', 8, 256),
    list('revoked-voucher-keys', 4, 256),
  ],
  enrolment: [bytes('secret-hash', 32), bytes('advert-public-key', 32)],
};

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0x77);
const times = (count: number, itemBytes: number): Uint8Array[] =>
  Array.from({ length: count }, () => filled(itemBytes));

/** Of a type that the field never has. */
const wrongTypes: readonly CborValue[] = [null, true, 1.5, -1, 2 ** 53 - 1, new Map(), [new Map()]];

/** Values that the field must refuse. */
export function badValues(field: Field): readonly CborValue[] {
  switch (field.type) {
    case 'bytes':
      return [...wrongTypes, 'text', 7, [], filled(field.min - 1), filled(field.max + 1)];
    case 'uint': {
      const over = field.max === safeMax ? [] : [field.max + 1];
      const types = wrongTypes.filter((value) => value !== safeMax);
      return [...types, 'text', filled(4), [], ...over, ...(field.min > 0 ? [field.min - 1] : [])];
    }
    case 'code':
      return [...wrongTypes, 'open', filled(1), 0, Math.max(...field.codes) + 1, 255, 256];
    case 'name':
      return [
        ...wrongTypes,
        filled(4),
        '',
        'Demo',
        '-demo',
        'demo-',
        'de mo',
        'dé',
        'demo\n',
        'a'.repeat(41),
      ];
    case 'text':
      return [
        ...wrongTypes,
        filled(4),
        'x'.repeat(field.bytesMax + 1),
        // Fewer characters than the bound, but more bytes.
        'é'.repeat(field.bytesMax / 2 + 1),
        ...(field.closed ? ['', 'no_such_code', 'toString'] : []),
      ];
    case 'list':
      return [
        ...wrongTypes,
        filled(field.itemBytes),
        [filled(field.itemBytes - 1)],
        [filled(field.itemBytes + 1)],
        ['text'],
        times(field.countMax + 1, field.itemBytes),
      ];
  }
}

/** The value that takes the most bytes. */
export function largestValue(field: Field): CborValue {
  switch (field.type) {
    case 'bytes':
      return filled(field.max);
    case 'uint':
      return field.max;
    case 'code':
      return Math.max(...field.codes);
    case 'name':
      return 'a'.repeat(40);
    case 'text':
      return field.closed ? 'enrolment_request_invalid' : 'é'.repeat(field.bytesMax / 2);
    case 'list':
      return times(field.countMax, field.itemBytes);
  }
}

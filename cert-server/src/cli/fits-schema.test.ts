import * as httpApi from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/schema';
import { describe, expect, test } from 'vitest';
import * as adminSchemas from '../http/admin-schemas.js';
import * as offerSchemas from '../http/offer-schemas.js';
import { fitsSchema } from './fits-schema.js';

type Plain = {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Plain[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: Plain;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Plain>>;
  readonly patternProperties?: Readonly<Record<string, Plain>>;
};

const words = fc.constantFrom('', 'a', 'abc', 'a-1', 'lobby-1', 'A', 'é', '🎟', '__proto__', 'x'.repeat(41));
const instants = fc.constantFrom(
  '2026-06-10T08:30:00.000Z',
  '2026-06-10t08:30:00z',
  '2026-06-10T08:30:00+02:00',
  '2024-02-29T00:00:00Z',
  '2026-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-06-10T25:00:00Z',
  '2026-06-10T08:30:00',
  '2026-06-10',
);
const anything = fc.oneof(
  words,
  instants,
  fc.constantFrom(null, true, false, 0, -1, 1, 0.5, 2 ** 60),
  fc.constantFrom([], ['a'], ['a', 'a'], {}, { a: 'abc' }, [null]),
);

function textFor(
  { pattern, format, minLength = 0, maxLength = 200 }: Plain,
  isExact: boolean,
): fc.Arbitrary<string> {
  if (format !== undefined) return isExact ? instants.filter((text) => text.includes('08:30:00.')) : instants;
  const any = pattern === undefined ? fc.string({ maxLength: 5 }) : fc.stringMatching(new RegExp(pattern));
  const matching = any.map((text) => text.slice(0, maxLength)).filter((text) => text.length >= minLength);
  if (isExact) return matching.filter((text) => pattern === undefined || new RegExp(pattern).test(text));
  return fc.oneof(matching, fc.constantFrom('x'.repeat(maxLength), 'x'.repeat(maxLength + 1)));
}

/** Exact: values that fit. Else each part of them may miss by a little, or by everything. */
function valueFor(schema: Plain, isExact: boolean): fc.Arbitrary<unknown> {
  const parts = partsFor(schema, isExact);
  return isExact ? parts : fc.oneof({ weight: 12, arbitrary: parts }, { weight: 1, arbitrary: anything });
}

function partsFor(schema: Plain, isExact: boolean): fc.Arbitrary<unknown> {
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((branch) => valueFor(branch, isExact)));
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object':
      return fieldsFor(schema, isExact);
    case 'array': {
      const { items = {}, minItems = 0, maxItems = 3, uniqueItems = false } = schema;
      const length = { minLength: minItems, maxLength: Math.min(maxItems, minItems + 3) };
      if (isExact && uniqueItems) return fc.uniqueArray(valueFor(items, true), length);
      return fc.array(valueFor(items, isExact), isExact ? length : { maxLength: length.maxLength + 1 });
    }
    case 'string':
      return textFor(schema, isExact);
    case 'integer':
    case 'number': {
      const { minimum = -3, maximum = 3 } = schema;
      return fc.constantFrom(minimum, maximum, ...(isExact ? [] : [minimum - 1, maximum + 1, minimum + 0.5]));
    }
    case 'boolean':
      return fc.boolean();
    default:
      return fc.constant(null);
  }
}

function fieldsFor(schema: Plain, isExact: boolean): fc.Arbitrary<object> {
  const { properties = {}, patternProperties = {}, required = [], minProperties = 0 } = schema;
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, held]) => [name, valueFor(held, isExact)])),
    { requiredKeys: [...required] },
  );
  const matching = Object.entries(patternProperties).map(([pattern, held]) => {
    const name = fc.stringMatching(new RegExp(pattern));
    return fc.dictionary(isExact ? name : fc.oneof(name, words), valueFor(held, isExact), { maxKeys: 3 });
  });
  const more = isExact ? [] : [fc.dictionary(words, anything, { maxKeys: 1 })];
  return fc
    .tuple<object[]>(known, ...matching, ...more)
    .map((parts): object => Object.assign({}, ...parts))
    .filter((fields) => !isExact || Object.keys(fields).length >= minProperties);
}

const schemas: [string, TSchema][] = Object.entries({ ...httpApi, ...adminSchemas, ...offerSchemas }).flatMap(
  ([name, value]) => (typeof value === 'object' && '~kind' in value ? [[name, value]] : []),
);

describe('fits what fits by typebox, and nothing else', () => {
  test.each(schemas)('%s', (_name, schema) => {
    let fitted = 0;
    const values = fc.oneof(valueFor(schema as Plain, true), valueFor(schema as Plain, false));
    fc.assert(
      fc.property(values, (value) => {
        // As it would come over the wire.
        const parsed: unknown = JSON.parse(JSON.stringify(value));
        const expected = Check(schema, parsed);
        fitted += expected ? 1 : 0;
        expect(fitsSchema(schema, parsed)).toBe(expected);
      }),
      { numRuns: 80 },
    );
    expect(fitted).toBeGreaterThan(0);
    expect(fitsSchema(schema, [[{}]])).toBe(false);
  });
});

const bounds: { schema: TSchema; fits: unknown; not: unknown }[] = [
  { schema: Type.Array(Type.String(), { minItems: 1 }), fits: ['a'], not: [] },
  { schema: Type.Array(Type.String(), { maxItems: 2 }), fits: ['a', 'b'], not: ['a', 'b', 'c'] },
  { schema: Type.Array(Type.Integer(), { uniqueItems: true }), fits: [1, 2], not: [1, 2, 1] },
  { schema: Type.Array(Type.Object({})), fits: [{}, {}], not: [[]] },
  { schema: Type.String({ minLength: 2 }), fits: 'ab', not: 'a' },
  { schema: Type.String({ maxLength: 2 }), fits: '🎟🎟', not: 'abc' },
  { schema: Type.String({ pattern: '^.$' }), fits: '🎟', not: '' },
  { schema: Type.Integer(), fits: 2, not: 2.5 },
  { schema: Type.Number({ minimum: 1, maximum: 2 }), fits: 1.5, not: 2.5 },
  { schema: Type.Object({ toString: Type.Null() }), fits: { toString: null }, not: {} },
  { schema: Type.Record(Type.String({ pattern: '^a$' }), Type.Null()), fits: { b: 1 }, not: { a: 1 } },
  { schema: Type.Object({}, { maxProperties: 1 }), fits: { a: 1 }, not: { a: 1, b: 1 } },
];

test.each(bounds)('each bound by itself: $schema', ({ schema, fits, not }) => {
  for (const check of [Check, fitsSchema])
    expect([check(schema, fits), check(schema, not)]).toEqual([true, false]);
});

test('a keyword that is none is an error of the schema', () => {
  const schema = Type.Object({ count: Type.Integer({ maximun: 5 }) });
  expect(() => fitsSchema(schema, { count: 5 })).toThrow('maximun');
});

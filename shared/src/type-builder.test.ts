import { Type as TypeBox } from 'typebox';
import { expect, test } from 'vitest';
import { Type } from './type-builder.js';

/** What is printed, in its order; then what is hidden, by name. */
function everything(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(everything);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(Object.getOwnPropertyDescriptors(value)).map(
    ([name, { value: held, ...flags }]) => ({ name, held: everything(held), flags }),
  );
  const hidden = members.filter(({ flags }) => flags.enumerable !== true);
  return [
    members.filter((member) => !hidden.includes(member)),
    hidden.sort((left, right) => (left.name < right.name ? -1 : 1)),
  ];
}

function samples(type: typeof Type) {
  const text = type.String({ pattern: '^[a-z]+$', maxLength: 8, description: 'a word' });
  const strict = { additionalProperties: false } as const;
  const nested = type.Object({ text, maybe: type.Optional(text) }, { ...strict, minProperties: 1 });
  return {
    text,
    bare: type.String(),
    kept: type.String({ enum: ['open'] }),
    unsafe: type.Unsafe<'open' | 'start'>(type.String({ enum: ['open', 'start'] })),
    unsafeOptional: type.Unsafe<string>(type.Optional(text)),
    optional: type.Optional(type.Optional(type.Integer({ minimum: 0, maximum: 9 }))),
    integer: type.Integer(),
    number: type.Number({ minimum: 0.5 }),
    boolean: type.Boolean({ description: 'whether' }),
    null: type.Null(),
    literals: [type.Literal('a', { description: 'an a' }), type.Literal(7), type.Literal(true)],
    array: type.Array(nested, { minItems: 1, maxItems: 3, uniqueItems: true }),
    arrayBare: type.Array(text),
    object: nested,
    objectOptional: type.Object({ maybe: type.Optional(nested) }),
    empty: type.Object({}),
    spread: type.Object({ ...nested.properties, more: type.Literal('x') }),
    record: type.Record(text, type.Union([text, type.Null()]), { maxProperties: 2, ...strict }),
    recordOfAny: type.Record(type.String(), nested),
    union: type.Union([text, nested, type.Null()], { description: 'one of' }),
    overridden: type.Object({ text }, { type: 'x', required: [] }),
  };
}

test('schemas are those of typebox, in what is printed and in what is hidden', () => {
  const [own, theirs] = [samples(Type), samples(TypeBox)];
  for (const name of Object.keys(own) as (keyof typeof own)[]) {
    expect(everything(own[name]), name).toEqual(everything(theirs[name]));
  }
});

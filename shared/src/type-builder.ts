/**
 * The types that our schemas are built from: typebox's builder, its types and its schemas to the letter, without its code. That
 * is some 370 files, of which these schemas need the dozen functions below, and each program that has a schema would load
 * all of them at its start.
 */
import type { TSchema, Type as TypeBox } from 'typebox';

/** What typebox keeps beside a schema and does not print. */
type Hidden = { readonly '~kind'?: string; readonly '~optional'?: true; readonly '~unsafe'?: null };
type Options = Readonly<Record<string, unknown>>;

type Builder = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unsafe'
>;

function hide(schema: object, hidden: Hidden): object {
  for (const [name, value] of Object.entries(hidden)) {
    Object.defineProperty(schema, name, { value, configurable: true, writable: true, enumerable: false });
  }
  return schema;
}

function create(kind: string, schema: Options, options?: Options): object {
  return hide({ ...schema, ...options }, { '~kind': kind });
}

function copy(schema: object, hidden: Hidden): object {
  return hide(Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema)), hidden);
}

/** Names of the properties that are not optional, as a member of the schema where there are any. */
function requiredOf(properties: Readonly<Record<string, object>>): Options {
  const required = Object.keys(properties).filter((name) => !('~optional' in (properties[name] ?? {})));
  return required.length === 0 ? {} : { required };
}

const builder = {
  Array: (items: TSchema, options?: Options) => create('Array', { type: 'array', items }, options),
  Boolean: (options?: Options) => create('Boolean', { type: 'boolean' }, options),
  Integer: (options?: Options) => create('Integer', { type: 'integer' }, options),
  Literal: (value: string | number | boolean, options?: Options) =>
    create('Literal', { type: typeof value, const: value }, options),
  Null: (options?: Options) => create('Null', { type: 'null' }, options),
  Number: (options?: Options) => create('Number', { type: 'number' }, options),
  Object: (properties: Readonly<Record<string, TSchema>>, options?: Options) =>
    create('Object', { type: 'object', ...requiredOf(properties), properties }, options),
  Optional: (schema: TSchema) => copy(schema, { '~optional': true }),
  /** Of the schema of its keys, the pattern alone counts. */
  Record: (key: { readonly pattern?: string }, value: TSchema, options?: Options) =>
    create('Record', { type: 'object', patternProperties: { [key.pattern ?? '^.*$']: value } }, options),
  String: (options?: Options) => create('String', { type: 'string' }, options),
  Union: (anyOf: readonly TSchema[], options?: Options) => create('Union', { anyOf }, options),
  Unsafe: (schema: TSchema) => copy(schema, { '~unsafe': null }),
};

// The types are typebox's to say: they follow from the arguments, which these functions look at as little as typebox's do.
export const Type = builder as unknown as Builder;

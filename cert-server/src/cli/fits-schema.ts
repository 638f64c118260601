/**
 * Whether a value, as JSON.parse gives it, fits a schema of ours. By Ajv, as in the server's routes: typebox's own check takes three
 * times as long to load as a command takes otherwise. A test holds the two against each other.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Static, TSchema } from 'typebox';

// Schemas are ours and checked by tests, so that Ajv need not read the schema of schemas for one command.
const ajv = new Ajv2020({
  strict: false,
  strictSchema: true,
  strictNumbers: true,
  ownProperties: true,
  meta: false,
  validateSchema: false,
});
formats.default(ajv, ['date-time']);

/** @throws Error for a schema with a keyword that is none */
export function fitsSchema<Type extends TSchema>(schema: Type, value: unknown): value is Static<Type> {
  return ajv.compile(schema)(value);
}

/**
 * Validators and serialisers of routes, made when the first request needs them: most servers never see most routes, and to
 * make all of them is a large part of a start. They come from Fastify's own compilers, with the options of the app. What is
 * wrong with a schema is found by the test that has all of them made at the start.
 */
import { createRequire } from 'node:module';
import type { AjvCompiler } from '@fastify/ajv-compiler';
import type { SerializerSelector } from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions } from 'fastify';

export type SchemasCompiled = 'at first use' | 'at start';

type CompilersFactory = NonNullable<
  NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']
>;
type BuildValidator = ReturnType<typeof AjvCompiler>;
type BuildSerializer = ReturnType<typeof SerializerSelector>;

/** What Fastify knows of the validators that it calls. */
type Validator = { (data: unknown): unknown; errors?: unknown };

// The compilers too are loaded with the first schema, and at once, since Fastify does not wait for them.
const load = createRequire(import.meta.url);

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function lateValidator(compile: () => Validator): Validator {
  const compiled = once(compile);
  const late: Validator = (data) => {
    const validator = compiled();
    const answer = validator(data);
    late.errors = validator.errors;
    return answer;
  };
  return late;
}

const buildValidator = ((...options: Parameters<BuildValidator>) => {
  const compiler = once(() => {
    const { AjvCompiler: select } = load('@fastify/ajv-compiler') as { AjvCompiler: typeof AjvCompiler };
    return select()(...options);
  });
  return (...route: Parameters<ReturnType<BuildValidator>>) => lateValidator(() => compiler()(...route));
}) as BuildValidator;

const buildSerializer: BuildSerializer = (...options) => {
  const compiler = once(() => {
    const { SerializerSelector: select } = load('@fastify/fast-json-stringify-compiler') as {
      SerializerSelector: typeof SerializerSelector;
    };
    return select()(...options);
  });
  return (route) => {
    const compiled = once(() => compiler()(route));
    return (data) => compiled()(data);
  };
};

export function schemaCompilers(when: SchemasCompiled): CompilersFactory {
  return when === 'at start' ? {} : { buildValidator, buildSerializer };
}

import { Type } from '@tapseal/shared/type-builder';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogger } from '../server/create-logger.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { buildApp } from './build-app.js';
import { type SchemasCompiled, schemaCompilers } from './schema-compilers.js';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const Body = Type.Object({ name: Type.String({ maxLength: 3 }), count: Type.Optional(Type.Integer()) });

function appWith(schemas: SchemasCompiled, schema: object) {
  const app = Fastify({
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    schemaController: { compilersFactory: schemaCompilers(schemas) },
  });
  app.post('/', { schema }, async (request) => request.body);
  return app;
}

test('every schema of every route can be compiled', async () => {
  const { context } = server;
  const app = await buildApp({ context, logger: createLogger('silent'), schemas: 'at start' });
  await app.ready();
  await app.close();
});

test.each([
  { part: 'body', schema: { body: { type: 'objct' } } },
  {
    part: 'response',
    schema: { response: { 200: { type: 'object', properties: { a: { $ref: '#/no' } } } } },
  },
])(
  'a wrong schema of a $part stops the start that compiles, and answers 500 where none did',
  async ({ schema }) => {
    await expect(appWith('at start', schema).ready()).rejects.toThrow('Failed building');
    const late = appWith('at first use', schema);
    await late.ready();
    for (let i = 0; i < 2; i += 1) {
      const answer = await late.inject({ method: 'POST', url: '/', payload: { a: 1 } });
      expect(answer.statusCode).toBe(500);
    }
  },
);

test.each([
  { name: 'abc', count: 2 },
  { name: 'abcd' },
  { count: 1 },
  { name: 'a', count: '1' },
  [],
  { name: 'a' },
])('schemas that are compiled late answer as those that were compiled at the start: %j', async (payload) => {
  const schema = { body: Body, response: { 200: Type.Object({ name: Type.String() }) } };
  const answers: { statusCode: number; body: string }[] = [];
  for (const app of [appWith('at start', schema), appWith('at first use', schema)]) {
    for (let i = 0; i < 2; i += 1) {
      const { statusCode, body } = await app.inject({ method: 'POST', url: '/', payload });
      answers.push({ statusCode, body });
    }
  }
  expect(answers).toEqual(Array.from(answers, () => answers[0]));
});

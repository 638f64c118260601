/**
 * The OpenAPI document and its page at /docs: everything it shows comes from this server, none of it from the internet. Both
 * are made when the first reader asks: a second app is given the same routes, for what their schemas say, and answers for
 * /docs alone.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import Fastify from 'fastify';
import type { App } from './app-types.js';
import { schemaCompilers } from './schema-compilers.js';

const openapi: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Tapseal certificate server',
    version: '1',
    description:
      'Errors are RFC 9457 problems with a stable `code`. Bytes are unpadded base64url, ids are hexadecimal.',
  },
  tags: [
    { name: 'phone', description: 'What the app of a shopper calls' },
    { name: 'touchpoint', description: 'What a box calls at its enrolment' },
    { name: 'public', description: 'Public keys, health and metrics' },
    { name: 'programmes', description: 'Administration: tenants' },
    { name: 'touchpoints', description: 'Administration: boxes and their enrolment codes' },
    { name: 'offers', description: 'Administration: offers and their rules' },
    { name: 'shoppers', description: 'Administration: labels of shoppers, which limits count by' },
    { name: 'phones', description: 'Administration: phones' },
    { name: 'grants', description: 'Administration: the record of decisions' },
    { name: 'tokens', description: 'Administration: API tokens and their roles' },
  ],
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'an API token: `tps_…`' },
    },
  },
};

async function buildDocumentation(addRoutes: (app: App) => void): Promise<App> {
  const { default: swagger } = await import('@fastify/swagger');
  const { default: swaggerUi } = await import('@fastify/swagger-ui');
  const app: App = Fastify({
    schemaController: { compilersFactory: schemaCompilers('at first use') },
  }).withTypeProvider<TypeBoxTypeProvider>();
  await app.register(swagger, { openapi });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
  addRoutes(app);
  await app.ready();
  return app;
}

/** Pages and files of up to a megabyte and a half: so many at once, until they have been read. */
const READERS_MAX = 16;
/** Nothing of these changes, and each takes a hundredth of a second to write. */
const documents: ReadonlySet<string> = new Set(['/docs/json', '/docs/yaml']);

/** Headers of one connection, which the app that is asked sets for its own. */
const ownHeaders: ReadonlySet<string> = new Set(['connection', 'date', 'keep-alive', 'transfer-encoding']);

/** @param addRoutes adds the routes that the document describes; their handlers are not called */
export function openApiRoutes(app: App, addRoutes: (app: App) => void): void {
  let documentation: Promise<App> | undefined;
  const build = async (): Promise<App> => {
    try {
      return await buildDocumentation(addRoutes);
    } catch (error) {
      // For those who wait it has failed; the next reader has it tried anew.
      documentation = undefined;
      throw error;
    }
  };
  app.addHook('onClose', async () => {
    const made = await documentation?.catch(() => undefined);
    await made?.close();
  });
  type Page = Awaited<ReturnType<App['inject']>>;
  const written = new Map<string, Page>();
  const pageOf = async (url: string, headers: IncomingHttpHeaders): Promise<Page> => {
    documentation ??= build();
    const made = await documentation;
    if (!documents.has(url)) return made.inject({ url, headers });
    const page = written.get(url) ?? (await made.inject({ url }));
    if (page.statusCode === 200) written.set(url, page);
    return page;
  };
  let readers = 0;
  for (const path of ['/docs', '/docs/*']) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => {
        if (readers >= READERS_MAX) throw new TapsealError('server_busy', 'too many read the documentation');
        readers += 1;
        reply.raw.once('close', () => {
          readers -= 1;
        });
        const answer = await pageOf(request.url, request.headers);
        for (const [name, value] of Object.entries(answer.headers)) {
          if (!ownHeaders.has(name)) reply.header(name, value);
        }
        if (answer.statusCode >= 400) {
          // Problems are told as everywhere else.
          reply.removeHeader('content-length');
          if (answer.statusCode === 404) return reply.callNotFound();
          throw new Error(`the page at /docs answered ${answer.statusCode}`);
        }
        const { rawPayload } = answer;
        return reply.code(answer.statusCode).send(rawPayload.length === 0 ? undefined : rawPayload);
      },
    });
  }
}

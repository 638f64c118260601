/** The OpenAPI document and its page at /docs: everything it shows comes from this server, none of it from the internet. */
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { App } from './app-types.js';

export async function registerOpenApi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
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
    },
  });
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true });
}

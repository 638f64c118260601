/** Builds the app: routes, validation, problems, metrics, log lines. It does not listen; start-server.ts does. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { HTTP_BODY_BYTES_MAX } from '@tapseal/shared/bounds';
import Fastify, { type FastifyBaseLogger, type FastifyError, LogController } from 'fastify';
import type { ServerContext } from '../server-context.js';
import type { App, RouteParts } from './app-types.js';
import { boxRoutes } from './box-routes.js';
import { closeConnectionsAtStop } from './close-connections.js';
import { DecisionFeed } from './decision-feed.js';
import { dryRunRoute } from './dry-run-route.js';
import { explanationRoute } from './explanation-route.js';
import { grantRoutes } from './grant-routes.js';
import { limitLoad } from './load-limit.js';
import { createMetrics } from './metrics.js';
import { offerRoutes } from './offer-routes.js';
import { offerVersionRoutes } from './offer-version-routes.js';
import { openApiRoutes } from './openapi.js';
import { createOutageLog } from './outage-log.js';
import { phoneAdminRoutes } from './phone-admin-routes.js';
import { phoneRoutes } from './phone-routes.js';
import { limitPipeline } from './pipeline-limit.js';
import { handleError, handleNotFound } from './problem.js';
import { programmeRoutes } from './programme-routes.js';
import { publicRoutes } from './public-routes.js';
import { createRateLimits, type RateLimitOptions } from './rate-limits.js';
import { receiptsRoute } from './receipts-route.js';
import { redemptionRoute } from './redemption-route.js';
import { REQUESTS_MAX_DEFAULT } from './requests-max.js';
import { resolveRoute } from './resolve-route.js';
import { type SchemasCompiled, schemaCompilers } from './schema-compilers.js';
import { shopperRoutes } from './shopper-routes.js';
import { tokenRoutes } from './token-routes.js';
import { touchpointRoutes } from './touchpoint-routes.js';

export type AppOptions = {
  readonly context: ServerContext;
  readonly logger: FastifyBaseLogger;
  /** Makes the server that will listen; a plain one where absent. */
  readonly makeServer?: (handler: (request: IncomingMessage, response: ServerResponse) => void) => Server;
  readonly trustProxy?: string | undefined;
  readonly rateLimits?: RateLimitOptions | undefined;
  /** One more is refused with server_busy; a bound that suits one machine where absent. */
  readonly requestsMax?: number | undefined;
  /** At first use where absent. */
  readonly schemas?: SchemasCompiled;
};

const routes: readonly ((app: App, parts: RouteParts) => void)[] = [
  phoneRoutes,
  resolveRoute,
  dryRunRoute,
  redemptionRoute,
  receiptsRoute,
  boxRoutes,
  publicRoutes,
  programmeRoutes,
  touchpointRoutes,
  offerRoutes,
  offerVersionRoutes,
  explanationRoute,
  shopperRoutes,
  phoneAdminRoutes,
  grantRoutes,
  tokenRoutes,
];

/** One line for each answer: the pattern of the route, never the address with its ids, never a body. */
function observeAnswers(
  app: App,
  logger: FastifyBaseLogger,
  metrics: ReturnType<typeof createMetrics>,
): void {
  // These lines have named fields only: to look for secrets in them costs more than to write them.
  const log = logger.child({}, { redact: [] });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method, problemCode } = request;
    const status = reply.statusCode;
    metrics.answered({ method, route, status }, reply.elapsedTime / 1_000);
    if (problemCode !== null) metrics.problem(problemCode);
    const elapsedMs = Math.round(reply.elapsedTime * 10) / 10;
    const line = { reqId: request.id, method, route, status, elapsedMs };
    log.info(problemCode === null ? line : { ...line, code: problemCode }, 'answered');
    done();
  });
}

export async function buildApp(options: AppOptions): Promise<App> {
  const { makeServer = createServer, trustProxy } = options;
  const app: App = Fastify<Server>({
    loggerInstance: options.logger,
    // Not a logger for each request: few log anything, and those name the request themselves.
    childLoggerFactory: (logger) => logger,
    logController: new LogController({ disableRequestLogging: true }),
    // The id is ours: one that a client chose could not be told from another's in the log.
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    // What comes in on an open connection while the server closes is still answered.
    return503OnClosing: false,
    bodyLimit: HTTP_BODY_BYTES_MAX,
    // Addresses that the router cannot read come here, past the error handler.
    frameworkErrors: handleError,
    routerOptions: { maxParamLength: 128 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: false } },
    schemaController: { compilersFactory: schemaCompilers(options.schemas ?? 'at first use') },
    ...(trustProxy === undefined ? {} : { trustProxy }),
    serverFactory: (handler) => makeServer(limitPipeline(handler)),
  }).withTypeProvider<TypeBoxTypeProvider>();

  app.decorateRequest('apiToken', null);
  app.decorateRequest('problemCode', null);
  const noteOutage = createOutageLog(options.logger);
  app.setErrorHandler((error: FastifyError, request, reply) => {
    noteOutage(error);
    return handleError(error, request, reply);
  });
  app.setNotFoundHandler(handleNotFound);

  const metrics = createMetrics();
  const feed = new DecisionFeed();
  app.addHook('preClose', async () => feed.close());
  closeConnectionsAtStop(app);
  observeAnswers(app, options.logger, metrics);
  limitLoad(app, options.requestsMax ?? REQUESTS_MAX_DEFAULT);
  const limits = await createRateLimits(app, options.rateLimits);

  const parts: RouteParts = { context: options.context, metrics, feed, limits };
  const addRoutes = (to: App): void => {
    for (const add of routes) add(to, parts);
  };
  addRoutes(app);
  openApiRoutes(app, addRoutes);
  return app;
}

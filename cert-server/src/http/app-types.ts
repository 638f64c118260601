/** The app as its routes see it: Fastify with types derived from the schemas. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ServerContext } from '../server-context.js';
import type { TokenRecord } from '../store/records.js';
import type { DecisionFeed } from './decision-feed.js';
import type { Metrics } from './metrics.js';
import type { RateLimits } from './rate-limits.js';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** What the routes are built from. */
export type RouteParts = {
  readonly context: ServerContext;
  readonly metrics: Metrics;
  readonly feed: DecisionFeed;
  readonly limits: RateLimits;
};

declare module 'fastify' {
  interface FastifyInstance {
    /** Of an app that is closed: resolves when nothing is at work any more for clients that went away. */
    workDone(): Promise<void>;
  }
  interface FastifyRequest {
    /** Of requests that a route has let in by a token. */
    apiToken: TokenRecord | null;
    /** Code of the problem that was answered, for the log and the metrics. */
    problemCode: string | null;
  }
}

/**
 * How many requests the server holds at once. Beyond that, an answer at once is worth more than one that comes too late: it
 * costs no parsing, no store and no signature, and those that are held keep their time.
 */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { FastifyRequest } from 'fastify';
import type { App } from './app-types.js';

/**
 * Connections that wait for their next request cost memory and file descriptors too: fewer of them, by default, than a service may
 * have open. Beyond these, new ones are closed.
 */
const CONNECTIONS_A_REQUEST = 5;

/** Monitoring has to see a busy server: these have places of their own. Each costs one read at most. */
const monitoring: ReadonlySet<string | undefined> = new Set(['/healthz', '/metrics']);
const MONITORING_MAX = 100;

type Places = { held: number; readonly max: number };

export function limitLoad(app: App, requestsMax: number): void {
  const places: Places = { held: 0, max: requestsMax };
  const ofMonitoring: Places = { held: 0, max: MONITORING_MAX };
  const placesFor = ({ routeOptions: { url } }: FastifyRequest): Places =>
    monitoring.has(url) ? ofMonitoring : places;
  const working = new Set<FastifyRequest>();
  /** Of those at work: their clients went away. */
  const left = new Set<FastifyRequest>();
  let idle: (() => void) | undefined;
  const end = (request: FastifyRequest): void => {
    working.delete(request);
    if (left.delete(request)) placesFor(request).held -= 1;
    if (working.size === 0) idle?.();
  };
  app.server.maxConnections = requestsMax * CONNECTIONS_A_REQUEST;

  app.addHook('onRequest', (request, _reply, done) => {
    const { held, max } = placesFor(request);
    done(held >= max ? new TapsealError('server_busy') : undefined);
  });
  // A place is taken when the body is there: whoever sends it byte by byte takes nobody's.
  app.addHook('preValidation', (request, reply, done) => {
    const own = placesFor(request);
    if (own.held >= own.max || reply.raw.closed) return done(new TapsealError('server_busy'));
    own.held += 1;
    // 'close' comes for answers and for clients that went away alike. The work of these goes on, and so does its place: else
    // whoever asks and leaves could have any number of requests at work.
    reply.raw.once('close', () => {
      if (working.has(request)) left.add(request);
      else own.held -= 1;
    });
    done();
  });
  app.addHook('onRoute', (route) => {
    const { handler } = route;
    route.handler = async function work(request, reply) {
      working.add(request);
      try {
        return await handler.call(this, request, reply);
      } finally {
        end(request);
      }
    };
  });
  app.decorate('workDone', async () => {
    if (working.size === 0) return;
    await new Promise<void>((resolve) => {
      idle = resolve;
    });
  });
}

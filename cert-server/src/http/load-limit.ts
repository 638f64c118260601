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

/** Monitoring has to see a busy server; each of them costs one read at most. */
const alwaysAnswered: ReadonlySet<string | undefined> = new Set(['/healthz', '/metrics']);

export function limitLoad(app: App, requestsMax: number): void {
  let held = 0;
  const working = new Set<FastifyRequest>();
  /** Of those at work: their clients went away. */
  const left = new Set<FastifyRequest>();
  let idle: (() => void) | undefined;
  const end = (request: FastifyRequest): void => {
    working.delete(request);
    if (left.delete(request)) held -= 1;
    if (working.size === 0) idle?.();
  };
  app.server.maxConnections = requestsMax * CONNECTIONS_A_REQUEST;

  app.addHook('onRequest', (request, reply, done) => {
    if (alwaysAnswered.has(request.routeOptions.url)) return done();
    if (held >= requestsMax) return done(new TapsealError('server_busy'));
    held += 1;
    // 'close' comes for answers and for clients that went away alike. The work of these goes on, and so does its place: else
    // whoever asks and leaves could have any number of requests at work.
    reply.raw.once('close', () => {
      if (working.has(request)) left.add(request);
      else held -= 1;
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

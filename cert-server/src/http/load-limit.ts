/**
 * How many requests the server holds at once. Beyond that, an answer at once is worth more than one that comes too late: it
 * costs no parsing, no store and no signature, and those that are held keep their time.
 */
import { TapsealError } from '@tapseal/shared/tapseal-error';
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
  app.server.maxConnections = requestsMax * CONNECTIONS_A_REQUEST;
  const release = (): void => {
    held -= 1;
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (alwaysAnswered.has(request.routeOptions.url)) return done();
    if (held >= requestsMax) return done(new TapsealError('server_busy'));
    held += 1;
    // 'close' comes for answers and for clients that went away alike.
    reply.raw.once('close', release);
    done();
  });
}

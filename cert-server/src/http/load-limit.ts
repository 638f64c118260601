/** How many requests the server holds at once. Beyond that, an answer at once is worth more than one that comes too late. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { App } from './app-types.js';

export const REQUESTS_MAX_DEFAULT = 2_000;

export function limitLoad(app: App, requestsMax: number): void {
  let held = 0;
  app.addHook('onRequest', async (_request, reply) => {
    if (held >= requestsMax) throw new TapsealError('server_busy');
    held += 1;
    // 'close' comes for answers and for clients that went away alike.
    reply.raw.once('close', () => {
      held -= 1;
    });
  });
}

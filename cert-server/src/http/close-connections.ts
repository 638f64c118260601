/**
 * A server that stops tells whoever it still answers to close the connection. Else each of them would stay open, with nothing on
 * it, and the stop would wait for all of them.
 */
import type { App } from './app-types.js';

export function closeConnectionsAtStop(app: App): void {
  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stopping) reply.header('connection', 'close');
    done(null, payload);
  });
}

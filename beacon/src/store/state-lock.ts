/**
 * One process at a time on a state directory: two would give two receipts one counter. The lock is a socket in Linux's
 * abstract namespace, which the kernel takes away with its process, so that no power cut leaves a stale one.
 */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { TapsealError } from '@tapseal/shared/tapseal-error';

export type StateLock = { release(): void };

/** @throws TapsealError state_in_use */
export function lockState(stateDirectory: string): Promise<StateLock> {
  const name = createHash('sha256').update(realpathSync(stateDirectory)).digest('hex').slice(0, 32);
  const server: Server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => reject(new TapsealError('state_in_use', stateDirectory, { cause })));
    server.listen(`\0tapseal-beacon-${name}`, () => {
      server.unref();
      resolve({ release: () => server.close() });
    });
  });
}

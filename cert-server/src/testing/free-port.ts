/**
 * For tests only: a TCP port on loopback that is free, and that nobody gets who asks the system for any. So a server that ends can
 * begin again on it.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below those that systems give out (from 32768 on Linux, 49152 elsewhere), above those of well-known services. */
const [FIRST, END] = [10_240, 32_000];
const TRIES_MAX = 100;

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const port = randomInt(FIRST, END);
    if (await canListen(port)) return port;
  }
  throw new Error('no port is free');
}

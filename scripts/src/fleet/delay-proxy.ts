/**
 * A TCP proxy on loopback that delays every byte by half of a round trip in each direction: the mobile network between a
 * phone and its server, for measurements. TLS passes through it untouched.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';

export type DelayProxy = { readonly port: number; close(): Promise<void> };

function pipeLater(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), delayMs));
}

/** @param roundTripMs added to each request and its answer together */
export async function startDelayProxy(
  target: { host: string; port: number },
  roundTripMs: number,
): Promise<DelayProxy> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((phone) => {
    const upstream = connect({ ...target, noDelay: true });
    phone.setNoDelay(true);
    for (const socket of [phone, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    }
    pipeLater(phone, upstream, roundTripMs / 2);
    pipeLater(upstream, phone, roundTripMs / 2);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * How many requests one connection may have open at once. Phones, browsers and proxies wait for the answer before they ask again;
 * HTTP lets a client send thousands in one packet, whose answers all wait in memory until it reads them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const OPEN_OF_A_CONNECTION_MAX = 16;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Whoever sends more is cut off: there is no place left for an answer. */
export function limitPipeline(handler: Handler): Handler {
  const open = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    const count = (open.get(socket) ?? 0) + 1;
    if (count > OPEN_OF_A_CONNECTION_MAX) {
      socket.destroy();
      return;
    }
    open.set(socket, count);
    response.once('close', () => open.set(socket, (open.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}

/** Plain HTTP to servers on loopback, over as many kept-alive connections as are asked for. */
import { Agent, request as httpRequest } from 'node:http';

export type HttpAnswer = { readonly status: number; readonly text: string };

/** The connection ended before the answer was there: whether the request was heard, nobody knows. */
export class ConnectionLost extends Error {}

export class HttpClient {
  readonly #agent: Agent;

  /** @param connections to each server */
  constructor(connections: number) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** @throws ConnectionLost */
  send(method: 'GET' | 'POST' | 'PUT', url: string, body?: string, token?: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const headers = {
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      };
      const request = httpRequest(url, { method, agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (cause) => reject(new ConnectionLost('amid the answer', { cause })));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      request.on('error', (cause) => reject(new ConnectionLost('no answer', { cause })));
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

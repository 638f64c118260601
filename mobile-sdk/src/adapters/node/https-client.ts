/**
 * The http port over node:https, or node:http for a server on loopback. Connections are kept alive, so that a redemption after
 * the shopper's reading time costs one round trip; answers are cut off at a bound.
 */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Http, HttpAnswer } from '../../core/ports.js';

/** A voucher with a full manifest, as JSON, is about 13 kB; resolve with 100 offers is the longest answer. */
const ANSWER_BYTES_MAX = 262_144;
const TIMEOUT_MS_DEFAULT = 10_000;
const RETRY_AFTER_S_MAX = 3_600;

export type HttpsClientOptions = {
  /** Origin of the certificate server, for example `https://tapseal.example`. Plain http only for loopback. */
  readonly server: string;
  /** PEM of the authority to trust instead of the system's. */
  readonly ca?: string;
  /** For one request, answer included. */
  readonly timeoutMs?: number;
};

export type HttpsClient = Http & {
  /** Ends the kept connections. */
  close(): void;
};

type Attempt = { readonly answer: HttpAnswer } | { readonly staleSocket: true };

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @throws TapsealError usage_invalid where the address is none, or plain http to another machine */
export function createHttpsClient(options: HttpsClientOptions): HttpsClient {
  const base = URL.canParse(options.server) ? new URL(options.server) : undefined;
  const plain = base?.protocol === 'http:';
  if (base === undefined || (base.protocol !== 'https:' && !(plain && isLoopback(base.hostname))))
    throw new TapsealError('usage_invalid', 'server address: https://host, or http:// on loopback');
  // One address at a time is enough: DNS is asked once for each new connection only.
  const agentOptions = { keepAlive: true, maxSockets: 6, keepAliveMsecs: 15_000 };
  const agent = plain
    ? new HttpAgent(agentOptions)
    : new HttpsAgent({
        ...agentOptions,
        minVersion: 'TLSv1.2',
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      });
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS_DEFAULT;
  const send = plain ? httpRequest : httpsRequest;
  const prefix = base.pathname.replace(/\/$/, '');

  function attempt(method: 'GET' | 'POST', path: string, body: Buffer | undefined): Promise<Attempt> {
    return new Promise((resolve, reject) => {
      const requestOptions: RequestOptions = {
        agent,
        method,
        protocol: base?.protocol,
        hostname: base?.hostname.replace(/^\[|\]$/g, ''),
        port: base?.port,
        path: prefix + path,
        headers: {
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(method === 'POST' ? { 'content-length': body?.length ?? 0 } : {}),
        },
      };
      const request = send(requestOptions, (response) => {
        readAnswer(response).then(
          (answer) => {
            clearTimeout(timer);
            resolve({ answer });
          },
          (error: unknown) => {
            clearTimeout(timer);
            request.destroy();
            reject(error);
          },
        );
      });
      // A socket timeout would only watch for silence: a server that trickles would hold us for ever.
      const timer = setTimeout(() => {
        request.destroy(new Error('timed out'));
      }, timeoutMs);
      request.on('error', (cause: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        // The server closed a kept connection while we picked it: the request was never read.
        if (request.reusedSocket && (cause.code === 'ECONNRESET' || cause.code === 'EPIPE'))
          resolve({ staleSocket: true });
        else reject(new TapsealError('network_unavailable', cause.code ?? cause.message, { cause }));
      });
      request.end(body);
    });
  }

  return {
    request: async (method, path, json) => {
      const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
      // Every request of the protocol may be repeated, so a stale socket costs a repetition; each removes one.
      for (let tries = 0; tries <= agentOptions.maxSockets; tries++) {
        const result = await attempt(method, path, body);
        if ('answer' in result) return result.answer;
      }
      throw new TapsealError('network_unavailable', 'connection closed');
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) throw new TapsealError('server_answer_invalid', 'answer too long');
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof TapsealError) throw cause;
    throw new TapsealError('network_unavailable', 'answer cut off', { cause });
  }
  return {
    status: response.statusCode ?? 0,
    json: parseJson(Buffer.concat(chunks).toString('utf8')),
    retryAfterMs: parseRetryAfter(response.headers['retry-after']),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or nothing: who reads the answer finds no fields in it.
    return undefined;
  }
}

/** Seconds only: the other form needs a clock that agrees with the server's. */
function parseRetryAfter(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d{1,6}$/.test(value)) return undefined;
  return Math.min(Number(value), RETRY_AFTER_S_MAX) * 1_000;
}

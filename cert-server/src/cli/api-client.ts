/**
 * HTTP to the certificate server. Nothing of an answer is used before it fits the server's own schema; an answer is bounded
 * in size and time; redirects are not followed, since the token would travel along.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isErrorCode } from '@tapseal/shared/error-codes';
import { Problem } from '@tapseal/shared/http-api';
import type { Static, TSchema } from 'typebox';
import { fitsSchema } from './fits-schema.js';
import { ProblemError, problemError } from './problem-error.js';

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export type ApiClientOptions = {
  readonly server: URL;
  readonly token?: string;
  /** Root certificates, PEM, instead of those of the system. */
  readonly ca?: string;
};

export type ApiRequest = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** How much longer than usual the server may take: the wait of a long poll. */
  readonly extraMs?: number;
  readonly signal?: AbortSignal;
};

type Answer = { readonly status: number; readonly contentType: string; readonly text: string };

export class ApiClient {
  readonly server: URL;
  readonly #token: string | undefined;
  readonly #ca: string | undefined;

  constructor(options: ApiClientOptions) {
    this.server = options.server;
    this.#token = options.token;
    this.#ca = options.ca;
  }

  /**
   * @throws ProblemError the server's problem; network_unavailable; server_answer_invalid
   */
  async call<Schema extends TSchema>(request: ApiRequest, schema: Schema): Promise<Static<Schema>> {
    const answer = parseJson(await this.#send(request));
    if (!fitsSchema(schema, answer)) throw foreignAnswer(`to ${request.path} does not fit its schema`);
    return answer;
  }

  /** For answers that are text, and for those without a body. */
  async callText(request: ApiRequest): Promise<string> {
    return (await this.#send(request)).text;
  }

  async #send(request: ApiRequest): Promise<Answer> {
    const answer = await this.#exchange(request);
    if (answer.status >= 200 && answer.status < 300) return answer;
    const problem = parseJson(answer);
    if (!fitsSchema(Problem, problem) || !isErrorCode(problem.code)) {
      throw foreignAnswer(`has the status ${answer.status} and no problem`);
    }
    throw new ProblemError({ ...problem, code: problem.code });
  }

  #exchange(request: ApiRequest): Promise<Answer> {
    const url = new URL(request.path.replace(/^\//, ''), withSlash(this.server));
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const headers: Record<string, string> = { accept: 'application/json, application/problem+json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    const timeoutMs = TIMEOUT_MS + (request.extraMs ?? 0);
    const deadline = AbortSignal.timeout(timeoutMs);
    const options = {
      method: request.method ?? 'GET',
      headers,
      // One command, one connection: nothing is kept alive that would hold the process.
      agent: false,
      signal: request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]),
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    } as const;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        reject(
          deadline.aborted
            ? networkFault(url, `no answer within ${timeoutMs / 1000} s`)
            : faultOf(url, error),
        );
      };
      const onAnswer = (message: IncomingMessage): void => {
        readBounded(message).then(
          (text) =>
            resolve({
              status: message.statusCode ?? 0,
              contentType: message.headers['content-type'] ?? '',
              text,
            }),
          fail,
        );
      };
      const sent =
        url.protocol === 'https:'
          ? httpsRequest(url, options, onAnswer)
          : httpRequest(url, options, onAnswer);
      sent.on('error', fail);
      sent.end(body);
    });
  }
}

async function readBounded(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > ANSWER_BYTES_MAX) throw foreignAnswer('is longer than 16 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function withSlash(server: URL): URL {
  return new URL(server.href.endsWith('/') ? server.href : `${server.href}/`);
}

function parseJson(answer: Answer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch {
    throw foreignAnswer(`(status ${answer.status}, ${answer.contentType || 'no content type'}) is not JSON`);
  }
}

function foreignAnswer(what: string): ProblemError {
  return problemError('server_answer_invalid', `The answer ${what}.`);
}

function networkFault(url: URL, reason: string, advice?: string): ProblemError {
  return problemError(
    'network_unavailable',
    `${url.origin}: ${reason}.`,
    advice ?? 'Check the address (--server or the profile), and that `tapseal serve` runs there.',
  );
}

function faultOf(url: URL, error: unknown): Error {
  if (error instanceof ProblemError) return error;
  if (error instanceof Error && error.name === 'AbortError') return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/CERT|SELF_SIGNED|ISSUER|ERR_TLS/.test(code)) {
    return networkFault(
      url,
      `its certificate is not trusted (${code})`,
      'Give the authority of the server with --ca FILE; `tapseal authority show --out FILE` writes it.',
    );
  }
  if (/SSL|EPROTO/.test(code)) {
    return networkFault(
      url,
      `it does not speak TLS (${code})`,
      'Try the address with http:// instead of https://.',
    );
  }
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'nothing listens there',
    ENOTFOUND: 'there is no host of this name',
    EAI_AGAIN: 'the name cannot be looked up now',
    ECONNRESET: 'it closed the connection',
    EHOSTUNREACH: 'the host cannot be reached',
    ENETUNREACH: 'the network cannot be reached',
    ETIMEDOUT: 'it does not answer',
  };
  return networkFault(url, reasons[code] ?? `the connection failed (${code || 'unknown reason'})`);
}

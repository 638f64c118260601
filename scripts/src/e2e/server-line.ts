/** HTTPS to a running server, as an attacker has it: any body to any path, and the whole answer. */
import { readFileSync } from 'node:fs';
import { Agent, request as httpsRequest } from 'node:https';
import { errorTable } from '@tapseal/shared/error-codes';
import { expect } from 'vitest';

export type Answer = {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
  /** Parsed, or an empty object where it was no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
};

/** Bytes and text are sent as they are, anything else as JSON. */
export type Body = object | string | Uint8Array;

export class ServerLine {
  readonly #url: string;
  readonly #agent: Agent;
  readonly #token: string | undefined;

  /**
   * @param ca PEM; undefined for a server in this process, whose clock and so whose certificate may be years away
   * @param token of the operator; phones have none
   */
  constructor(url: string, ca: string | undefined, token?: string) {
    this.#url = url;
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, ...trust });
    this.#token = token;
  }

  get(path: string): Promise<Answer> {
    return this.#send('GET', path, undefined);
  }

  post(path: string, body?: Body): Promise<Answer> {
    return this.#send('POST', path, body);
  }

  #send(method: string, path: string, body: Body | undefined): Promise<Answer> {
    const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        new URL(path, this.#url),
        {
          method,
          agent: this.#agent,
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          },
        },
        (response) => {
          let answer = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            answer += chunk;
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              mediaType: (response.headers['content-type'] ?? '').split(';')[0] ?? '',
              text: answer,
              json: parseObject(answer),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(content);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

/** The one shape of every refusal (RFC 9457), with nothing in it that an answer of success would have. */
export function codeOfProblem(answer: Answer): string {
  const { json } = answer;
  const code = String(json.code);
  expect(Object.keys(errorTable), answer.text).toContain(code);
  const entry: { title: string; advice: string; http?: number } = errorTable[code as keyof typeof errorTable];
  expect(answer).toMatchObject({
    status: entry.http,
    mediaType: 'application/problem+json',
    json: {
      type: `urn:tapseal:problem:${code}`,
      title: entry.title,
      status: entry.http,
      code,
      advice: entry.advice,
      instance: expect.any(String),
    },
  });
  const allowed = ['type', 'title', 'status', 'code', 'advice', 'instance', 'detail', 'refusal', 'resetsAt'];
  expect(allowed).toEqual(expect.arrayContaining(Object.keys(json)));
  return code;
}

/** The first profile of a configuration file of `tapseal`. */
export function profileOf(configFile: string): { readonly token: string; readonly ca: string } {
  const { profiles } = JSON.parse(readFileSync(configFile, 'utf8')) as {
    profiles: Record<string, { token: string; ca: string }>;
  };
  const [profile] = Object.values(profiles);
  if (profile === undefined) throw new Error(`${configFile} has no profile`);
  return profile;
}

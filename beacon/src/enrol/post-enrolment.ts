/**
 * The enrolment over the network. The code is a secret, so it is sent only to the server that the operator meant: the TLS
 * chain must lead to the root whose fingerprint is in the code, or to the authorities of --ca, and carry the host's name.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import type { Hashing } from '@tapseal/shared/crypto-port';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import { isErrorCode } from '@tapseal/shared/error-codes';
import type { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { ENROLMENT_ANSWER_CHARS_MAX, parseEnrolmentAnswer } from './enrolment-answer.js';

const NETWORK_MS_MAX = 20_000;
const CHAIN_MAX = 8;
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @throws TapsealError usage_invalid */
export function parseServerUrl(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new TapsealError('usage_invalid', `--server ${text} is not an address`, { cause });
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname))) return url;
  throw new TapsealError('usage_invalid', '--server must be https, or http on this machine');
}

export type ServerTrust = {
  /** Of the code. */
  readonly rootFingerprint: string;
  /** PEM file; undefined: the root that the fingerprint names. */
  readonly caFile: string | undefined;
};

/** @throws TapsealError usage_invalid, network_unavailable, server_answer_invalid, enrolment_failed */
export async function postEnrolment(
  hashing: Pick<Hashing, 'sha256'>,
  server: URL,
  trust: ServerTrust,
  body: EnrolmentRequest,
): Promise<EnrolmentResponse> {
  const ca = server.protocol === 'https:' ? await trustedAuthorities(hashing, server, trust) : undefined;
  const { status, text } = await post(new URL('/v1/enrolments', server), ca, JSON.stringify(body));
  if (status === 200 || status === 201) return parseEnrolmentAnswer(text);
  throw refusalOf(status, text);
}

async function trustedAuthorities(
  hashing: Pick<Hashing, 'sha256'>,
  server: URL,
  trust: ServerTrust,
): Promise<string> {
  if (trust.caFile !== undefined) {
    try {
      return readFileSync(trust.caFile, 'utf8');
    } catch (cause) {
      throw new TapsealError('usage_invalid', `--ca ${trust.caFile} cannot be read`, { cause });
    }
  }
  const root = (await presentedChain(server)).find(
    (der) => rootFingerprintOf(hashing, Uint8Array.from(der)) === trust.rootFingerprint,
  );
  if (root === undefined) {
    throw new TapsealError(
      'server_answer_invalid',
      'its TLS chain does not show the root that the enrolment code names; for a certificate of another authority use --ca',
    );
  }
  return new X509Certificate(root).toString();
}

/** What the server shows, believed by nobody yet: nothing is sent on this connection. */
function presentedChain(server: URL): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const host = server.hostname.replace(/^\[|\]$/g, '');
    const socket = connect({
      host,
      port: server.port === '' ? 443 : Number(server.port),
      ...(host.includes(':') || /^[\d.]+$/.test(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
      timeout: NETWORK_MS_MAX,
    });
    socket.once('secureConnect', () => {
      const chain: Buffer[] = [];
      let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
      while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
        chain.push(certificate.raw);
        const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
        certificate = issuer === certificate ? undefined : issuer;
      }
      socket.destroy();
      resolve(chain);
    });
    socket.once('timeout', () => socket.destroy(new Error('timed out')));
    socket.once('error', (cause) => reject(unavailable(server, cause)));
  });
}

function post(
  url: URL,
  ca: string | undefined,
  body: string,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        accept: 'application/json, application/problem+json',
      },
      timeout: NETWORK_MS_MAX,
    };
    const onResponse = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > ENROLMENT_ANSWER_CHARS_MAX) request.destroy(new Error('the answer is too long'));
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', (cause) => reject(unavailable(url, cause)));
    };
    const request: ClientRequest =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...(ca !== undefined && { ca }), agent: false }, onResponse)
        : httpRequest(url, { ...options, agent: false }, onResponse);
    request.on('timeout', () => request.destroy(new Error('timed out')));
    request.on('error', (cause) => reject(unavailable(url, cause)));
    request.end(body);
  });
}

function unavailable(url: URL, cause: Error): TapsealError {
  return new TapsealError('network_unavailable', `${url.host}: ${cause.message}`, { cause });
}

/** The server's own words, if they are a problem document (RFC 9457). */
function refusalOf(status: number, text: string): TapsealError {
  let problem: { readonly code?: unknown; readonly title?: unknown; readonly advice?: unknown } = {};
  try {
    problem = { ...JSON.parse(text) };
  } catch {
    return new TapsealError('server_answer_invalid', `HTTP status ${status}`);
  }
  if (!isErrorCode(problem.code)) return new TapsealError('server_answer_invalid', `HTTP status ${status}`);
  return new TapsealError(
    'enrolment_failed',
    [problem.code, problem.title, problem.advice].filter(isText).join(': '),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 300;
}

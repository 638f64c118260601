/**
 * The enrolment over the network. The code is a secret, so it is sent only to the server that the operator meant: the TLS
 * chain must lead to the root whose fingerprint is in the code, or to the authorities of --ca, and carry the host's name.
 * Of a chain to the named root no dates are judged: a box may be years away from today (property 6), and OpenSSL cannot be
 * told so by Node. Authorities of --ca are judged by OpenSSL, dates included.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import type { Hashing } from '@tapseal/shared/crypto-port';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import { isErrorCode } from '@tapseal/shared/error-codes';
import type { EnrolmentRequest, EnrolmentResponse } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { ENROLMENT_ANSWER_CHARS_MAX, parseEnrolmentAnswer } from './enrolment-answer.js';

const NETWORK_MS_MAX = 20_000;
const CHAIN_MAX = 8;
/** Extended key usage id-kp-serverAuth (RFC 5280 §4.2.1.12). */
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
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
  const socket = server.protocol === 'https:' ? await openTrusted(hashing, server, trust) : undefined;
  const { status, text } = await post(new URL('/v1/enrolments', server), socket, JSON.stringify(body));
  if (status === 200 || status === 201) return parseEnrolmentAnswer(text);
  throw refusalOf(status, text);
}

/** A connection on which nothing has been sent yet, to the server that the operator meant. */
async function openTrusted(
  hashing: Pick<Hashing, 'sha256'>,
  server: URL,
  trust: ServerTrust,
): Promise<TLSSocket> {
  if (trust.caFile !== undefined) {
    // Said outright: an environment variable of Node's would turn the check off.
    return openTls(server, { ca: readAuthorities(trust.caFile), rejectUnauthorized: true });
  }
  // The handshake proves that the server holds the key of its certificate; whose certificate it is, is judged here.
  const socket = await openTls(server, { rejectUnauthorized: false });
  try {
    checkPinnedChain(hashing, presentedChain(socket), trust.rootFingerprint);
    const nameFault = checkServerIdentity(hostOf(server), socket.getPeerCertificate());
    if (nameFault !== undefined) throw unavailable(server, nameFault);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function readAuthorities(caFile: string): string {
  try {
    return readFileSync(caFile, 'utf8');
  } catch (cause) {
    throw new TapsealError('usage_invalid', `--ca ${caFile} cannot be read`, { cause });
  }
}

function hostOf(server: URL): string {
  return server.hostname.replace(/^\[|\]$/g, '');
}

function openTls(
  server: URL,
  trust: { readonly ca: string; readonly rejectUnauthorized: true } | { readonly rejectUnauthorized: false },
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = hostOf(server);
    const socket = connect({
      host,
      port: server.port === '' ? 443 : Number(server.port),
      ...(host.includes(':') || /^[\d.]+$/.test(host) ? {} : { servername: host }),
      ...trust,
      timeout: NETWORK_MS_MAX,
    });
    const fail = (cause: Error): void => reject(unavailable(server, cause));
    socket.once('timeout', () => socket.destroy(new Error('timed out')));
    socket.once('error', fail);
    socket.once('secureConnect', () => {
      socket.removeListener('error', fail);
      resolve(socket);
    });
  });
}

/** Leaf first. */
function presentedChain(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < CHAIN_MAX) {
    chain.push(new X509Certificate(certificate.raw));
    const issuer: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
    certificate = issuer === certificate ? undefined : issuer;
  }
  return chain;
}

/** @throws TapsealError server_answer_invalid unless each is issued by the next, up to the root, and the first is of a server */
function checkPinnedChain(
  hashing: Pick<Hashing, 'sha256'>,
  chain: readonly X509Certificate[],
  rootFingerprint: string,
): void {
  const rootAt = chain.findIndex(
    ({ raw }) => rootFingerprintOf(hashing, Uint8Array.from(raw)) === rootFingerprint,
  );
  const [leaf] = chain;
  // A chain of the root alone would be a server that holds the key of the root itself.
  if (rootAt < 1 || leaf === undefined) {
    throw new TapsealError(
      'server_answer_invalid',
      'its TLS chain does not show the root that the enrolment code names; for a certificate of another authority use --ca',
    );
  }
  const links = chain.slice(0, rootAt);
  const holds = links.every((certificate, at) => {
    const issuer = chain[at + 1];
    return issuer?.ca === true && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  });
  // Touchpoints and phones have certificates of the same root: they are no servers.
  const isServer = leaf.keyUsage === undefined || leaf.keyUsage.includes(SERVER_AUTHENTICATION);
  if (!holds || !isServer) throw new TapsealError('server_answer_invalid', 'TLS chain');
}

function post(
  url: URL,
  socket: TLSSocket | undefined,
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
      socket === undefined
        ? httpRequest(url, { ...options, agent: false }, onResponse)
        : httpsRequest(url, { ...options, createConnection: () => socket }, onResponse);
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

/** The address of a certificate server, as typed. A token goes over plain HTTP to this machine only, unless told otherwise. */
import { usageError } from './problem-error.js';

export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** @throws ProblemError usage_invalid */
export function parseServerAddress(text: string, insecureHttp: boolean): URL {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below, together with the other ways of being no address.
  }
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !/^https?:$/.test(url.protocol) || !plain) {
    throw usageError(
      `"${text}" is not the address of a server.`,
      'Give it as https://host or https://host:port.',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !insecureHttp) {
    throw usageError(
      `${url.origin} is plain HTTP on another machine: everybody on the way could read the token.`,
      'Use https://, or --insecure-http if the network in between is yours alone.',
    );
  }
  return url;
}

/** Where `tapseal serve` listens and `tapseal init` expects it, unless told otherwise. */
export const DEFAULT_PORT = 8443;

/** Listening: opens data directory and store, checks that they belong together, builds the app, and serves it. */
import { existsSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Logger } from 'pino';
import { loadAuthority } from '../authority/authority.js';
import { authorityFiles } from '../authority/key-files.js';
import { workbenchCertificate } from '../authority/workbench-certificate.js';
import { type AppOptions, buildApp } from '../http/build-app.js';
import type { RateLimitOptions } from '../http/rate-limits.js';
import { startUpkeep } from '../rotation/background-upkeep.js';
import type { ServerContext } from '../server-context.js';
import type { SignatureThreads } from '../signatures/signature-threads.js';
import { SIGNATURE_THREADS_DEFAULT } from '../signatures/thread-count.js';
import { openStore, withStoreFaults } from '../store/open-store.js';
import { DATABASE_FILE, storeLocation } from '../store/store-location.js';
import { assertKeysOfStore } from './check-keys.js';
import { assertSecretOfStore } from './check-secret.js';
import { createLogger, type LogLevel } from './create-logger.js';
import { healAnswers } from './heal-answers.js';

export type TlsOptions = { readonly certFile: string; readonly keyFile: string } | 'workbench' | 'none';

export type ServerOptions = {
  /** Data directory, as `initialise` made it. */
  readonly directory: string;
  /** Address of a PostgreSQL database, which any number of servers with the same keys may share; else the one in `directory`. */
  readonly database?: string | undefined;
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  readonly tls: TlsOptions;
  /** Names and addresses for the workbench certificate, beside localhost, 127.0.0.1 and ::1. */
  readonly tlsNames?: readonly string[];
  /** Plain HTTP on an address that is not loopback is refused unless this is set. */
  readonly insecureHttp?: boolean;
  readonly logLevel: LogLevel;
  /** Where log lines go; standard output where absent. */
  readonly logTo?: { write(line: string): void };
  /** Addresses of proxies whose X-Forwarded-For is believed (CIDR allowed, separated by commas). */
  readonly trustProxy?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** When `close` cuts what is still open; 20 s where absent. */
  readonly closeWithinMs?: number;
  /** Threads for signatures beside the main one; one, or none on a machine with one processor, where absent. */
  readonly signatureThreads?: number | undefined;
  /** Requests held at once; one more is answered with server_busy. */
  readonly requestsMax?: number | undefined;
  /** Requests a minute and client address, for routes without a token; 0 for no bound. */
  readonly rateLimits?: RateLimitOptions | undefined;
};

export type RunningServer = {
  /** With the port that was bound. */
  readonly url: string;
  /** Finishes what was accepted (for 20 s at most), then closes the store. */
  close(): Promise<void>;
};

/** Longer than a request may take to arrive: what is open then will not end by itself. Watchers are woken at once. */
const CLOSE_WITHIN_MS = 20_000;

// A request of this interface is at most 16 KiB: whoever needs longer for it is not waited for.
const timeouts = {
  requestTimeout: 15_000,
  headersTimeout: 10_000,
  // Node looks for those that are late every 30 s by itself.
  connectionsCheckingInterval: 1_000,
  // Longer than the 60 s of common proxies, so that the proxy closes first and no request meets a closing socket.
  keepAliveTimeout: 65_000,
};

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

async function serverMaker(
  crypto: CryptoPort,
  options: ServerOptions,
  nowMs: number,
): Promise<NonNullable<AppOptions['makeServer']>> {
  const { tls, directory, host } = options;
  if (tls === 'none') return (handler) => createHttpServer(timeouts, handler);
  const ownNames = host === '0.0.0.0' || host === '::' ? [] : [host];
  const identity =
    tls === 'workbench'
      ? await workbenchCertificate(crypto, directory, [...ownNames, ...(options.tlsNames ?? [])], nowMs)
      : { cert: readFileSync(tls.certFile, 'utf8'), key: readFileSync(tls.keyFile, 'utf8') };
  // An HTTPS server is an HTTP server to everything that Fastify does with it.
  return (handler) =>
    createHttpsServer({ ...timeouts, ...identity, minVersion: 'TLSv1.2' }, handler) as Server;
}

/** What can be told before anything is opened. @throws TapsealError not_initialised, usage_invalid */
function checkOptions({ directory, database, host, tls, insecureHttp }: ServerOptions): void {
  if (!existsSync(join(directory, authorityFiles.rootCertificate))) {
    throw new TapsealError('not_initialised', directory);
  }
  // A new one would have none of the programmes and counters, and nobody would notice before the first tap.
  if (database === undefined && !existsSync(join(directory, DATABASE_FILE))) {
    throw new TapsealError(
      'not_initialised',
      `${directory} has keys but no ${DATABASE_FILE}: name its --database, or restore a backup`,
    );
  }
  if (tls === 'none' && insecureHttp !== true && !isLoopback(host)) {
    throw new TapsealError(
      'usage_invalid',
      `plain HTTP on ${host} would show every token: give certificates`,
    );
  }
}

/** Serves from a store that is open. What it returns closes the store at the end; where it throws, the caller does. */
async function serveStore(
  options: ServerOptions,
  context: ServerContext & { readonly signatures: SignatureThreads },
  logger: Logger,
): Promise<RunningServer> {
  const { host, port, tls } = options;
  const healed = await withStoreFaults(storeLocation(options.directory, options.database), async () => {
    await assertKeysOfStore(context.store, context.crypto, context.authority);
    await assertSecretOfStore(context.store, context.authority);
    return healAnswers(context);
  });
  const app = await buildApp({
    context,
    logger,
    makeServer: await serverMaker(context.crypto, options, context.now()),
    trustProxy: options.trustProxy,
    rateLimits: options.rateLimits,
    requestsMax: options.requestsMax,
  });
  const upkeep = startUpkeep(context, (err) => logger.error({ err }, 'upkeep failed'));
  const close = async (): Promise<void> => {
    // A server that closes has stopped Node's own timers of requests: one that never ends would hold the process for ever.
    const cut = setTimeout(() => app.server.closeAllConnections(), options.closeWithinMs ?? CLOSE_WITHIN_MS);
    await app.close().finally(() => clearTimeout(cut));
    // Of clients that went away: the store is theirs too until they are through.
    await app.workDone();
    await upkeep.close();
    await context.signatures.close();
    await context.store.close();
  };
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    await upkeep.close();
    throw error;
  }
  const address = app.server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const urlHost = isIP(host) === 6 ? `[${host}]` : host;
  const url = `${tls === 'none' ? 'http' : 'https'}://${urlHost}:${boundPort}`;
  logger.info({ url }, 'listening');
  if (healed > 0) logger.info({ decisions: healed }, 'the newest decisions can be answered again');
  return { url, close };
}

/**
 * @throws TapsealError not_initialised, usage_invalid, keys_mismatch, voucher_key_missing, schema_outdated, schema_newer, and
 * faults of the database
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  checkOptions(options);
  const { directory, database } = options;
  const now = options.now ?? Date.now;
  const crypto = createNativeCrypto();
  const logger = createLogger(options.logLevel, options.logTo);
  if (database !== undefined && existsSync(join(directory, DATABASE_FILE))) {
    logger.warn(
      `${DATABASE_FILE} in the data directory is not used: move it away if its programmes have moved`,
    );
  }
  const authority = await loadAuthority(crypto, directory);
  const store = await openStore(storeLocation(directory, database), now(), {
    onDeath: (err) => logger.error({ err }, 'the thread for checkpoints has ended: the main one makes them'),
  });
  const signatures = authority.startSignatures({
    threads: options.signatureThreads ?? SIGNATURE_THREADS_DEFAULT,
    onDeath: (err) => logger.error({ err }, 'a thread for signatures has ended: the main one does its work'),
  });
  try {
    return await serveStore(options, { store, authority, crypto, signatures, now }, logger);
  } catch (error) {
    await signatures.close();
    await store.close();
    throw error;
  }
}

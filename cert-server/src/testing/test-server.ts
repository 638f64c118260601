/** For tests only: a server in a directory of its own, with a clock that the test sets, called without a port. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Problem } from '@tapseal/shared/http-api';
import { type Authority, loadAuthority } from '../authority/authority.js';
import type { App } from '../http/app-types.js';
import { buildApp } from '../http/build-app.js';
import type { RateLimitOptions } from '../http/rate-limits.js';
import { createLogger } from '../server/create-logger.js';
import { initialise } from '../server/initialise.js';
import type { ServerContext } from '../server-context.js';
import { openStore } from '../store/open-store.js';
import { storeLocation } from '../store/store-location.js';

export const crypto = createNativeCrypto();

/** A Wednesday, 10:30 in Berlin. */
export const START_MS = Date.parse('2026-06-10T08:30:00.000Z');

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Answer<T> = {
  readonly status: number;
  readonly body: T & Problem;
  readonly headers: Record<string, unknown>;
};

export type TestServer = {
  readonly app: App;
  readonly context: ServerContext;
  readonly authority: Authority;
  readonly directory: string;
  readonly ownerToken: string;
  readonly logLines: string[];
  nowMs: number;
  call<T>(method: Method, path: string, body?: unknown, token?: string): Promise<Answer<T>>;
  /** As the owner, under the programme. */
  admin<T>(method: Method, path: string, body?: unknown): Promise<Answer<T>>;
  close(): Promise<void>;
};

export async function startTestServer(
  options: {
    rateLimits?: RateLimitOptions;
    nowMs?: number;
    requestsMax?: number;
    /** An empty PostgreSQL database; one in the directory where absent. */
    database?: string;
  } = {},
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tapseal-server-test-'));
  const startMs = options.nowMs ?? START_MS;
  const programme = { id: 'venue', title: 'Venue', timeZone: 'Europe/Berlin', currency: 'EUR' };
  const { ownerToken } = await initialise({
    directory,
    database: options.database,
    programme,
    now: () => startMs,
  });
  const authority = await loadAuthority(crypto, directory);
  const store = await openStore(storeLocation(directory, options.database), startMs);
  const logLines: string[] = [];
  const signatures = authority.startSignatures({ threads: 0, onDeath: () => undefined });
  const context = { store, authority, crypto, signatures, now: () => server.nowMs };
  const logger = createLogger('trace', { write: (line) => logLines.push(line) });
  const app = await buildApp({ context, logger, ...options });
  const server: TestServer = {
    app,
    context,
    authority,
    directory,
    ownerToken,
    logLines,
    nowMs: startMs,
    call: async (method, path, body, token) => {
      const reply = await app.inject({
        method,
        url: path,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        ...(body === undefined ? {} : { payload: body as object }),
      });
      return { status: reply.statusCode, body: reply.json(), headers: reply.headers };
    },
    admin: (method, path, body) => server.call(method, `/v1/programmes/venue${path}`, body, ownerToken),
    close: async () => {
      await app.close();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
  return server;
}

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
import { DATABASE_FILE, initialise } from '../server/initialise.js';
import type { ServerContext } from '../server-context.js';
import { openSqliteStore } from '../store/sqlite-store.js';

export const crypto = createNativeCrypto();

/** A Wednesday, 10:30 in Berlin. */
export const START_MS = Date.parse('2026-06-10T08:30:00.000Z');

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
  call<T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<Answer<T>>;
  /** As the owner, under the programme. */
  admin<T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer<T>>;
  close(): Promise<void>;
};

export async function startTestServer(
  options: { rateLimits?: RateLimitOptions; nowMs?: number; requestsMax?: number } = {},
): Promise<TestServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tapseal-server-test-'));
  const startMs = options.nowMs ?? START_MS;
  const programme = { id: 'venue', title: 'Venue', timeZone: 'Europe/Berlin', currency: 'EUR' };
  const { ownerToken } = await initialise({ directory, programme, now: () => startMs });
  const authority = await loadAuthority(crypto, directory);
  const store = openSqliteStore(join(directory, DATABASE_FILE), startMs);
  const logLines: string[] = [];
  const context = { store, authority, crypto, now: () => server.nowMs };
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

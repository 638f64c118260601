/**
 * The public keys that vouchers are verified with: from a server, or from the cache of what a server answered before, so
 * that verification works offline. Public, so the cache holds no secret; but whoever may write it decides what
 * passes, therefore it lives in the user's own folder.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JwkSet } from '@tapseal/shared/http-api';
import { Type } from '@tapseal/shared/type-builder';
import type { Static } from 'typebox';
import type { ApiClient } from './api-client.js';
import type { CommandContext, GlobalOptions } from './command-context.js';
import { fitsSchema } from './fits-schema.js';
import { JWK_SET_BYTES_MAX } from './jwk-set-file.js';
import { usageError } from './problem-error.js';
import { readFileBounded } from './read-file-bounded.js';
import { knownServer, openServer } from './session.js';
import { writeFileWhole } from './write-file-whole.js';
import { defaultCacheDirectory } from './xdg-paths.js';

const CachedJwkSet = Type.Object({ server: Type.String(), fetchedAt: Type.String(), jwkSet: JwkSet });
type CachedJwkSet = Static<typeof CachedJwkSet>;

function cacheFileOf(directory: string, server: URL): string {
  const name = createHash('sha256').update(server.origin).digest('hex').slice(0, 32);
  return join(directory, 'jwks', `${name}.json`);
}

function readCachedJwkSet(directory: string, server: URL): CachedJwkSet | undefined {
  const path = cacheFileOf(directory, server);
  if (!existsSync(path)) return undefined;
  try {
    const cached: unknown = JSON.parse(
      new TextDecoder().decode(readFileBounded(path, JWK_SET_BYTES_MAX, 'a JWK set')),
    );
    return fitsSchema(CachedJwkSet, cached) && cached.server === server.origin ? cached : undefined;
  } catch {
    // A damaged cache is no cache: the keys are fetched again.
    return undefined;
  }
}

/** Fetches the keys and keeps them for later verification without a network. @param now RFC 3339 */
async function fetchJwkSet(client: ApiClient, directory: string, now: string): Promise<CachedJwkSet> {
  const jwkSet = await client.call({ path: '/.well-known/jwks.json' }, JwkSet);
  const cached = { server: client.server.origin, fetchedAt: now, jwkSet };
  const path = cacheFileOf(directory, client.server);
  mkdirSync(join(directory, 'jwks'), { recursive: true, mode: 0o700 });
  writeFileWhole(path, `${JSON.stringify(cached)}\n`, { mode: 0o600, replace: true });
  return cached;
}

export type KnownKeys = {
  readonly jwkSet: unknown;
  /** Where they come from and since when, for people. */
  readonly source: string;
};

/** Those of the server that the options, the environment or the profile name; with --server they are always fetched. */
export async function findKnownKeys(context: CommandContext, options: GlobalOptions): Promise<KnownKeys> {
  const directory = defaultCacheDirectory(context.env);
  const server = knownServer(context, options);
  if (server === undefined) {
    throw usageError(
      'There are no keys to verify with.',
      'Give the JWK set of the server with --jwks FILE, or its address with --server URL.',
    );
  }
  const describe = (cached: CachedJwkSet, how: string): KnownKeys => ({
    jwkSet: cached.jwkSet,
    source: `${cached.server}, ${how} ${cached.fetchedAt}`,
  });
  const cached = options.server === undefined ? readCachedJwkSet(directory, server) : undefined;
  if (cached !== undefined) return describe(cached, 'kept since');
  const client = openServer(context, options, { token: 'none' });
  const now = new Date(context.now()).toISOString();
  return describe(await fetchJwkSet(client, directory, now), 'fetched');
}

/**
 * The public keys that vouchers are verified with: from a file, from a server, or from the cache of what a server answered
 * before, so that verification works offline. Public, so the cache holds no secret; but whoever may write it decides what
 * passes, therefore it lives in the user's own folder.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { JwkSet } from '@tapseal/shared/http-api';
import { type Static, Type } from 'typebox';
import { Check } from 'typebox/value';
import type { ApiClient } from './api-client.js';
import { problemError } from './problem-error.js';
import { readFileBounded } from './read-file-bounded.js';
import { writeFileWhole } from './write-file-whole.js';

const JWK_SET_BYTES_MAX = 262_144;

const CachedJwkSet = Type.Object({ server: Type.String(), fetchedAt: Type.String(), jwkSet: JwkSet });
export type CachedJwkSet = Static<typeof CachedJwkSet>;

/** @returns the parsed JSON; whether it is a JWK set is one of the checks of the verifier */
export function readJwkSetFile(path: string): unknown {
  const text = new TextDecoder().decode(readFileBounded(path, JWK_SET_BYTES_MAX, 'a JWK set'));
  try {
    return JSON.parse(text);
  } catch {
    throw problemError(
      'message_malformed',
      `${path} is not JSON.`,
      'Give the JWK set of the server, as JSON.',
    );
  }
}

function cacheFileOf(directory: string, server: URL): string {
  const name = createHash('sha256').update(server.origin).digest('hex').slice(0, 32);
  return join(directory, 'jwks', `${name}.json`);
}

export function readCachedJwkSet(directory: string, server: URL): CachedJwkSet | undefined {
  const path = cacheFileOf(directory, server);
  if (!existsSync(path)) return undefined;
  try {
    const cached: unknown = JSON.parse(
      new TextDecoder().decode(readFileBounded(path, JWK_SET_BYTES_MAX, 'a JWK set')),
    );
    return Check(CachedJwkSet, cached) && cached.server === server.origin ? cached : undefined;
  } catch {
    // A damaged cache is no cache: the keys are fetched again.
    return undefined;
  }
}

/** Fetches the keys and keeps them for later verification without a network. @param now RFC 3339 */
export async function fetchJwkSet(client: ApiClient, directory: string, now: string): Promise<CachedJwkSet> {
  const jwkSet = await client.call({ path: '/.well-known/jwks.json' }, JwkSet);
  const cached = { server: client.server.origin, fetchedAt: now, jwkSet };
  const path = cacheFileOf(directory, client.server);
  mkdirSync(join(directory, 'jwks'), { recursive: true, mode: 0o700 });
  writeFileWhole(path, `${JSON.stringify(cached)}\n`, { mode: 0o600, replace: true });
  return cached;
}

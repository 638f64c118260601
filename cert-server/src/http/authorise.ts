/** Who may do what: a hook for each right, run before a body is read. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { FastifyRequest } from 'fastify';
import type { ServerContext } from '../server-context.js';
import { type AuditEntry, EVERY_PROGRAMME, type TokenRecord, type TokenRole } from '../store/records.js';
import { checkApiToken } from '../tokens/api-token.js';

export type Right = 'read' | 'operate' | 'own' | 'register-shoppers' | 'label-shoppers';

const rolesOf: Readonly<Record<Right, readonly TokenRole[]>> = {
  read: ['owner', 'operator', 'auditor'],
  operate: ['owner', 'operator'],
  own: ['owner'],
  'register-shoppers': ['owner', 'app'],
  'label-shoppers': ['owner', 'operator', 'app'],
};

type AuthContext = Pick<ServerContext, 'store' | 'crypto' | 'now'>;

/** @throws TapsealError token_missing, token_invalid, token_forbidden */
export async function authorise(
  { store, crypto, now }: AuthContext,
  request: FastifyRequest,
  right: Right,
  programme: string,
): Promise<TokenRecord> {
  const { authorization } = request.headers;
  if (authorization === undefined) throw new TapsealError('token_missing');
  const [scheme = '', token = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw new TapsealError('token_missing');
  const record = await checkApiToken(store, crypto, token, now());
  const isInScope = record.programme === EVERY_PROGRAMME || record.programme === programme;
  if (!isInScope || !rolesOf[right].includes(record.role)) throw new TapsealError('token_forbidden');
  return record;
}

/** A hook. @param scope of which programme; that of the path where absent */
export function requireRight(context: AuthContext, right: Right, scope?: string) {
  return async (request: FastifyRequest): Promise<void> => {
    // Before validation: whatever stands there, a token of another programme does not match it.
    const { programme } = request.params as { readonly programme: string };
    request.apiToken = await authorise(context, request, right, scope ?? programme);
  };
}

/** A hook for routes whose body has nothing that must be said: none at all is an empty one. */
export async function allowNoBody(request: FastifyRequest): Promise<void> {
  request.body ??= {};
}

/** What the record of administrative acts says of this request. @throws Error on a route without a right */
export function auditEntry(request: FastifyRequest, atMs: number, act: string, object: string): AuditEntry {
  if (request.apiToken === null) throw new Error('an act without a token');
  return { atMs, token: request.apiToken.id, act, object };
}

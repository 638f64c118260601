/** API tokens as rows of either store. */
import type { TokenRecord, TokenRole } from './records.js';
import { bytesOf, optional } from './row-values.js';

export type TokenRow = {
  programme: string;
  id: string;
  role: string;
  label: string;
  secret_hash: Uint8Array;
  created_at_ms: number;
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
};

export function tokenOf(row: TokenRow): TokenRecord {
  return {
    programme: row.programme,
    id: row.id,
    // Only a role that there is is ever written, so the type holds.
    role: row.role as TokenRole,
    label: row.label,
    secretHash: bytesOf(row.secret_hash),
    createdAtMs: row.created_at_ms,
    expiresAtMs: optional(row.expires_at_ms),
    revokedAtMs: optional(row.revoked_at_ms),
  };
}

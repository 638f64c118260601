/** API tokens, by the hash of each, in PostgreSQL. */
import type { TokenStore } from '../store-port.js';
import { type TokenRow, tokenOf } from '../token-row.js';
import { addAudit } from './postgres-audit.js';
import { type PostgresConnections, statement } from './postgres-connections.js';

const columns = 'programme, id, role, label, secret_hash, created_at_ms, expires_at_ms, revoked_at_ms';
const insert = statement(
  'token-add',
  `INSERT INTO token (${columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const find = statement('token-find', `SELECT ${columns} FROM token WHERE id = $1`);
const list = statement(
  'token-list',
  `SELECT ${columns} FROM token WHERE programme = $1 ORDER BY created_at_ms, id`,
);
const revoke = statement(
  'token-revoke',
  'UPDATE token SET revoked_at_ms = $3 WHERE programme = $1 AND id = $2 AND revoked_at_ms IS NULL',
);

export function postgresTokens(connections: PostgresConnections): TokenStore {
  return {
    addToken: (token, entry) =>
      connections.transaction(async (session) => {
        const { programme, id, role, label, secretHash, createdAtMs, expiresAtMs, revokedAtMs } = token;
        await session.run(insert, [
          programme,
          id,
          role,
          label,
          secretHash,
          createdAtMs,
          expiresAtMs,
          revokedAtMs,
        ]);
        await addAudit(session, programme, entry);
      }),
    findToken: async (id) => {
      const [row] = await connections.rows<TokenRow>(find, [id]);
      return row && tokenOf(row);
    },
    listTokens: async (programme) => (await connections.rows<TokenRow>(list, [programme])).map(tokenOf),
    revokeToken: (programme, id, entry) =>
      connections.transaction(async (session) => {
        if ((await session.run(revoke, [programme, id, entry.atMs])) === 0) return false;
        await addAudit(session, programme, entry);
        return true;
      }),
  };
}

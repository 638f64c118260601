/** API tokens, by the hash of each, in SQLite. */
import type { Database } from 'better-sqlite3';
import type { TokenStore } from '../store-port.js';
import { type TokenRow, tokenOf } from '../token-row.js';
import type { GroupCommit } from './sqlite-group-commit.js';
import type { Auditing } from './sqlite-rows.js';

export function sqliteTokens(
  database: Database,
  { commits, audit }: { commits: GroupCommit; audit: Auditing },
): TokenStore {
  const insert = database.prepare(
    `INSERT INTO token (programme, id, role, label, secret_hash, created_at_ms, expires_at_ms, revoked_at_ms)
     VALUES (@programme, @id, @role, @label, @secretHash, @createdAtMs, @expiresAtMs, @revokedAtMs)`,
  );
  const find = database.prepare<[string], TokenRow>('SELECT * FROM token WHERE id = ?');
  const list = database.prepare<[string], TokenRow>(
    'SELECT * FROM token WHERE programme = ? ORDER BY created_at_ms, id',
  );
  const revoke = database.prepare(
    'UPDATE token SET revoked_at_ms = ? WHERE programme = ? AND id = ? AND revoked_at_ms IS NULL',
  );
  return {
    addToken: (token, entry) =>
      commits.write(() => {
        const { expiresAtMs = null, revokedAtMs = null } = token;
        insert.run({ ...token, expiresAtMs, revokedAtMs });
        audit(token.programme, entry);
      }),
    findToken: async (id) => {
      const row = find.get(id);
      return row && tokenOf(row);
    },
    listTokens: async (programme) => list.all(programme).map(tokenOf),
    revokeToken: (programme, id, entry) =>
      commits.write(() => {
        if (revoke.run(entry.atMs, programme, id).changes === 0) return false;
        audit(programme, entry);
        return true;
      }),
  };
}

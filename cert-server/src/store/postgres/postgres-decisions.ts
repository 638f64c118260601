/** Decisions, in PostgreSQL. */

import { type RecordedRow, recordedOf } from '../decision-row.js';
import type { RecordedDecision } from '../records.js';
import type { DecisionStore } from '../store-port.js';
import type { OfferVersions } from './offer-versions.js';
import { freshStatement, type PostgresConnections, statement } from './postgres-connections.js';
import { DECISION_COLUMNS, DECISION_RECEIPT, DECISIONS_OF_TRANSACTIONS } from './postgres-decision-rows.js';
import { postgresHolds } from './postgres-holds.js';
import { postgresLookup } from './postgres-lookup.js';
import { postgresRedeem } from './postgres-redeem.js';

const select = `SELECT ${DECISION_COLUMNS} FROM decision d ${DECISION_RECEIPT}`;
const find = freshStatement(`SELECT ${DECISION_COLUMNS} FROM ${DECISIONS_OF_TRANSACTIONS}`);
const oldest = freshStatement(
  `${select} WHERE d.programme = $1 AND d.sequence > $2 ORDER BY d.sequence LIMIT $3`,
);
const oldestGrants = freshStatement(
  `${select} WHERE d.programme = $1 AND d.granted = 1 AND d.sequence > $2 ORDER BY d.sequence LIMIT $3`,
);
const newest = freshStatement(`${select} WHERE d.programme = $1 ORDER BY d.sequence DESC LIMIT $2`);
const newestGrants = freshStatement(
  `${select} WHERE d.programme = $1 AND d.granted = 1 ORDER BY d.sequence DESC LIMIT $2`,
);
const last = statement(
  'decision-last',
  'SELECT coalesce(max(sequence), 0) AS sequence FROM decision WHERE programme = $1',
);

export function postgresDecisions(connections: PostgresConnections, offers: OfferVersions): DecisionStore {
  return {
    ...postgresHolds(connections),
    findDecision: postgresLookup<RecordedRow, RecordedDecision>(
      connections,
      find,
      (row) => row.transaction_id,
      recordedOf,
    ),
    redeem: postgresRedeem(connections, offers),
    listDecisions: async (programme, { after, countMax, refusals, newestFirst }) => {
      const rows = newestFirst
        ? await connections.rows<RecordedRow>(refusals ? newest : newestGrants, [programme, countMax])
        : await connections.rows<RecordedRow>(refusals ? oldest : oldestGrants, [programme, after, countMax]);
      return rows.map(recordedOf);
    },
    lastSequence: async (programme) => {
      const [row] = await connections.rows<{ sequence: number }>(last, [programme]);
      return row?.sequence ?? 0;
    },
  };
}

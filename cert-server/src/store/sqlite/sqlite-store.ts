/**
 * The embedded database: better-sqlite3 in WAL mode, durable at each commit (synchronous=FULL). Everything in a transaction
 * is synchronous: an await inside one would let another request's statements into it. Every write goes through the group
 * commit, so that those of one turn of the event loop share one.
 */
import { closeSync, openSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Store } from '../store-port.js';
import { sqliteAdverts, sqliteWindowWriting } from './sqlite-adverts.js';
import { sqliteBoxes } from './sqlite-boxes.js';
import { CHECKPOINT_PAGES, type CheckpointOptions, SqliteCheckpoints } from './sqlite-checkpoints.js';
import { sqliteCounters } from './sqlite-counters.js';
import { sqliteDecisions } from './sqlite-decisions.js';
import { sqliteGroupCommit } from './sqlite-group-commit.js';
import { sqliteHolds } from './sqlite-holds.js';
import { migrate } from './sqlite-migrations.js';
import { sqliteOffers } from './sqlite-offers.js';
import { sqlitePhones } from './sqlite-phones.js';
import { sqliteManifestPublishing, sqliteProgrammes } from './sqlite-programmes.js';
import { sqlitePruning } from './sqlite-pruning.js';
import { sqliteReadTurn } from './sqlite-read-turn.js';
import { sqliteReceipts } from './sqlite-receipts.js';
import { sqliteRecordMemory } from './sqlite-record-memory.js';
import { sqliteAuditing } from './sqlite-rows.js';
import { sqliteTokens } from './sqlite-tokens.js';
import { sqliteTouchpoints } from './sqlite-touchpoints.js';

/** Another process may hold the database for so long before a write is refused. */
const BUSY_TIMEOUT_MS = 5_000;

/** Requests that come one after another, more than a thousand a second, share a commit instead of having one each. */
const COMMIT_GAP_MS = 3;

export type SqliteOptions = {
  /** Is told of each step of the schema that was applied. */
  readonly onStep?: ((step: number) => void) | undefined;
  /** For a server: commits keep a pace when many are asked for, and a thread makes checkpoints. */
  readonly serving?: { readonly onDeath: CheckpointOptions['onDeath'] } | undefined;
};

/**
 * @param file path of the database, made where it is missing
 * @throws Error where it cannot be opened or is of a newer program
 */
export function openSqliteStore(file: string, nowMs: number, options: SqliteOptions = {}): Store {
  // It holds keys of adverts, and who redeemed what. SQLite gives the log beside it the mode of the database.
  closeSync(openSync(file, 'a', 0o600));
  const database = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma('foreign_keys = ON');
  migrate(database, nowMs, options.onStep);

  const memory = sqliteRecordMemory(database);
  const turn = sqliteReadTurn(database, memory.renew);
  const checkpoints = options.serving && new SqliteCheckpoints(database, options.serving);
  const pace = checkpoints && { gapMs: COMMIT_GAP_MS, checkpoints };
  const commits = sqliteGroupCommit(database, turn, memory, pace);
  const audit = sqliteAuditing(database);
  const publishManifest = sqliteManifestPublishing(database);
  const writeWindow = sqliteWindowWriting(database);
  const counters = sqliteCounters(database);
  const holds = sqliteHolds(database, counters);
  const offers = sqliteOffers(database, { commits, audit, counters });
  const ping = database.prepare('SELECT step FROM migration LIMIT 1');
  const programmes = sqliteProgrammes(database, { commits, audit, memory, publishManifest });
  const boxes = sqliteBoxes(database, memory);
  const touchpoints = sqliteTouchpoints(database, { commits, audit, boxes, publishManifest, writeWindow });
  const adverts = sqliteAdverts(database, { commits, boxes, writeWindow });
  const phones = sqlitePhones(database, { commits, audit, memory });
  const decisions = sqliteDecisions(database, { commits, audit, offers, counters, holds });
  const { reading } = turn;
  return {
    ...programmes,
    ...touchpoints,
    ...adverts,
    ...offers,
    ...phones,
    ...decisions,
    ...sqliteReceipts(database, { commits, boxes, holds }),
    ...sqliteTokens(database, { commits, audit }),
    // What every tap looks up; the rest is for operators, and reads as it comes.
    findProgramme: reading(programmes.findProgramme),
    findManifest: reading(programmes.findManifest),
    findTouchpoint: reading(touchpoints.findTouchpoint),
    findBox: reading(touchpoints.findBox),
    findRotatingId: reading(adverts.findRotatingId),
    offersAt: reading(offers.offersAt),
    readCounters: reading(offers.readCounters),
    findPhone: reading(phones.findPhone),
    findDecision: reading(decisions.findDecision),
    check: async () => {
      ping.get();
    },
    prune: sqlitePruning(database, commits),
    close: async () => {
      commits.flush();
      turn.end();
      if (checkpoints !== undefined) await checkpoints.close();
      database.close();
    },
  };
}

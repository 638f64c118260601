/**
 * Reads of one turn of the event loop share one read transaction: SQLite locks and unlocks its files for each, and the handful
 * of look-ups of a request, times the requests that arrive together, cost more in locks than in reading. What is read in one
 * turn is one moment, at most a turn old; whatever is decided is read again inside the write that records it.
 */
import type { Database } from 'better-sqlite3';

export type ReadTurn = {
  /** A read that joins the turn. */
  reading<A extends unknown[], R>(read: (...args: A) => R): (...args: A) => R;
  /** Ends the turn: before a transaction that writes begins, and before the database is closed. */
  end(): void;
};

/** @param onBegin called inside each read transaction, before anything is read */
export function sqliteReadTurn(database: Database, onBegin: () => void): ReadTurn {
  const begin = database.prepare('BEGIN DEFERRED');
  const commit = database.prepare('COMMIT');
  let turn: NodeJS.Immediate | undefined;
  const end = (): void => {
    if (turn === undefined) return;
    clearImmediate(turn);
    turn = undefined;
    // After some errors SQLite has rolled back by itself.
    if (database.inTransaction) commit.run();
  };
  return {
    reading:
      (read) =>
      (...args) => {
        if (!database.inTransaction) {
          begin.run();
          turn = setImmediate(end);
          onBegin();
        }
        return read(...args);
      },
    end,
  };
}

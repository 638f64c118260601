/**
 * A thread with a connection of its own, which makes a checkpoint for each message, as far as it goes without waiting for
 * anybody, until it is terminated.
 */
import { parentPort, workerData } from 'node:worker_threads';
import Sqlite from 'better-sqlite3';

const database = new Sqlite(String(workerData), { fileMustExist: true });
database.pragma('synchronous = FULL');
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
parentPort?.on('message', () => {
  checkpoint.get();
  parentPort?.postMessage(undefined);
});

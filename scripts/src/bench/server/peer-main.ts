/**
 * One contender of the peer phase, in a process of its own: so many requests with 64 on the way at once, through Store.redeem
 * or through rate-limiter-flexible, on the same kind of database with the same durability. Its argument is a PeerTask, JSON.
 */
import { join } from 'node:path';
import { NO_LABELS } from '@tapseal/cert-server/decision/labels';
import { redeemPlan } from '@tapseal/cert-server/redeem/make-decision';
import { openStore } from '@tapseal/cert-server/store/open-store';
import { storeLocation } from '@tapseal/cert-server/store/store-location';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { RateLimiterPostgres, RateLimiterSQLite } from 'rate-limiter-flexible';
import { CONNECTIONS } from './bench-context.js';
import { boxId, boxName, OFFER, PROGRAMME } from './crowd.js';
import type { PeerResult, PeerTask } from './peer-task.js';

const DAY_S = 86_400;
/** So many more before them, not timed: a server has its code compiled after its first seconds, and the faster contender is done in one. */
const WARM_UP_SHARE = 0.5;
/** A transaction ID, or a box nonce. */
const ID_BYTES = 16;
const MAXIMUM = 1_000_000_000;

type Contender = {
  /** Decides one request; rejects where it is refused. */
  readonly decide: (index: number) => Promise<unknown>;
  readonly close: () => Promise<void>;
};

/** Transaction IDs and box nonces, made before anything is measured: phones and boxes make them, not the server. */
function randomNoise(crypto: CryptoPort, decisions: number): { at(index: number): Uint8Array } {
  const all = crypto.randomBytes(2 * ID_BYTES * Math.ceil(decisions * (1 + WARM_UP_SHARE)));
  return { at: (index) => all.slice(index * ID_BYTES, (index + 1) * ID_BYTES) };
}

async function ourStore({ directory, database, crowd, decisions }: PeerTask): Promise<Contender> {
  const crypto = createNativeCrypto();
  const store = await openStore(storeLocation(directory, database), Date.now());
  const boxes = Array.from({ length: crowd.boxes }, (_, index) => boxId(crypto, crowd, index));
  const noise = randomNoise(crypto, decisions);
  return {
    decide: async (index) => {
      const shopper = `shopper-${index % crowd.phones}`;
      const box = boxes[index % crowd.boxes] ?? new Uint8Array(8);
      const touchpoint = boxName(index % crowd.boxes);
      const [transactionId, boxNonce] = [noise.at(2 * index), noise.at(2 * index + 1)];
      const nowMs = Date.now();
      const { decision } = await store.redeem(
        { programme: PROGRAMME, transactionId, boxId: box, boxNonce, offer: OFFER, nowMs },
        redeemPlan({
          party: { shopper, shopperLabels: NO_LABELS, touchpoint, touchpointLabels: NO_LABELS },
          transactionId,
          requestHash: new Uint8Array(32),
          phoneId: new Uint8Array(16),
          shopper,
          boxId: box,
          touchpoint,
          boxNonce,
          offer: OFFER,
          amountMinor: 0,
          decidedAtMs: nowMs,
          receiptsThrough: 0,
          boxManifestVersion: 1,
          voucherKeyId: new Uint8Array(4),
        }),
      );
      if (!decision.granted) throw new Error(`refused: ${decision.code}`);
    },
    close: () => store.close(),
  };
}

type Limiter = { consume(key: string): Promise<unknown> };

function peerContender(
  { subject, crowd }: PeerTask,
  limiters: { offer: Limiter; shopper: Limiter },
  close: () => Promise<void>,
): Contender {
  return {
    decide: async (index) => {
      await limiters.offer.consume(OFFER);
      if (subject === 'peer-both') await limiters.shopper.consume(`shopper-${index % crowd.phones}`);
    },
    close,
  };
}

/** For ever for the offer, a day for each shopper: as the limits of our offer. */
const offerLimit = { points: MAXIMUM, duration: 0, tableName: 'offer_limit' } as const;
const shopperLimit = { points: MAXIMUM, duration: DAY_S, tableName: 'shopper_limit' } as const;

/** Makes a limiter and waits until its table is there. */
function ready<Made>(make: (done: (error?: Error) => void) => Made): Promise<Made> {
  return new Promise((resolve, reject) => {
    const made: Made = make((error) =>
      error === undefined ? setImmediate(() => resolve(made)) : reject(error),
    );
  });
}

async function peerOnSqlite(task: PeerTask): Promise<Contender> {
  const storeClient = new Sqlite(join(task.directory, 'peer.sqlite'));
  storeClient.pragma('journal_mode = WAL');
  storeClient.pragma('synchronous = FULL');
  const make = (limit: typeof offerLimit | typeof shopperLimit) =>
    ready((done) => new RateLimiterSQLite({ ...limit, storeClient, storeType: 'better-sqlite3' }, done));
  const limiters = { offer: await make(offerLimit), shopper: await make(shopperLimit) };
  return peerContender(task, limiters, async () => void storeClient.close());
}

async function peerOnPostgres(task: PeerTask, connectionString: string): Promise<Contender> {
  const storeClient = new pg.Pool({ connectionString, max: task.connections ?? CONNECTIONS });
  const make = (limit: typeof offerLimit | typeof shopperLimit) =>
    ready((done) => new RateLimiterPostgres({ ...limit, storeClient, storeType: 'pool' }, done));
  const limiters = { offer: await make(offerLimit), shopper: await make(shopperLimit) };
  return peerContender(task, limiters, () => storeClient.end());
}

function contenderOf(task: PeerTask): Promise<Contender> {
  if (task.subject === 'tapseal') return ourStore(task);
  return task.database === undefined ? peerOnSqlite(task) : peerOnPostgres(task, task.database);
}

/** CONNECTIONS at once, the next as soon as one is decided. */
async function decideAll(contender: Contender, from: number, count: number): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < from + count) await contender.decide(next++);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}

const task = JSON.parse(process.argv[2] ?? '') as PeerTask;
const contender = await contenderOf(task);
const warmUp = Math.ceil(task.decisions * WARM_UP_SHARE);
await decideAll(contender, 0, warmUp);
const startedMs = performance.now();
await decideAll(contender, warmUp, task.decisions);
const result: PeerResult = { perSecond: (task.decisions * 1_000) / (performance.now() - startedMs) };
await contender.close();
process.stdout.write(`${JSON.stringify(result)}\n`);

/**
 * Redemptions, in PostgreSQL. Those of one programme are gathered, and each gathering is one transaction in two round trips:
 * insert the counters that are missing as nothing, lock all of them in the order of their keys and read the rest, which nobody
 * can change any more; decide in memory, write and commit. What grants hold, when a full window has room, and whether the nonce of
 * what is refused is used up, is asked between the two where it matters. The number of the programme is taken last: everybody waits in the same order. Where somebody else
 * was faster with what cannot be locked (a nonce, the same transaction), the commit fails, and all is read and decided again.
 * Only then is it read whether transactions and nonces are on record already: nearly all that are asked for are new.
 */
import { equalBytes } from '@tapseal/shared/bytes';
import type { Decision } from '../records.js';
import type { DecisionStore } from '../store-port.js';
import { type CounterFacts, CounterLedger } from './counter-ledger.js';
import { Gathering } from './gathering.js';
import { CountersGone, KnownCounters } from './known-counters.js';
import type { OfferVersions } from './offer-versions.js';
import { busyOr, type PostgresConnections, type PostgresSession } from './postgres-connections.js';
import {
  addRooms,
  addZeroCounters,
  lockCounters,
  readHolds,
  readWindows,
  writeCounters,
} from './postgres-counters.js';
import { addDecisions } from './postgres-decision-rows.js';
import { isConflict, isOutage, Unreachable } from './postgres-faults.js';
import { addHolds, releaseEndedOf } from './postgres-holds.js';
import { loadNewestVersions } from './postgres-offers.js';
import {
  addNonces,
  OfferOutdated,
  readBatchFacts,
  readNoncesUsed,
  readRecorded,
} from './postgres-redeem-facts.js';
import {
  type Decided,
  decideBatch,
  type Prepared,
  prepare,
  type Redeeming,
  type Settled,
} from './redeem-batch.js';

const BATCH_MAX = 128;
const CONFLICTS_MAX = 6;
/** A connection that broke: the next one may be to a server that lives, and tells what became of the commit. */
const OUTAGES_MAX = 3;

type Batch = {
  readonly all: readonly Prepared[];
  /** Of all counters that they touch. */
  readonly keys: ReadonlySet<string>;
  /** Those that may not be on record yet. */
  readonly unknownKeys: readonly string[];
};

/** Decisions whose commit was under way when the connection broke, by transaction. */
type InDoubt = Map<string, Decision>;

export function postgresRedeem(
  connections: PostgresConnections,
  offers: OfferVersions,
): DecisionStore['redeem'] {
  const gathering = new Gathering<Redeeming, Settled>((programme, batch) => settle(programme, batch), {
    countMax: BATCH_MAX,
    runningMax: 1,
  });

  const known = new KnownCounters();

  const prepareAll = async (programme: string, batch: readonly Redeeming[]): Promise<Batch> => {
    const ids = [...new Set(batch.map(({ query }) => query.offer))];
    const unseen = ids.filter((id) => offers.lastSeen(programme, id) === undefined);
    if (unseen.length > 0) await loadNewestVersions(connections, offers, programme, unseen);
    const all = batch.map((one) => prepare(one, offers.lastSeen(programme, one.query.offer)));
    const keys = new Set(all.flatMap(({ counters }) => counters.map(({ key }) => key)));
    return { all, keys, unknownKeys: known.unknown(programme, keys) };
  };

  /**
   * @param isFirst takes for granted that no transaction and no box nonce of the batch is on record: of a grant, the commit fails
   * where one is
   */
  const decide = async (
    session: PostgresSession,
    programme: string,
    { all: batch, keys, unknownKeys }: Batch,
    isFirst: boolean,
  ): Promise<{ decided: Decided; ledger: CounterLedger }> => {
    const transactions = batch.map(({ query }) => query.transactionId);
    const readings = batch.map(({ query, counters }) => ({ queries: counters, nowMs: query.nowMs }));
    const firstMs = Math.min(...readings.map(({ nowMs }) => nowMs));
    // Sent together, begun one after the other: what follows the lock sees what it waited for.
    const [, , states, facts, recordedBefore, usedBefore, beforeWindow] = await Promise.all([
      session.begin(),
      addZeroCounters(session, programme, unknownKeys, firstMs),
      lockCounters(session, programme, [...keys]),
      readBatchFacts(session, programme, batch),
      readRecorded(session, programme, isFirst ? [] : transactions),
      readNoncesUsed(session, programme, isFirst ? [] : batch),
      readWindows(session, programme, readings),
    ]);
    if (states.length < keys.size) throw new CountersGone([...keys]);
    const held = states.filter((state) => state.held > 0).map(({ key }) => key);
    const holds = await readHolds(session, programme, held, readings);
    let [recorded, noncesUsed] = [recordedBefore, usedBefore];
    let counterFacts: CounterFacts = { beforeWindow, ...holds, rooms: new Map() };
    const decideAll = () => {
      const ledger = new CounterLedger(keys, states, counterFacts);
      return { decided: decideBatch(batch, { ...facts, recorded, noncesUsed }, ledger), ledger };
    };
    let outcome = decideAll();
    if (isFirst && !outcome.decided.settled.every(isGrant)) {
      // A refusal uses no nonce up: that its nonce is used already would fail nothing.
      noncesUsed = await readNoncesUsed(session, programme, batch);
      if (noncesUsed.size > 0) outcome = decideAll();
    }
    if (isFirst && outcome.decided.settled.some(isFault)) {
      // What is on record already is answered, even where it could not be decided now: its own nonce is used.
      recorded = await readRecorded(session, programme, transactions);
      outcome = decideAll();
    }
    if (outcome.ledger.missingRooms.length > 0) {
      // Only what a refusal says depends on it, so nothing more can be missing the second time.
      counterFacts = await addRooms(session, programme, counterFacts, outcome.ledger.missingRooms);
      outcome = decideAll();
    }
    return outcome;
  };

  const write = async (
    session: PostgresSession,
    programme: string,
    { decided }: Decided,
    ledger: CounterLedger,
  ): Promise<void> => {
    const decisions = decided.map(({ decision }) => decision);
    await Promise.all([
      writeCounters(session, programme, ledger),
      addHolds(session, programme, decided),
      addNonces(session, programme, decisions),
      addDecisions(session, programme, decisions),
      session.commit(),
    ]);
  };

  const attempt = async (
    programme: string,
    batch: readonly Redeeming[],
    inDoubt: InDoubt,
    isFirst: boolean,
  ): Promise<readonly Settled[]> => {
    const prepared = await prepareAll(programme, batch);
    let endedKeys: readonly string[] = [];
    const settled = await connections.session(async (session) => {
      const { decided, ledger } = await decide(session, programme, prepared, isFirst);
      if (decided.decided.length === 0) {
        await session.rollback();
        return decided.settled;
      }
      try {
        await write(session, programme, decided, ledger);
      } catch (error) {
        if (isOutage(session.faultOf(error))) rememberDoubt(prepared.all, decided, inDoubt);
        throw error;
      }
      known.add(programme, prepared.unknownKeys);
      endedKeys = ledger.endedKeys;
      return decided.settled;
    });
    if (endedKeys.length > 0) {
      const nowMs = Math.max(...batch.map(({ query }) => query.nowMs));
      // Their places are free already; that the record says so can wait for the upkeep.
      await releaseEndedOf(connections, programme, endedKeys, nowMs).catch(() => undefined);
    }
    return settled.map((one, index) => withoutDoubt(one, prepared.all[index]?.transaction ?? '', inDoubt));
  };

  const persist = async (programme: string, batch: readonly Redeeming[]): Promise<readonly Settled[]> => {
    const inDoubt: InDoubt = new Map();
    let [conflicts, outages] = [0, 0];
    for (;;) {
      try {
        return await attempt(programme, batch, inDoubt, conflicts + outages === 0);
      } catch (error) {
        if (error instanceof OfferOutdated) {
          for (const id of error.offers) offers.forget(programme, id);
          conflicts += 1;
        } else if (error instanceof CountersGone) {
          known.forget(programme, error.keys);
          conflicts += 1;
        } else if (isConflict(error)) conflicts += 1;
        else if (isOutage(error)) outages += 1;
        else throw error;
        // Nothing was asked, so nothing is in doubt: whoever waits is told at once.
        if (error instanceof Unreachable && inDoubt.size === 0) throw error;
        if (conflicts > CONFLICTS_MAX || outages === OUTAGES_MAX) throw error;
        // After the first conflict at once: it is over already, and what was taken for granted is read now.
        if (conflicts > 1 || outages > 0) await connections.pause(conflicts + outages);
      }
    }
  };

  const settle = async (programme: string, batch: readonly Redeeming[]): Promise<readonly Settled[]> => {
    try {
      return await persist(programme, batch);
    } catch (error) {
      // One that cannot be written must not take its neighbours with it.
      if (batch.length === 1 || isOutage(error)) return batch.map(() => ({ fault: busyOr(error) }));
      const alone: Settled[] = [];
      for (const one of batch) alone.push(...(await settle(programme, [one])));
      return alone;
    }
  };

  return async (query, plan) => {
    const settled = await gathering.ask(query.programme, { query, plan });
    if ('fault' in settled) throw settled.fault;
    return settled.redeemed;
  };
}

function isFault(one: Settled): boolean {
  return 'fault' in one;
}

function isGrant(one: Settled): boolean {
  return 'redeemed' in one && one.redeemed.decision.granted;
}

function rememberDoubt(prepared: readonly Prepared[], { settled }: Decided, inDoubt: InDoubt): void {
  settled.forEach((one, index) => {
    const transaction = prepared[index]?.transaction;
    if (transaction === undefined || 'fault' in one || one.redeemed.recordedBefore) return;
    inDoubt.set(transaction, one.redeemed.decision);
  });
}

/** What is on record because this very call wrote it was not there before. */
function withoutDoubt(settled: Settled, transaction: string, inDoubt: InDoubt): Settled {
  const ours = inDoubt.get(transaction);
  if (ours === undefined || 'fault' in settled) return settled;
  const { decision } = settled.redeemed;
  const isOurs =
    equalBytes(decision.requestHash, ours.requestHash) && decision.decidedAtMs === ours.decidedAtMs;
  return { redeemed: { decision, recordedBefore: settled.redeemed.recordedBefore && !isOurs } };
}

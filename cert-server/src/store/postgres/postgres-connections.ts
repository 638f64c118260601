/**
 * The connections of one store: a pool that mends itself, statements prepared by name, transactions that are run again where
 * another one was faster. Statements that are asked together are sent together: a round trip is for all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import pg from 'pg';
import { isConflict, isOutage, Unreachable } from './postgres-faults.js';
import { parameterOf, rowTypes } from './postgres-rows.js';

/** A statement that waits for a lock longer than this would be answered too late anyway. */
const STATEMENT_MS_MAX = 10_000;
/** Of the answer: where the network swallows everything, nobody else would notice. */
const ANSWER_MS_MAX = 15_000;
/** A server that stands still in a transaction must not keep its locks from the others. */
const IDLE_IN_TRANSACTION_MS_MAX = 10_000;
const CONNECT_MS_MAX = 5_000;
const CONNECTION_IDLE_MS_MAX = 60_000;

const CONFLICTS_MAX = 8;
const CONFLICT_WAIT_MS = 10;

export type Statement = { readonly name: string | undefined; readonly text: string };

/** @param name under which connections keep it prepared; each text has its own */
export function statement(name: string, text: string): Statement {
  return { name, text };
}

/**
 * Planned each time, for tables where several indexes begin with the programme: while a table is new and looks small, any of
 * them seems as good, and a plan that is kept would be kept too long.
 */
export function freshStatement(text: string): Statement {
  return { name: undefined, text };
}

export type Queries = {
  rows<Row extends pg.QueryResultRow>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
  /** @returns how many rows it changed */
  run(statement: Statement, values: readonly unknown[]): Promise<number>;
};

/** One connection, in one transaction. */
export class PostgresSession implements Queries {
  readonly #client: pg.PoolClient;
  #fault: unknown;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  /** Of statements that were sent together, the first that failed is the fault; those behind it only follow. */
  faultOf(error: unknown): unknown {
    return this.#fault ?? error;
  }

  async rows<Row extends pg.QueryResultRow>(
    { name, text }: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return (await this.#query<Row>({ name, text, values: values.map(parameterOf) })).rows;
  }

  async run({ name, text }: Statement, values: readonly unknown[]): Promise<number> {
    return (await this.#query({ name, text, values: values.map(parameterOf) })).rowCount ?? 0;
  }

  async #query<Row extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#client.query<Row>(query);
    } catch (error) {
      this.#fault ??= error;
      throw error;
    }
  }

  /** Each statement sees what is committed when it begins: so what is read after a lock is what the one before left. */
  async begin(): Promise<void> {
    await this.#query({ text: 'BEGIN ISOLATION LEVEL READ COMMITTED' });
  }

  /** All reads see one moment. */
  async beginSnapshot(): Promise<void> {
    await this.#query({ text: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY' });
  }

  /** Rejects where the transaction was rolled back: PostgreSQL answers that to COMMIT after a statement that failed. */
  async commit(): Promise<void> {
    const { command } = await this.#query({ text: 'COMMIT' });
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
  }

  async rollback(): Promise<void> {
    await this.#query({ text: 'ROLLBACK' });
  }
}

export type ConnectionsOptions = {
  readonly connectionsMax: number;
  /** 0 (included) to 1 (excluded). */
  readonly random: () => number;
};

export class PostgresConnections implements Queries {
  readonly #pool: pg.Pool;
  readonly #random: () => number;

  constructor(url: string, { connectionsMax, random }: ConnectionsOptions) {
    this.#random = random;
    this.#pool = new pg.Pool({
      connectionString: url,
      max: connectionsMax,
      application_name: 'tapseal',
      types: rowTypes,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS_MAX,
      idleTimeoutMillis: CONNECTION_IDLE_MS_MAX,
      statement_timeout: STATEMENT_MS_MAX,
      query_timeout: ANSWER_MS_MAX,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS_MAX,
    });
    // Without listeners a connection that breaks ends the process. The pool replaces it, and whoever waited on it is told.
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => {
      client.on('error', () => undefined);
    });
  }

  async rows<Row extends pg.QueryResultRow>(
    { name, text }: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    return (await this.#query<Row>(name, text, values)).rows;
  }

  async run({ name, text }: Statement, values: readonly unknown[]): Promise<number> {
    return (await this.#query(name, text, values)).rowCount ?? 0;
  }

  async #query<Row extends pg.QueryResultRow>(
    name: string | undefined,
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>> {
    try {
      return await this.#pool.query<Row>({ name, text, values: values.map(parameterOf) });
    } catch (error) {
      throw busyOr(error);
    }
  }

  /** The connection is clean again afterwards, or gone. Throws what `use` throws, or the fault behind it. */
  async session<T>(use: (session: PostgresSession) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    const session = new PostgresSession(client);
    try {
      const result = await use(session);
      client.release();
      return result;
    } catch (error) {
      // Answers come in order: after that of the rollback, nothing of the transaction is under way any more.
      const fault = session.faultOf(error);
      const isClean = !isOutage(fault) && (await rolledBack(session));
      client.release(!isClean);
      throw fault;
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    try {
      return await this.#pool.connect();
    } catch (error) {
      throw isOutage(error) ? new Unreachable(error) : error;
    }
  }

  /**
   * Runs it, and again from its start where another transaction was faster.
   * @throws TapsealError server_busy; whether it took effect is not known then
   */
  async transaction<T>(work: (session: PostgresSession) => Promise<T>): Promise<T> {
    for (let conflicts = 0; ; conflicts++) {
      try {
        return await this.session(async (session) => {
          await session.begin();
          const result = await work(session);
          await session.commit();
          return result;
        });
      } catch (error) {
        if (!isConflict(error) || conflicts === CONFLICTS_MAX) throw busyOr(error);
        await this.pause(conflicts);
      }
    }
  }

  /** All that `read` reads is of one moment. @throws TapsealError server_busy */
  async snapshot<T>(read: (session: PostgresSession) => Promise<T>): Promise<T> {
    try {
      return await this.session(async (session) => {
        await session.beginSnapshot();
        const result = await read(session);
        await session.commit();
        return result;
      });
    } catch (error) {
      throw busyOr(error);
    }
  }

  /** Longer each time, and never as long as that of somebody else. */
  async pause(before: number): Promise<void> {
    await sleep(this.#random() * CONFLICT_WAIT_MS * 2 ** Math.min(before, 6));
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

/** What the caller of the store is told: to come back, or the error as it is. */
export function busyOr(error: unknown): unknown {
  const isBusy = isOutage(error) || isConflict(error);
  return isBusy ? new TapsealError('server_busy', 'database', { cause: error }) : error;
}

async function rolledBack(session: PostgresSession): Promise<boolean> {
  try {
    await session.rollback();
    return true;
  } catch {
    return false;
  }
}

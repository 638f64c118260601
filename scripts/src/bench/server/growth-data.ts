/**
 * Fills an embedded database with what years of grants leave behind: shoppers, phones, counters, decisions, box nonces and
 * receipts. Each new row is a copy of one that the server itself wrote, with keys of its own, so that its shape and size are
 * real; certificates of phones are the same bytes. Rows go in by SQL, in the order of their keys where those have one. The
 * content of ids and hashes is random and not of the seed: nothing measured depends on it.
 */
import { totalKey } from '@tapseal/cert-server/decision/counters';
import Sqlite from 'better-sqlite3';
import { OFFER, PROGRAMME } from './crowd.js';

export type GrowthTarget = {
  /** In all, with those that are there. */
  readonly vouchers: number;
  readonly shoppers: number;
};

const CHUNK = 250_000;
const CACHE_KIB = 2_000_000;
const DAY_MS = 86_400_000;
const SPREAD_DAYS = 90;
/** Box nonces are kept for an hour: this many grants in it. */
const NONCES_KEPT = 500_000;

/** A copy of one row, with other values in some columns. @param row SQL that gives the row to copy, named `t` */
function copySql(
  database: Sqlite.Database,
  table: string,
  row: string,
  values: Readonly<Record<string, string>>,
): string {
  const columns = database.pragma(`table_info(${table})`) as { name: string }[];
  const names = columns.map(({ name }) => name);
  const unknown = Object.keys(values).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${table} has no ${unknown.join(', ')}`);
  const selected = names.map((name) => values[name] ?? `t.${name}`);
  return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${selected.join(', ')} FROM (${row}) t`;
}

/** From :first to :last, as `numbers(n)`. */
const NUMBERS = `(WITH RECURSIVE count(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM count WHERE n < :last)
  SELECT n FROM count) numbers`;

class GrowingDatabase {
  readonly #database: Sqlite.Database;
  readonly #progress: (text: string) => void;
  readonly #nowMs: number;

  constructor(database: Sqlite.Database, progress: (text: string) => void, nowMs: number) {
    this.#database = database;
    this.#progress = progress;
    this.#nowMs = nowMs;
  }

  number(sql: string): number {
    return Number(this.#database.prepare<[], number>(sql).pluck().get() ?? 0);
  }

  /** Runs it for numbers from `first` to `last`, in chunks. */
  #inChunks(what: string, sql: string, first: number, last: number): void {
    const statement = this.#database.prepare(sql);
    for (let from = first; from <= last; from += CHUNK) {
      statement.run({ first: from, last: Math.min(from + CHUNK - 1, last) });
      const done = Math.min(from + CHUNK - 1, last) - first + 1;
      this.#progress(`growth: ${what} ${done} of ${last - first + 1}`);
    }
  }

  addShoppers(count: number): void {
    const database = this.#database;
    const template = database
      .prepare<[], { phone: Buffer; shopper: string }>(
        'SELECT phone, shopper FROM decision WHERE granted = 1 ORDER BY sequence LIMIT 1',
      )
      .get();
    if (template === undefined) throw new Error('there is no grant to copy');
    database.exec(
      'CREATE TEMP TABLE filler (n INTEGER PRIMARY KEY, phone BLOB NOT NULL, shopper TEXT NOT NULL)',
    );
    this.#inChunks(
      'shoppers',
      `INSERT INTO filler SELECT n, randomblob(16), lower(hex(randomblob(12))) FROM ${NUMBERS}`,
      1,
      count,
    );
    const { phone, shopper } = template;
    this.#progress('growth: shoppers, their phones and counters');
    const ofShopper = `SELECT * FROM shopper WHERE id = :shopper`;
    const shoppers = copySql(database, 'shopper', ofShopper, { id: 'f.shopper', reference: 'NULL' });
    database.prepare(`${shoppers} CROSS JOIN filler f ORDER BY f.shopper`).run({ shopper });
    const ofPhone = `SELECT * FROM phone WHERE id = :phone`;
    const phones = copySql(database, 'phone', ofPhone, { id: 'f.phone', shopper: 'f.shopper' });
    database.prepare(`${phones} CROSS JOIN filler f ORDER BY f.phone`).run({ phone });
    const ofCounter = `SELECT * FROM counter WHERE instr(key, :shopper) > 0`;
    const counters = copySql(database, 'counter', ofCounter, { key: 'replace(t.key, :shopper, f.shopper)' });
    database.prepare(`${counters} CROSS JOIN filler f ORDER BY f.shopper`).run({ shopper });
  }

  /** Each shopper in turn, each box in turn. */
  addDecisions(count: number): void {
    const database = this.#database;
    const before = this.number('SELECT max(sequence) FROM decision');
    const shoppers = this.number('SELECT max(n) FROM filler');
    database.exec(`CREATE TEMP TABLE place AS
      SELECT row_number() OVER (ORDER BY b.id) - 1 AS n, b.id, b.name, coalesce(max(r.counter), 0) AS counter
      FROM box b LEFT JOIN receipt r ON r.programme = b.programme AND r.box = b.id GROUP BY b.id;
      CREATE UNIQUE INDEX place_n ON place (n);`);
    const places = this.number('SELECT count(*) FROM place');
    const spreadMs = (SPREAD_DAYS * DAY_MS) / count;
    const row = 'SELECT * FROM decision WHERE granted = 1 ORDER BY sequence LIMIT 1';
    const decisions = copySql(database, 'decision', row, {
      sequence: `${before} + numbers.n`,
      transaction_id: 'randomblob(16)',
      request_hash: 'randomblob(32)',
      phone: 'f.phone',
      shopper: 'f.shopper',
      box: 'p.id',
      touchpoint: 'p.name',
      box_nonce: 'randomblob(16)',
      decided_at_ms: `${this.#nowMs} - CAST((${count} - numbers.n) * ${spreadMs} AS INTEGER)`,
    });
    this.#inChunks(
      'decisions',
      `${decisions} CROSS JOIN ${NUMBERS} CROSS JOIN filler f ON f.n = 1 + numbers.n % ${shoppers}
       CROSS JOIN place p ON p.n = (numbers.n - 1) % ${places}`,
      1,
      count,
    );
    database
      .prepare('UPDATE counter SET used = used + ? WHERE programme = ? AND key = ?')
      .run(count, PROGRAMME, totalKey(OFFER));
    this.#addNonces();
    this.#addReceipts(before, count, places);
  }

  #addNonces(): void {
    this.#progress('growth: box nonces');
    const row = `SELECT programme, box, box_nonce AS nonce, transaction_id, ${this.#nowMs} AS used_at_ms FROM decision
      WHERE sequence > (SELECT max(sequence) FROM decision) - ${NONCES_KEPT}
        AND NOT EXISTS (SELECT 1 FROM box_nonce b
          WHERE b.programme = decision.programme AND b.box = decision.box AND b.nonce = decision.box_nonce)
      ORDER BY programme, box, box_nonce`;
    this.#database.exec(copySql(this.#database, 'box_nonce', row, {}));
  }

  /** A receipt for each decision, in the order of its box's chain. */
  #addReceipts(before: number, count: number, places: number): void {
    const receipts = copySql(this.#database, 'receipt', 'SELECT * FROM receipt LIMIT 1', {
      box: 'p.id',
      counter: 'p.counter + 1 + numbers.n',
      transaction_id: 'd.transaction_id',
      hash: 'randomblob(32)',
      previous_hash: 'randomblob(32)',
      received_at_ms: 'd.decided_at_ms + 1000',
    });
    const statement = this.#database.prepare(
      `${receipts} CROSS JOIN place p CROSS JOIN ${NUMBERS}
       CROSS JOIN decision d ON d.programme = t.programme AND d.sequence = ${before} + 1 + numbers.n * ${places} + p.n
       WHERE p.n = :place`,
    );
    for (let place = 0; place < places && place < count; place++) {
      statement.run({ place, first: 0, last: Math.ceil((count - place) / places) - 1 });
      this.#progress(`growth: receipts of box ${place + 1} of ${places}`);
    }
    this.#database.exec(
      `UPDATE box SET receipts_through =
         (SELECT max(counter) FROM receipt r WHERE r.programme = box.programme AND r.box = box.id)`,
    );
  }
}

/** @param file of a database in which no server works, and the server has written grants with receipts */
export function growDatabase(
  file: string,
  target: GrowthTarget,
  nowMs: number,
  progress: (text: string) => void,
): void {
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    // Whoever is interrupted begins anew: a log of five million rows would be for nothing.
    for (const pragma of [
      'journal_mode = OFF',
      'synchronous = OFF',
      'temp_store = MEMORY',
      'foreign_keys = OFF',
    ])
      database.pragma(pragma);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    const growing = new GrowingDatabase(database, progress, nowMs);
    const shoppers = target.shoppers - growing.number('SELECT count(*) FROM shopper');
    const decisions = target.vouchers - growing.number('SELECT count(*) FROM decision');
    if (shoppers < 1 || decisions < 1) throw new RangeError('it has grown so far already');
    growing.addShoppers(shoppers);
    growing.addDecisions(decisions);
    database.pragma('journal_mode = WAL');
  } finally {
    database.close();
  }
}

/** Of a database that was grown earlier: what a server would prune by now is made to be of today, so that it is there again. */
export function freshenDatabase(file: string, nowMs: number): void {
  const database = new Sqlite(file, { fileMustExist: true });
  try {
    database.prepare('UPDATE box_nonce SET used_at_ms = ?').run(nowMs);
    database
      .prepare('UPDATE counter SET resets_at_ms = ? WHERE resets_at_ms IS NOT NULL')
      .run(nowMs + DAY_MS);
    database.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    database.close();
  }
}

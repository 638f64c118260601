import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { totalKey } from '../../decision/counters.js';
import { startTestPostgres, type TestPostgres } from '../../testing/test-postgres.js';
import { audit, bytes, fillStore, newOffer, redeem, T, transaction } from '../../testing/test-store.js';
import { storeContract } from '../store.contract.js';
import type { RedeemFacts, Store } from '../store-port.js';
import { migratePostgres } from './postgres-migrations.js';
import { openPostgresStore } from './postgres-store.js';

let server: TestPostgres;
let contractUrl: string;
const total = totalKey('offer');

/** All that the stores of this file have asked with a plan that is kept, by name. */
const statements = new Map<string, string>();

beforeAll(async () => {
  // Without its upkeep, which would come at a time of its own and look at the tables.
  server = await startTestPostgres({ settings: { autovacuum: 'off' } });
  contractUrl = await newDatabase();
  const ask = pg.Client.prototype.query;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [query] = args as [Partial<pg.QueryConfig> | string | undefined];
    if (typeof query === 'object' && query.name !== undefined) statements.set(query.name, query.text ?? '');
    return Reflect.apply(ask, this, args);
  });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await server.stop();
});

async function newDatabase(): Promise<string> {
  const url = await server.createDatabase();
  await migratePostgres(url, 0);
  return url;
}

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

/** Emptying one is ten times as fast as making another. */
async function empty(url: string): Promise<void> {
  const tables = await server.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_name <> 'migration'`,
    databaseOf(url),
  );
  await server.query(`TRUNCATE ${tables.map(({ name }) => name).join(', ')}`, databaseOf(url));
}

storeContract('the PostgreSQL store', async () => {
  await empty(contractUrl);
  return openPostgresStore(contractUrl);
});

/** A few stores, as many servers have them, on one database that is filled. */
async function withStores(
  count: number,
  use: (stores: readonly Store[], url: string) => Promise<void>,
): Promise<void> {
  const url = await newDatabase();
  const stores: Store[] = [];
  try {
    for (let i = 0; i < count; i++) stores.push(await openPostgresStore(url));
    const [first] = stores;
    if (first !== undefined) await fillStore(first);
    await use(stores, url);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

function storeAt(stores: readonly Store[], index: number): Store {
  const store = stores[index % stores.length];
  if (store === undefined) throw new Error('there are no stores');
  return store;
}

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

/** Grants on record, and what the counters say: they must be the same. */
async function expectRecount(store: Store, granted: number): Promise<void> {
  const all = await store.listDecisions('venue', {
    after: 0,
    countMax: 10_000,
    refusals: false,
    newestFirst: false,
  });
  expect(all).toHaveLength(granted);
  expect((await store.findOffer('venue', 'offer'))?.granted).toBe(granted);
}

describe('several servers on one database', () => {
  test('one hot offer of 200, asked for 600 times on three of them: exactly 200, numbered without a gap', async () => {
    await withStores(3, async (stores) => {
      const ask = (id: number) => {
        const counters = [
          { key: total, maximum: 200 },
          { key: `${total}|shopper/${id % 50}`, maximum: 200 },
        ];
        return redeem(storeAt(stores, id), { id, counters, ...(id % 2 === 0 ? { holdMs: 1_000 } : {}) });
      };
      // Little at a time, again and again, on all of them at once: in one go the first server would take all there is.
      const answers = [];
      for (let start = 1; start <= 600; start += 12) {
        answers.push(...(await Promise.all(ids(12).map((i) => ask(start + i - 1)))));
      }
      expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(200);
      const store = storeAt(stores, 0);
      await expectRecount(store, 200);
      expect(await store.lastSequence('venue')).toBe(600);
      const queries = ids(50).map((shopper) => ({ key: `${total}|shopper/${shopper % 50}` }));
      const used = await store.readCounters('venue', queries, T);
      expect([...used.values()].reduce((sum, usage) => sum + usage.used + usage.held, 0)).toBe(200);
    });
  });

  test('a counter that is not there yet is made by one of them, and counts for all', async () => {
    await withStores(3, async (stores) => {
      for (const day of ids(20)) {
        const counters = [{ key: `${total}|day/${day}`, maximum: 1 }];
        const answers = await Promise.all(
          ids(3).map((i) => redeem(storeAt(stores, i), { id: day * 10 + i, counters })),
        );
        expect(answers.filter(({ decision }) => decision.granted)).toHaveLength(1);
      }
    });
  });

  test('a counter that all of them know, and that is forgotten meanwhile, begins anew and counts for all', async () => {
    await withStores(3, async (stores, url) => {
      const key = `${total}|shopper/1`;
      for (const round of ids(20)) {
        const ask = (i: number) => redeem(storeAt(stores, i), { id: round * 10 + i, counters: [{ key }] });
        await Promise.all(ids(3).map(ask));
        const used = await storeAt(stores, 0).readCounters('venue', [{ key }], T);
        expect(used.get(key)?.used).toBe(3);
        await server.query('DELETE FROM counter', databaseOf(url));
      }
    });
  });

  test('what is on record is answered again when nobody looked before, grants and refusals alike', async () => {
    await withStores(2, async (stores) => {
      const counters = [{ key: total, maximum: 10 }];
      const ask = (store: number) => ids(20).map((id) => redeem(storeAt(stores, store), { id, counters }));
      const first = await Promise.all(ask(0));
      // Among others that are new, on both at once.
      const fresh = ids(20).map((id) => redeem(storeAt(stores, id), { id: 20 + id, counters }));
      const again = await Promise.all([...ask(0), ...ask(1)]);
      expect(first.filter(({ decision }) => decision.granted)).toHaveLength(10);
      expect(again.map(({ decision }) => decision)).toEqual(
        [...first, ...first].map(({ decision }) => decision),
      );
      expect(again.every(({ recordedBefore }) => recordedBefore)).toBe(true);
      await Promise.all(fresh);
      await expectRecount(storeAt(stores, 0), 10);
      expect(await storeAt(stores, 0).lastSequence('venue')).toBe(40);
    });
  });

  test('a grant on record is answered again, though its own nonce is used by now; for another it is used', async () => {
    await withStores(1, async ([store]) => {
      if (store === undefined) return;
      const onFacts = ({ boxNonceUsed }: RedeemFacts): void => {
        if (boxNonceUsed) throw new Error('the nonce is used');
      };
      const ask = () => Promise.all(ids(10).map((id) => redeem(store, { id, onFacts })));
      const first = await ask();
      const [again, other] = await Promise.all([
        ask(),
        redeem(store, { id: 11, nonce: 1, onFacts }).catch((error: unknown) => error),
      ]);
      expect(again).toEqual(first.map(({ decision }) => ({ decision, recordedBefore: true })));
      expect(other).toMatchObject({ message: 'the nonce is used' });
      await expectRecount(store, 10);
    });
  });

  test('the same transactions in opposite order, with counters in opposite order: each is decided once', async () => {
    await withStores(2, async (stores) => {
      const counters = ids(30).map((i) => ({ key: `counter-${i}`, maximum: 1_000 }));
      const forth = ids(60).map((id) => redeem(storeAt(stores, 0), { id, counters }));
      const back = ids(60)
        .reverse()
        .map((id) => redeem(storeAt(stores, 1), { id, counters: [...counters].reverse() }));
      const [one, other] = [await Promise.all(forth), (await Promise.all(back)).reverse()];
      expect(one.map(({ decision }) => decision)).toEqual(other.map(({ decision }) => decision));
      const first = one.map((answer, i) => [answer.recordedBefore, other[i]?.recordedBefore]);
      expect(first.filter((pair) => pair.filter((before) => before === false).length !== 1)).toEqual([]);
      const used = await storeAt(stores, 0).readCounters('venue', counters, T);
      expect([...used.values()].map((usage) => usage.used)).toEqual(ids(30).map(() => 60));
    });
  });

  test('one nonce of a box on three of them: one grant', async () => {
    await withStores(3, async (stores) => {
      const onFacts = ({ boxNonceUsed }: { boxNonceUsed: boolean }) => {
        if (boxNonceUsed) throw new TapsealError('box_nonce_used');
      };
      const asked = ids(6).map((id) =>
        redeem(storeAt(stores, id), { id, nonce: 99, onFacts, counters: [{ key: `counter-${id}` }] }),
      );
      const answers = await Promise.allSettled(asked);
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  test('a new version, a pause and a revocation count at the next request of every server', async () => {
    await withStores(2, async (stores) => {
      const [here, there] = [storeAt(stores, 0), storeAt(stores, 1)];
      const seen: unknown[] = [];
      const onFacts = (facts: { offer: { version: { version: number }; paused: boolean } | undefined }) =>
        seen.push([facts.offer?.version.version, facts.offer?.paused]);
      await redeem(here, { id: 1, onFacts });
      await there.addOfferVersion('venue', newOffer({ version: 2 }), audit('offer'));
      await redeem(here, { id: 2, onFacts });
      await there.setOfferPaused('venue', 'offer', true, audit('offer'));
      await redeem(here, { id: 3, onFacts });
      expect(seen).toEqual([
        [1, false],
        [2, false],
        [2, true],
      ]);
      expect(await here.findPhone('venue', bytes(16, 1))).toMatchObject({ revokedAtMs: undefined });
      await there.revokePhone('venue', bytes(16, 1), 'lost', audit('phone'));
      expect(await here.findPhone('venue', bytes(16, 1))).toMatchObject({ revokedAtMs: T });
    });
  });
});

describe('what breaks', () => {
  test('connections that are killed again and again lose nothing that was acknowledged, and count nothing twice', async () => {
    await withStores(2, async (stores, url) => {
      let isOver = false;
      const killing = (async () => {
        while (!isOver) {
          await server.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'tapseal' AND datname = current_database()`,
            databaseOf(url),
          );
        }
      })();
      const granted: number[] = [];
      for (const round of ids(8)) {
        const asked = ids(24).map((i) => round * 100 + i);
        const answers = await Promise.allSettled(asked.map((id) => redeem(storeAt(stores, id), { id })));
        answers.forEach((answer, i) => {
          if (answer.status === 'fulfilled') granted.push(asked[i] ?? 0);
          else expect(answer.reason).toMatchObject({ code: 'server_busy' });
        });
      }
      isOver = true;
      await killing;
      // Whoever was told to come back comes back.
      const rest = ids(8).flatMap((round) => ids(24).map((i) => round * 100 + i));
      for (const id of rest.filter((one) => !granted.includes(one)))
        await redeem(storeAt(stores, id), { id });
      const store = storeAt(stores, 0);
      for (const id of rest) expect(await store.findDecision('venue', transaction(id))).toBeDefined();
      await expectRecount(store, 8 * 24);
    });
  });

  test('the answer to a commit that never arrives: the same call finds out, and counts once', async () => {
    const url = await newDatabase();
    const proxy = await startCuttingProxy(server.port);
    const direct = await openPostgresStore(url);
    await fillStore(direct);
    const proxied = new URL(url);
    proxied.port = String(proxy.port);
    const store = await openPostgresStore(proxied.href);
    await redeem(store, { id: 1 });
    proxy.cutNextCommit();
    const answer = await redeem(store, { id: 2 });
    expect(answer).toMatchObject({ recordedBefore: false, decision: { granted: true } });
    expect(proxy.cuts).toBe(1);
    expect(await redeem(store, { id: 2 })).toEqual({ ...answer, recordedBefore: true });
    await expectRecount(direct, 2);
    await store.close();
    await direct.close();
    await proxy.close();
  });

  test('one that the database does not take fails alone', async () => {
    await withStores(1, async (stores) => {
      const store = storeAt(stores, 0);
      const asked = ids(9).map((id) => redeem(store, id === 5 ? { id, offer: 'no\0name' } : { id }));
      const answers = await Promise.allSettled(asked);
      expect(answers.map(({ status }) => status)).toEqual(
        ids(9).map((id) => (id === 5 ? 'rejected' : 'fulfilled')),
      );
      await expectRecount(store, 8);
    });
  });

  test('a database that is away is a busy server, for every question; when it is back, nothing has to be done', async () => {
    const own = await startTestPostgres();
    const url = await own.createDatabase();
    await migratePostgres(url, 0);
    const store = await openPostgresStore(url);
    await fillStore(store);
    await own.kill();
    const questions = [
      () => redeem(store, { id: 1 }),
      () => store.findPhone('venue', bytes(16, 1)),
      () => store.listOffers('venue'),
      () => store.setOfferPaused('venue', 'offer', true, audit('offer')),
      () => store.readCounters('venue', [{ key: total }], T),
      () => store.check(),
    ];
    for (const ask of questions) await expect(ask()).rejects.toMatchObject({ code: 'server_busy' });
    await own.restart();
    expect((await redeem(store, { id: 1 })).decision.granted).toBe(true);
    await store.close();
    await own.stop();
  });
});

test('lookups of one turn are one statement, each with its own answer', async () => {
  await withStores(1, async (stores) => {
    const store = storeAt(stores, 0);
    const query = vi.spyOn(pg.Pool.prototype, 'query');
    const found = await Promise.all(ids(40).map((i) => store.findPhone('venue', bytes(16, i % 2))));
    const statements = query.mock.calls.length;
    query.mockRestore();
    expect(found.map((phone) => phone?.id[0])).toEqual(ids(40).map((i) => (i % 2 === 1 ? 1 : undefined)));
    expect(statements).toBe(1);
  });
});

/** Every tap, every phone, every counter leaves rows in these. */
const growing = /^(?:box|box_nonce|counter|counter_event|decision|hold|phone|receipt|rotating_id|shopper)$/;

/** Tables of which a plan reads all rows of the programme, or all there are. */
function wholeTables(plan: readonly string[]): string[] {
  return plan.flatMap((line, index) => {
    const [, table = ''] = / (?:Scan|Scan Backward)(?: using \S+)? on (\w+)/.exec(line) ?? [];
    if (!growing.test(table)) return [];
    const rest = plan.slice(index + 1);
    const end = rest.findIndex((next) => next.includes('->'));
    const condition = (end < 0 ? rest : rest.slice(0, end)).find((next) => next.includes('Index Cond:'));
    const isWhole = condition === undefined || /Index Cond: \(programme = [^()]*\)$/.test(condition);
    return isWhole ? [table] : [];
  });
}

test('no plan that is kept reads all rows of a programme, while tables are new and the database knows nothing of them', async () => {
  await withStores(1, async ([store], url) => {
    if (store === undefined) return;
    const whole = new Set<string>();
    const explaining = new pg.Client({ connectionString: url });
    await explaining.connect();
    // At each size of a small table another index can look good.
    for (let size = 0; size <= 640; size += 40) {
      for (const [name, text] of statements) {
        const { rows } = await explaining.query(`EXPLAIN (GENERIC_PLAN) ${text}`);
        const plan = rows.map((row: Record<string, string>) => row['QUERY PLAN'] ?? '');
        for (const table of wholeTables(plan)) whole.add(`${name}: ${table}`);
      }
      const counters = [{ key: total }, { key: `${total}|rolling/60`, windowMs: 60_000 }];
      const asked = ids(40).map((i) =>
        redeem(store, { id: size + i, counters, ...(i % 2 === 0 ? { holdMs: 1_000 } : {}) }),
      );
      await Promise.all(asked);
    }
    await explaining.end();
    expect(statements.size).toBeGreaterThan(35);
    expect([...whole].sort()).toEqual([
      // It begins at one end and takes one row.
      'decision-last: decision',
      // A revocation looks for all others, for its manifest.
      'manifest-revoked: box',
    ]);
  });
});

test('a plan is kept only where one index alone begins with the programme: of several the wrong one can look as good', async () => {
  const indexes = await server.query<{ table: string; predicate: string | null }>(
    `SELECT c.relname AS table, pg_get_expr(x.indpred, x.indrelid) AS predicate FROM pg_index x
     JOIN pg_class c ON c.oid = x.indrelid
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0] AND a.attname = 'programme'
     WHERE c.relnamespace = 'public'::regnamespace`,
    databaseOf(contractUrl),
  );
  /** An index of some of the rows comes into question where the statement asks for these. */
  const isCandidate = (text: string, predicate: string | null): boolean => {
    const [, column = ''] = /^\(+(\w+)/.exec(predicate ?? '') ?? [];
    const asked = text.split('WHERE').slice(1).join(' ');
    return predicate === null || new RegExp(`\\b${column} (?:= |IS NOT NULL)`).test(asked);
  };
  const doubtful = [...statements].flatMap(([name, text]) => {
    if (!/\bprogramme = /.test(text)) return [];
    const read = [...text.matchAll(/\b(?:FROM|JOIN|UPDATE) (\w+)/g)].map(([, table = '']) => table);
    return read
      .filter((table) => growing.test(table))
      .filter(
        (table) =>
          indexes.filter((index) => index.table === table && isCandidate(text, index.predicate)).length > 1,
      )
      .map((table) => `${name}: ${table}`);
  });
  expect(doubtful.sort()).toEqual(
    [
      // They begin at one end, or read all there are.
      'decision-last: decision',
      'manifest-revoked: box',
      // Once in the life of a box.
      'box-revoke: box',
    ].sort(),
  );
});

test('a database that acknowledges what is not durable is refused', async () => {
  const url = await newDatabase();
  await server.query(`ALTER DATABASE ${databaseOf(url)} SET synchronous_commit = off`);
  await expect(openPostgresStore(url)).rejects.toMatchObject({
    code: 'usage_invalid',
    message: expect.stringMatching(/synchronous_commit/),
  });
});

type CuttingProxy = {
  readonly port: number;
  readonly cuts: number;
  cutNextCommit(): void;
  close(): Promise<void>;
};

/** Between a store and its database: lets the next COMMIT through, and cuts the line when it is answered. */
async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let isArmed = false;
  let cuts = 0;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    let isCutting = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data: Buffer) => {
      if (isArmed && data.includes('COMMIT\0')) {
        isArmed = false;
        isCutting = true;
      }
      upstream.write(data);
    });
    upstream.on('data', (data: Buffer) => {
      if (!isCutting) client.write(data);
      else if (data.includes('COMMIT\0')) {
        cuts += 1;
        client.destroy();
        upstream.destroy();
      }
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return {
    port: address.port,
    get cuts() {
      return cuts;
    },
    cutNextCommit: () => {
      isArmed = true;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

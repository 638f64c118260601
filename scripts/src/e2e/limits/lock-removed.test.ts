/**
 * The race can fail: the same thousand shoppers on the same limit, once as it is, and once with what makes it safe taken away by
 * the test. On PostgreSQL that is the lock of the counters, on the embedded database that it reads inside of its write.
 */
import type { OfferVersion } from '@tapseal/cert-server/decision/offer';
import { canonicalOffer, offerHash } from '@tapseal/cert-server/decision/offer-hash';
import { redeemPlan } from '@tapseal/cert-server/redeem/make-decision';
import { openStore } from '@tapseal/cert-server/store/open-store';
import { storeLocation } from '@tapseal/cert-server/store/store-location';
import type { RedeemPlan, RedeemQuery, Store } from '@tapseal/cert-server/store/store-port';
import { startTestPostgres, type TestPostgres } from '@tapseal/cert-server/testing/test-postgres';
import { bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { LimitsVenue } from './limits-venue.js';
import { PROGRAMME } from './programme.js';

const SHOPPERS = 1_000;
const MAXIMUM = 100;
const SERVERS = 3;
const LOCK = ' FOR UPDATE';

const crypto = createNativeCrypto();
const offer: OfferVersion = {
  id: 'first-come',
  version: 1,
  title: 'First come',
  touchpoints: ['gate-1'],
  action: 'open',
  amountMinor: 0,
  currency: 'EUR',
  timeZone: 'UTC',
  keys: {},
  rules: { limits: [{ maximum: MAXIMUM }] },
};

type Asked = { readonly query: RedeemQuery; readonly plan: RedeemPlan };

function ask(boxId: Uint8Array): Asked {
  const [transactionId, boxNonce, phoneId] = [
    crypto.randomBytes(16),
    crypto.randomBytes(16),
    crypto.randomBytes(16),
  ];
  const shopper = bytesToHex(phoneId);
  const nowMs = Date.now();
  const plan = redeemPlan({
    party: { shopper, shopperLabels: {}, touchpoint: 'gate-1', touchpointLabels: {} },
    transactionId,
    requestHash: crypto.sha256(transactionId),
    phoneId,
    shopper,
    boxId,
    touchpoint: 'gate-1',
    boxNonce,
    offer: offer.id,
    amountMinor: 0,
    decidedAtMs: nowMs,
    receiptsThrough: 0,
    boxManifestVersion: 1,
    voucherKeyId: crypto.randomBytes(4),
  });
  return { query: { programme: PROGRAMME, transactionId, boxId, boxNonce, offer: offer.id, nowMs }, plan };
}

async function makeVenue(database?: string): Promise<LimitsVenue> {
  const boxes = [{ name: 'gate-1', labels: {} }];
  const venue = await LimitsVenue.make({ phones: 0, boxes, ...(database === undefined ? {} : { database }) });
  const canonical = canonicalOffer(offer);
  const audit = { atMs: Date.now(), token: 'test', act: 'offer.add', object: offer.id };
  await venue.inStore((store) =>
    store.addOffer(PROGRAMME, { offer, canonical, hash: offerHash(crypto, canonical) }, audit),
  );
  return venue;
}

async function withStores<T>(
  venue: LimitsVenue,
  count: number,
  use: (stores: readonly Store[]) => Promise<T>,
): Promise<T> {
  const location = storeLocation(venue.directory, venue.database);
  const stores = await Promise.all(Array.from({ length: count }, () => openStore(location, Date.now())));
  try {
    return await use(stores);
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** @returns how many are granted in all, of one that came before everybody else and a thousand at once */
async function race(
  venue: LimitsVenue,
  stores: readonly Store[],
  redeem: (store: Store, asked: Asked) => ReturnType<Store['redeem']>,
): Promise<number> {
  const [box] = venue.boxes;
  const [first] = stores;
  if (box === undefined || first === undefined) throw new Error('nobody is there');
  const { query, plan } = ask(box.id);
  await first.redeem(query, plan);
  const answers = await Promise.all(
    Array.from({ length: SHOPPERS }, (_, i) => redeem(stores[i % stores.length] ?? first, ask(box.id))),
  );
  return 1 + answers.filter(({ decision }) => decision.granted).length;
}

/** Settles for all when `count` have come; who comes later does not wait. */
function barrier(count: number): () => Promise<void> {
  let here = 0;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    here += 1;
    if (here === count) open();
    return opened;
  };
}

describe('PostgreSQL, three servers', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  });
  afterAll(() => postgres.stop());
  afterEach(() => vi.restoreAllMocks());

  const granted = async (): Promise<number> => {
    const venue = await makeVenue(await postgres.createDatabase());
    try {
      return await withStores(venue, SERVERS, (stores) =>
        race(venue, stores, (store, { query, plan }) => store.redeem(query, plan)),
      );
    } finally {
      await venue.close();
    }
  };

  /** From now on the servers' own statements go out without the lock, and the first of each waits until all have read. */
  const takeLocksAway = (): { readonly stripped: () => number } => {
    let stripped = 0;
    const allHaveRead = barrier(SERVERS + 1);
    const query = pg.Client.prototype.query as (this: pg.Client, ...args: unknown[]) => unknown;
    const unlocked = async function (
      this: pg.Client,
      config: pg.QueryConfig,
      ...rest: unknown[]
    ): Promise<unknown> {
      stripped += 1;
      const text = config.text.replace(LOCK, '');
      const result = await query.call(this, { ...config, name: `${config.name}-unlocked`, text }, ...rest);
      // The one that comes before everybody else is the first to read.
      if (stripped > 1) await allHaveRead();
      else void allHaveRead();
      return result;
    };
    vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
      const [config, ...rest] = args as [pg.QueryConfig | string | undefined, ...unknown[]];
      const isLocking =
        typeof config === 'object' && typeof config.text === 'string' && config.text.includes(LOCK);
      return isLocking ? unlocked.call(this, config, ...rest) : query.call(this, ...args);
    } as typeof pg.Client.prototype.query);
    return { stripped: () => stripped };
  };

  test(`with the lock exactly ${MAXIMUM} are granted`, async () => {
    expect(await granted()).toBe(MAXIMUM);
  });

  test('without the lock more are granted than the limit allows', async () => {
    const { stripped } = takeLocksAway();
    expect(await granted()).toBeGreaterThan(MAXIMUM);
    expect(stripped()).toBeGreaterThan(SERVERS);
  });
});

describe('SQLite', () => {
  const granted = async (redeem: Parameters<typeof race>[2]): Promise<number> => {
    const venue = await makeVenue();
    try {
      return await withStores(venue, 1, (stores) => race(venue, stores, redeem));
    } finally {
      await venue.close();
    }
  };

  test(`as it is, exactly ${MAXIMUM} are granted`, async () => {
    expect(await granted((store, { query, plan }) => store.redeem(query, plan))).toBe(MAXIMUM);
  });

  test('with what was read before the write began, all are granted', async () => {
    const allHaveRead = barrier(SHOPPERS);
    const readsTooEarly: Parameters<typeof race>[2] = async (store, { query, plan }) => {
      const used = await store.readCounters(PROGRAMME, plan.counters(offer), query.nowMs);
      await allHaveRead();
      return store.redeem(query, { ...plan, decide: (facts) => plan.decide({ ...facts, used }) });
    };
    expect(await granted(readsTooEarly)).toBe(1 + SHOPPERS);
  });
});

/**
 * The server with store and limits taken out, to compare with: the whole app as it is, on a store that answers from memory,
 * decides as if nothing were used yet, and records nothing. For the benchmark alone; arguments: data directory, threads for signatures.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { loadAuthority } from '@tapseal/cert-server/authority/authority';
import { buildApp } from '@tapseal/cert-server/http/build-app';
import { createLogger } from '@tapseal/cert-server/server/create-logger';
import { gatherLines } from '@tapseal/cert-server/server/gathered-lines';
import type { BoxRecord } from '@tapseal/cert-server/store/records';
import { openSqliteStore } from '@tapseal/cert-server/store/sqlite/sqlite-store';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import type { Store } from '@tapseal/cert-server/store/store-port';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { REQUESTS_A_MINUTE } from './installation.js';

/** What is found is remembered for good: nobody changes anything while this runs. */
function remembered<Arguments extends unknown[], Found>(
  find: (...args: Arguments) => Promise<Found>,
  keyOf: (...args: Arguments) => string,
): { find: (...args: Arguments) => Promise<Found>; known: Map<string, Found> } {
  const known = new Map<string, Found>();
  return {
    known,
    find: async (...args) => {
      const key = keyOf(...args);
      const found = known.get(key) ?? (await find(...args));
      known.set(key, found);
      return found;
    },
  };
}

const byId = (programme: string, id: Uint8Array): string =>
  `${programme}/${Buffer.from(id).toString('latin1')}`;

function storeless(store: Store): Store {
  const { find: findProgramme } = remembered(store.findProgramme, (id) => id);
  const { find: findManifest } = remembered(store.findManifest, (programme) => programme);
  const { find: findPhone } = remembered(store.findPhone, byId);
  const { find: findBox, known: boxes } = remembered(store.findBox, byId);
  const { find: findOffer } = remembered(store.findOffer, (programme, id) => `${programme}/${id}`);
  const overrides: Partial<Store> = {
    findProgramme,
    findManifest,
    findPhone,
    findBox,
    findOffer,
    findDecision: async () => undefined,
    moveWindow: async (programme, id, { anchor }) => {
      const box: BoxRecord | undefined = boxes.get(byId(programme, id));
      if (box !== undefined) boxes.set(byId(programme, id), { ...box, anchor });
    },
    redeem: async ({ programme, offer: id }, plan) => {
      const record = await findOffer(programme, id);
      const manifest = await findManifest(programme);
      const { decision } = plan.decide({
        boxNonceUsed: false,
        offer: record && { version: record.offer, hash: record.hash, paused: record.paused },
        used: new Map(),
        manifestVersion: manifest?.version ?? 0,
      });
      return { decision, recordedBefore: false };
    },
  };
  return { ...store, ...overrides };
}

/** Longer than the pauses between rounds, as the server has it. */
const KEEP_ALIVE_MS = 65_000;

const [directory = '', threads = '1'] = process.argv.slice(2);
const crypto = createNativeCrypto();
const store = openSqliteStore(join(directory, DATABASE_FILE), Date.now());
const authority = await loadAuthority(crypto, directory);
const signatures = authority.startSignatures({
  threads: Number(threads),
  onDeath: (cause) => {
    throw cause;
  },
});
const app = await buildApp({
  context: {
    store: storeless(store),
    authority,
    crypto,
    signatures,
    now: Date.now,
  },
  // The log of a server, with all its cost.
  logger: createLogger('info', gatherLines(process.stderr)),
  makeServer: (handler) => createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, handler),
  rateLimits: { phone: REQUESTS_A_MINUTE },
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ url })}\n`);
process.once('SIGTERM', () => {
  app
    .close()
    .then(() => signatures.close())
    .then(() => store.close())
    .then(() => process.exit(0));
});

/** Servers on a PostgreSQL database: several with the same keys, and none with others. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { canonicalOffer, offerHash } from '../decision/offer-hash.js';
import { redeem } from '../redeem/redeem.js';
import { signGrant } from '../redeem/sign-decision.js';
import { TestBox } from '../testing/test-box.js';
import { testOffer } from '../testing/test-offer.js';
import { TestPhone } from '../testing/test-phone.js';
import { startTestPostgres, type TestPostgres } from '../testing/test-postgres.js';
import { crypto, startTestServer, type TestServer } from '../testing/test-server.js';
import { initialise } from './initialise.js';
import { type RunningServer, type ServerOptions, startServer } from './start-server.js';

let postgres: TestPostgres;
let parent: string;
let database: string;
/** Has its own connections to the database, and the keys. */
let server: TestServer;
let box: TestBox;
let phone: TestPhone;
const running: RunningServer[] = [];
let logLines: string[];

beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'tapseal-start-postgres-'));
  database = await postgres.createDatabase();
  server = await startTestServer({ database });
  box = await TestBox.enrol(server, 'lobby-1');
  phone = await TestPhone.register(server);
  logLines = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
  await server.close();
  rmSync(parent, { recursive: true });
});

async function addOffer(max: number): Promise<void> {
  const offer = testOffer({ max });
  const canonical = canonicalOffer(offer);
  const version = { offer, canonical, hash: offerHash(crypto, canonical) };
  const audit = { atMs: server.nowMs, token: 'test', act: 'offer create', object: 'offer' };
  await server.context.store.addOffer('venue', version, audit);
}

async function start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
  const started = await startServer({
    directory: server.directory,
    database,
    host: '127.0.0.1',
    port: 0,
    tls: 'none',
    logLevel: 'info',
    logTo: { write: (line) => logLines.push(line) },
    now: () => server.nowMs,
    ...options,
  });
  running.push(started);
  return started;
}

type Reply = { readonly status: number; readonly body: string };

function post(url: string, path: string, payload: object, agent?: Agent): Promise<Reply> {
  const body = JSON.stringify(payload);
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      `${url}/v1/programmes/venue${path}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
        response.on('error', reject);
      },
    );
    sending.on('error', reject);
    sending.end(body);
  });
}

function ask(url: string, request: Uint8Array, agent?: Agent): Promise<Reply> {
  return post(url, '/redemptions', { request: bytesToBase64url(request) }, agent);
}

async function requests(count: number): Promise<Uint8Array[]> {
  const made: Uint8Array[] = [];
  for (let i = 0; i < count; i++) made.push(await phone.request(box, 'offer'));
  return made;
}

test('two servers with the same keys share limits, and answer for each other', async () => {
  await addOffer(10);
  const copy = join(parent, 'copy');
  cpSync(server.directory, copy, { recursive: true });
  const [one, two] = [await start(), await start({ directory: copy })];
  const asked = await requests(20);
  const answers = await Promise.all(
    asked.map((request, index) => ask(index % 2 === 0 ? one.url : two.url, request)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([
    ...Array.from({ length: 10 }, () => 200),
    ...Array.from({ length: 10 }, () => 403),
  ]);
  // A nonce of one server is good at the other, and an answer is the same at both.
  const again = await Promise.all(
    asked.map((request, index) => ask(index % 2 === 0 ? two.url : one.url, request)),
  );
  const withoutInstance = ({ status, body }: Reply) => ({ status, ...JSON.parse(body), instance: '' });
  expect(again.map(withoutInstance)).toEqual(answers.map(withoutInstance));
});

test('a server with keys of its own does not start on it', async () => {
  const other = join(parent, 'other');
  const programme = { id: 'venue', title: 'Venue', timeZone: 'UTC', currency: 'EUR' };
  await initialise({ directory: other, programme });
  await expect(start({ directory: other })).rejects.toMatchObject({ code: 'keys_mismatch' });
});

test('what was recorded before a crash is answered by whoever starts', async () => {
  await addOffer(1);
  const [cut = new Uint8Array()] = await requests(1);
  const { decision } = await redeem(server.context, 'venue', cut);
  if (!decision.granted) throw new Error('it was to be granted');
  const { url } = await start();
  expect(logLines.map((line) => JSON.parse(line)).find(({ decisions }) => decisions === 1)).toBeDefined();
  const { voucher } = JSON.parse((await ask(url, cut)).body);
  expect(voucher).toBe(bytesToBase64url(signGrant(server.authority, decision)));
});

test('closes gracefully: whatever it accepted is answered, and nothing is recorded that is not', async () => {
  await addOffer(1_000);
  // Never cut: the stop ends because everybody is told to go.
  const { url, close } = await start({ closeWithinMs: 600_000 });
  running.pop();
  const asked = await requests(40);
  const agent = new Agent({ keepAlive: true });
  const answers = asked.map((request) => ask(url, request, agent).catch(() => undefined));
  // The first answer is there while most of the others are under way.
  await Promise.race(answers);
  await close();
  const answered = (await Promise.all(answers)).filter((answer) => answer !== undefined);
  agent.destroy();
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.every(({ status }) => status === 200)).toBe(true);
  expect(await server.context.store.lastSequence('venue')).toBe(answered.length);
  await expect(ask(url, asked[0] ?? new Uint8Array())).rejects.toThrow(/ECONNREFUSED/);
  // The pool is closed as well: only the connections of the test are left.
  const [left] = await postgres.query<{ count: string }>(
    `SELECT count(*) FROM pg_stat_activity WHERE datname = '${new URL(database).pathname.slice(1)}'`,
  );
  expect(Number(left?.count)).toBeLessThanOrEqual(10);
});

test('while the database is away, phones are told to come again; afterwards they get their answer', async () => {
  await addOffer(1);
  const { url } = await start();
  const [request = new Uint8Array()] = await requests(1);
  await postgres.kill();
  const away = await ask(url, request);
  expect({ status: away.status, code: JSON.parse(away.body).code }).toEqual({
    status: 503,
    code: 'server_busy',
  });
  await postgres.restart();
  expect((await ask(url, request)).status).toBe(200);
});

test('a bound on requests of one address, or none', async () => {
  const nonces = (url: string) => Promise.all([1, 2, 3].map(() => post(url, '/nonces', {})));
  const limited = await start({ rateLimits: { phone: 2 } });
  expect((await nonces(limited.url)).map(({ status }) => status).sort()).toEqual([200, 200, 429]);
  const free = await start({ rateLimits: { phone: 0 } });
  expect((await nonces(free.url)).map(({ status }) => status)).toEqual([200, 200, 200]);
});

import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { afterEach, expect, test, vi } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { postOffer, startTestVenue } from '../testing/test-venue.js';

const REQUESTS_MAX = 10;
const REQUESTS = 60;

let server: TestServer;

afterEach(() => server.close());

/** A watcher has its place when it looks at the store for the first time. To be called before it asks. */
function nextWatcher(): Promise<void> {
  const looks = vi.spyOn(server.context.store, 'lastSequence');
  return vi
    .waitUntil(() => looks.mock.calls.length > 0, { timeout: 60_000, interval: 1 })
    .then(() => undefined);
}

test('more than the bound at once: the rest is told to come again, nobody is left out or counted twice', async () => {
  const venue = await startTestVenue({ requestsMax: REQUESTS_MAX });
  const { box, phone } = venue;
  server = venue.server;
  await postOffer(server, 'offer', { limits: [{ maximum: REQUESTS }] });
  const requests: Uint8Array[] = [];
  for (let i = 0; i < REQUESTS; i++) requests.push(await phone.request(box, 'offer'));

  let waiting = requests;
  const rounds: number[] = [];
  while (waiting.length > 0) {
    const answers = await Promise.all(waiting.map((request) => phone.redeem(request)));
    const granted = answers.filter(({ status }) => status === 200);
    const busy = answers.filter(({ status }) => status === 503);
    expect(granted.length + busy.length).toBe(waiting.length);
    for (const answer of busy) {
      expect(answer).toMatchObject({ body: { code: 'server_busy' }, headers: { 'retry-after': '1' } });
    }
    rounds.push(granted.length);
    waiting = waiting.filter((_, index) => answers[index]?.status !== 200);
  }
  // Each round takes what the server holds, and no more.
  expect(rounds).toEqual(Array.from({ length: REQUESTS / REQUESTS_MAX }, () => REQUESTS_MAX));
  expect((await server.context.store.findOffer('venue', 'offer'))?.granted).toBe(REQUESTS);
  expect(await server.context.store.lastSequence('venue')).toBe(REQUESTS);
});

test('who is sent away is not listened to: neither body nor route is looked at', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const hasBegun = nextWatcher();
  const waiting = server.admin('GET', '/grants?waitMs=25000');
  await hasBegun;
  const wrong = [
    server.app.inject({ method: 'POST', url: '/v1/programmes/venue/redemptions', payload: '{' }),
    server.call('POST', '/v1/programmes/nowhere/redemptions', {
      request: bytesToBase64url(Uint8Array.of(1)),
    }),
  ];
  for (const answer of await Promise.all(wrong)) {
    expect('statusCode' in answer ? answer.statusCode : answer.status).toBe(503);
  }
  // The watcher is woken, and its place is free.
  await server.app.close();
  expect((await waiting).status).toBe(200);
});

test('the work for a client that went away keeps its place until it is done, and a stop waits for it', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const { store } = server.context;
  const lastSequence = store.lastSequence.bind(store);
  let atWork = (): void => undefined;
  let goOn = (): void => undefined;
  const hasBegun = new Promise<void>((resolve) => {
    atWork = resolve;
  });
  const mayEnd = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let isDone = false;
  store.lastSequence = async (programme) => {
    atWork();
    await mayEnd;
    isDone = true;
    return lastSequence(programme);
  };
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const connected = once(server.app.server, 'connection');
  const headers = { authorization: `Bearer ${server.ownerToken}` };
  const request = get(`${address}/v1/programmes/venue/grants`, { headers });
  request.on('error', () => undefined);
  const [socket] = await connected;
  await hasBegun;
  const gone = once(socket, 'close');
  request.destroy();
  await gone;
  expect((await server.admin('GET', '/offers')).status).toBe(503);

  await server.app.close();
  const done = server.app.workDone().then(() => isDone);
  goOn();
  expect(await done).toBe(true);
  await server.app.workDone();
});

test('its place is free afterwards', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const connected = once(server.app.server, 'connection');
  const hasBegun = nextWatcher();
  const request = get(`${address}/v1/programmes/venue/grants?waitMs=25000`, {
    headers: { authorization: `Bearer ${server.ownerToken}` },
  });
  request.on('error', () => undefined);
  const [socket] = await connected;
  const gone = once(socket, 'close');
  await hasBegun;
  expect((await server.admin('GET', '/offers')).status).toBe(503);
  request.destroy();
  await gone;
  // The watcher notices by itself.
  await server.app.workDone();
  expect((await server.admin('GET', '/offers')).status).toBe(200);
});

test('a body that comes byte by byte takes no place', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const address = new URL(await server.app.listen({ host: '127.0.0.1', port: 0 }));
  const socket = connect(Number(address.port), '127.0.0.1');
  socket.on('error', () => undefined);
  const head = ['POST /v1/enrolments HTTP/1.1', 'Host: localhost', 'Content-Type: application/json'];
  // The server answers to this when it has taken the request, and waits for its body.
  socket.write([...head, 'Content-Length: 100', 'Expect: 100-continue', '', '{'].join('\r\n'));
  await once(socket, 'data');
  expect((await server.admin('GET', '/offers')).status).toBe(200);
  socket.destroy();
});

test('monitoring sees a server that is full, and has places of its own', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const hasBegun = nextWatcher();
  const waiting = server.admin('GET', '/grants?waitMs=25000');
  await hasBegun;
  const asked = Array.from({ length: 150 }, () => server.app.inject('/healthz'));
  const statuses = (await Promise.all(asked)).map(({ statusCode }) => statusCode);
  expect(statuses.filter((status) => status === 200)).toHaveLength(100);
  expect(statuses.filter((status) => status === 503)).toHaveLength(50);
  expect((await server.app.inject('/metrics')).statusCode).toBe(200);
  await server.app.close();
  await waiting;
});

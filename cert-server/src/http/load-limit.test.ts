import { once } from 'node:events';
import { get } from 'node:http';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { afterEach, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { postOffer, startTestVenue } from '../testing/test-venue.js';

const REQUESTS_MAX = 10;
const REQUESTS = 60;

let server: TestServer;

afterEach(() => server.close());

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
  const waiting = server.admin('GET', '/grants?waitMs=25000');
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

/** Sockets are looked after in between. */
async function untilStatus(status: number): Promise<void> {
  while ((await server.admin('GET', '/offers')).status !== status)
    await new Promise((resolve) => setImmediate(resolve));
}

test('its place is free afterwards', async () => {
  server = await startTestServer({ requestsMax: 1 });
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const connected = once(server.app.server, 'connection');
  const request = get(`${address}/v1/programmes/venue/grants?waitMs=25000`, {
    headers: { authorization: `Bearer ${server.ownerToken}` },
  });
  request.on('error', () => undefined);
  const [socket] = await connected;
  const gone = once(socket, 'close');
  await untilStatus(503);
  request.destroy();
  await gone;
  // The watcher notices by itself.
  await untilStatus(200);
});

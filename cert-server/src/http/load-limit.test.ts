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

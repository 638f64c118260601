/** The client against servers that are none, or hostile: what the real one never does. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { Type } from '@tapseal/shared/type-builder';
import { afterEach, expect, test } from 'vitest';
import { ApiClient } from './api-client.js';
import { problemOf } from './problem-error.js';

let server: Server | undefined;

afterEach(
  () =>
    new Promise<void>((resolve) => {
      if (server === undefined) return resolve();
      server.closeAllConnections();
      server.close(() => resolve());
      server = undefined;
    }),
);

async function listen(listener: RequestListener): Promise<URL> {
  const started = createServer(listener);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  const address = started.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`http://127.0.0.1:${address.port}`);
}

async function faultOf(url: URL) {
  try {
    await new ApiClient({ server: url, token: 'tps_secret' }).call(
      { path: '/x' },
      Type.Object({ a: Type.Number() }),
    );
  } catch (error) {
    return problemOf(error);
  }
  throw new Error('no fault');
}

function answering(status: number, body: string, headers: Record<string, string> = {}): RequestListener {
  return (_request, response) => response.writeHead(status, headers).end(body);
}

test.each<[string, RequestListener]>([
  ['HTML', answering(200, '<html>')],
  ['JSON of another shape', answering(200, '{"a":"1"}')],
  ['a fault that is no problem', answering(502, '{"message":"bad gateway"}')],
  [
    'a problem with a code of nobody',
    answering(400, JSON.stringify({ type: 'x', title: 'x', status: 400, code: 'x', advice: 'x' })),
  ],
  ['a redirect', answering(302, '', { location: 'http://192.0.2.1/' })],
])('is no certificate server: %s', async (_name, listener) => {
  expect(await faultOf(await listen(listener))).toMatchObject({ code: 'server_answer_invalid' });
});

test('a problem of the server comes through whole', async () => {
  const problem = {
    type: 'urn:tapseal:problem:limit_reached',
    title: 'A limit of the offer is used up.',
    status: 403,
    code: 'limit_reached',
    detail: 'per shopper, week',
    advice: 'Try again.',
    resetsAt: '2026-06-01T00:00:00Z',
  };
  expect(await faultOf(await listen(answering(403, JSON.stringify(problem))))).toEqual(problem);
});

test('an answer without an end is cut off', async () => {
  const chunk = 'x'.repeat(1 << 20);
  const url = await listen((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  expect(await faultOf(url)).toMatchObject({
    code: 'server_answer_invalid',
    detail: expect.stringContaining('16 MiB'),
  });
});

test('a connection that is closed in the middle is a fault of the network', async () => {
  const url = await listen((request) => request.socket.destroy());
  expect(await faultOf(url)).toMatchObject({ code: 'network_unavailable' });
});

test('nobody listens', async () => {
  const url = await listen(answering(200, ''));
  await new Promise<void>((resolve) => server?.close(() => resolve()));
  expect(await faultOf(url)).toMatchObject({
    code: 'network_unavailable',
    detail: `${url.origin}: nothing listens there.`,
  });
});

test('TLS spoken to a server without it', async () => {
  const url = await listen(answering(200, '{}'));
  expect(await faultOf(new URL(url.href.replace('http:', 'https:')))).toMatchObject({
    code: 'network_unavailable',
    detail: expect.stringContaining('does not speak TLS'),
  });
});

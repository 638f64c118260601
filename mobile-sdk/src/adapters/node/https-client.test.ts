import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpsClient, type HttpsClient } from './https-client.js';

let server: Server | undefined;
let client: HttpsClient | undefined;

afterEach(async () => {
  client?.close();
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
  server = undefined;
});

type Seen = { method: string; url: string; body: string; contentType: string | undefined; port: number };

async function serve(
  answer: (response: ServerResponse, seen: Seen, count: number) => void,
  timeoutMs = 5_000,
) {
  const seen: Seen[] = [];
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const each: Seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        body: Buffer.concat(chunks).toString(),
        contentType: request.headers['content-type'],
        port: request.socket.remotePort ?? 0,
      };
      seen.push(each);
      answer(response, each, seen.length);
    });
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  client = createHttpsClient({ server: `http://127.0.0.1:${port}`, timeoutMs });
  return { client, seen };
}

describe('createHttpsClient', () => {
  it('sends JSON and reads JSON, over one connection', async () => {
    const { client, seen } = await serve((response, each) => response.end(JSON.stringify({ url: each.url })));
    expect(await client.request('POST', '/a', { x: 1 })).toEqual({
      status: 200,
      json: { url: '/a' },
      retryAfterMs: undefined,
    });
    expect((await client.request('GET', '/b')).json).toEqual({ url: '/b' });
    expect(seen).toMatchObject([
      { method: 'POST', body: '{"x":1}', contentType: 'application/json' },
      { method: 'GET', body: '', contentType: undefined },
    ]);
    expect(seen[0]?.port).toBe(seen[1]?.port);
  });

  it('posts nothing where there is nothing to post, and says so', async () => {
    const { client, seen } = await serve((response) => response.end('{}'));
    await client.request('POST', '/nonces');
    expect(seen[0]).toMatchObject({ body: '', contentType: undefined });
  });

  it('sends again over a new connection where the kept one was closed meanwhile', async () => {
    const { client, seen } = await serve((response, _each, count) => {
      // The second request meets a connection that the server has given up.
      if (count === 2) response.socket?.destroy();
      else response.end('{"ok":true}');
    });
    await client.request('GET', '/first');
    expect((await client.request('GET', '/second')).json).toEqual({ ok: true });
    expect(seen.map((each) => each.url)).toEqual(['/first', '/second', '/second']);
  });

  it('hands on status, problem and Retry-After', async () => {
    const { client } = await serve((response) => {
      response.writeHead(503, { 'retry-after': '7' }).end('{"code":"server_busy"}');
    });
    expect(await client.request('GET', '/')).toEqual({
      status: 503,
      json: { code: 'server_busy' },
      retryAfterMs: 7_000,
    });
  });

  it('gives no JSON for an answer that is none', async () => {
    const { client } = await serve((response) => response.end('<html>'));
    expect((await client.request('GET', '/')).json).toBeUndefined();
  });

  it('cuts an answer off at its bound', async () => {
    const { client } = await serve((response) => response.end(`"${'x'.repeat(300_000)}"`));
    await expect(client.request('GET', '/')).rejects.toMatchObject({ code: 'server_answer_invalid' });
  });

  it('gives up a server that trickles', async () => {
    const { client } = await serve((response) => {
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    }, 150);
    await expect(client.request('GET', '/')).rejects.toMatchObject({ code: 'network_unavailable' });
  });

  it('says that the network is unavailable where nobody listens, or the answer breaks off', async () => {
    const { client } = await serve((response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
      response.socket?.end();
    });
    await expect(client.request('GET', '/')).rejects.toMatchObject({ code: 'network_unavailable' });
    const nobody = createHttpsClient({ server: 'http://127.0.0.1:1' });
    await expect(nobody.request('GET', '/')).rejects.toMatchObject({ code: 'network_unavailable' });
    nobody.close();
  });

  it.each(['http://example.org', 'ftp://127.0.0.1', 'nonsense', 'http://127.0.0.1.example.org'])(
    'refuses %s: plain http is for loopback only',
    (address) => {
      expect(() => createHttpsClient({ server: address })).toThrow(
        expect.objectContaining({ code: 'usage_invalid' }),
      );
    },
  );
});

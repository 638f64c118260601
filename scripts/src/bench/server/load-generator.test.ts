import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LoadGenerator } from './load-generator.js';
import { encodeHttpRequest, joinRequests } from './request-batch.js';

const open: { server: Server; generator: LoadGenerator }[] = [];

afterEach(async () => {
  for (const { server, generator } of open.splice(0)) {
    generator.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** Answers with the body of the request; `delayMs` says how late, by the body. */
async function echo(
  connections: number,
  delayMs: (body: string) => number,
  padding = 0,
): Promise<LoadGenerator> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => {
      const answer = body + ' '.repeat(padding);
      setTimeout(() => {
        response.writeHead(body === '13' ? 503 : 200, { 'content-length': answer.length });
        // In two pieces, as a network may deliver it.
        response.write(answer.slice(0, 1));
        setImmediate(() => response.end(answer.slice(1)));
      }, delayMs(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const generator = await LoadGenerator.open([`http://127.0.0.1:${port}`], connections);
  open.push({ server, generator });
  return generator;
}

function numbered(count: number) {
  return joinRequests(Array.from({ length: count }, (_, i) => encodeHttpRequest('POST', '/', String(i))));
}

test('each answer is kept under the number of its request, in whatever order they come', async () => {
  const generator = await echo(8, (body) => (Number(body) * 7) % 5);
  const { bodies, statuses } = await generator.closedLoop(numbered(100));
  expect(bodies.map((body) => Number(Buffer.from(body).toString()))).toEqual([...Array(100).keys()]);
  expect([...statuses].filter((status) => status !== 200)).toEqual([503]);
  expect(statuses[13]).toBe(503);
});

test('an answer that is larger than what one read brings is put together', async () => {
  const generator = await echo(2, () => 0, 200_000);
  const { bodies } = await generator.closedLoop(numbered(4));
  expect(bodies.map((body) => body.length)).toEqual([200_001, 200_001, 200_001, 200_001]);
});

test('in an open loop a stall is charged to all who were due meanwhile', async () => {
  const stallMs = 300;
  const generator = await echo(1, (body) => (body === '0' ? stallMs : 0));
  const { sinceDueMs, sinceSentMs } = await generator.openLoop(numbered(20), 100);
  // Due 10 ms after the first, sent when the one connection was free again.
  expect(sinceDueMs[1]).toBeGreaterThan(stallMs - 50);
  expect(sinceSentMs[1]).toBeLessThan(sinceDueMs[1] ?? 0);
});

test('a server that closes a connection fails the run', async () => {
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const generator = await LoadGenerator.open([`http://127.0.0.1:${port}`], 1);
  open.push({ server, generator });
  await expect(generator.closedLoop(numbered(1))).rejects.toThrow(/closed a connection|ECONNRESET/);
});

import diagnostics from 'node:diagnostics_channel';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GrantPage } from '../http/admin-schemas.js';
import { type Initialised, initialise } from './initialise.js';
import { type ServerOptions, startServer } from './start-server.js';

const parent = mkdtempSync(join(tmpdir(), 'tapseal-start-test-'));
const directory = join(parent, 'data');
const programme = { id: 'venue', title: 'Venue', timeZone: 'Europe/Berlin', currency: 'EUR' };
const plain: ServerOptions = { directory, host: '127.0.0.1', port: 0, tls: 'none', logLevel: 'silent' };
/** More than a log needs to be long. */
const WRITES_MAX = 5_000;
let initialised: Initialised;

beforeAll(async () => {
  initialised = await initialise({ directory, programme });
});
afterAll(() => rmSync(parent, { recursive: true }));

function get(
  url: string,
  headers: Record<string, string> = {},
  ca?: string,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https') ? httpsRequest : httpRequest;
    const request = send(url, { headers, agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on('error', reject);
    request.end();
  });
}

async function post(url: string, authorization: string, body: object): Promise<number> {
  const headers = { authorization, 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
}

describe('initialise', () => {
  test('makes a directory that only its owner can enter, and an owner token that works', async () => {
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    const server = await startServer(plain);
    const authorization = `Bearer ${initialised.ownerToken}`;
    const answer = await get(`${server.url}/v1/programmes`, { authorization });
    await server.close();
    expect(JSON.parse(answer.body).programmes).toMatchObject([programme]);
  });

  test('never overwrites', async () => {
    const before = readFileSync(join(directory, 'root.key.pem'), 'utf8');
    await expect(initialise({ directory, programme })).rejects.toMatchObject({ code: 'already_initialised' });
    expect(readFileSync(join(directory, 'root.key.pem'), 'utf8')).toBe(before);
  });

  test('refuses an unknown time zone before it writes anything', async () => {
    const other = join(parent, 'other');
    const atlantis = { ...programme, timeZone: 'Europe/Atlantis' };
    await expect(initialise({ directory: other, programme: atlantis })).rejects.toMatchObject({
      code: 'body_invalid',
    });
    expect(existsSync(other)).toBe(false);
  });

  test('what fails half-way leaves no keys behind', async () => {
    const other = join(parent, 'half-way');
    const faulty = { ...programme, title: undefined as unknown as string };
    await expect(initialise({ directory: other, programme: faulty })).rejects.toThrow();
    expect(existsSync(join(other, 'root.key.pem'))).toBe(false);
    expect((await initialise({ directory: other, programme })).rootFingerprint).toHaveLength(16);
  });
});

describe('startServer', () => {
  test('signatures have their threads, and checkpoints one of their own once the log is long; all end with it', async () => {
    const threads: Worker[] = [];
    const onThread = (message: unknown): void => {
      threads.push((message as { worker: Worker }).worker);
    };
    diagnostics.subscribe('worker_threads', onThread);
    const server = await startServer({ ...plain, signatureThreads: 2 });
    try {
      expect(threads).toHaveLength(2);
      const authorization = `Bearer ${initialised.ownerToken}`;
      for (let i = 0; i < WRITES_MAX && threads.length === 2; i++) {
        const created = await post(`${server.url}/v1/programmes/venue/touchpoints`, authorization, {
          name: `gate-${i}`,
          title: 'Gate',
        });
        expect(created).toBe(201);
      }
      expect(threads).toHaveLength(3);
    } finally {
      diagnostics.unsubscribe('worker_threads', onThread);
      await server.close();
    }
    expect(threads.map(({ threadId }) => threadId)).toEqual([-1, -1, -1]);
  });

  test('refuses a directory that was not initialised', async () => {
    await expect(startServer({ ...plain, directory: parent })).rejects.toMatchObject({
      code: 'not_initialised',
    });
  });

  test('refuses plain HTTP where it is not loopback, unless told otherwise', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', '127.example.org']) {
      await expect(startServer({ ...plain, host }), host).rejects.toMatchObject({ code: 'usage_invalid' });
    }
    const server = await startServer({ ...plain, host: '0.0.0.0', insecureHttp: true });
    await server.close();
  });

  test('serves the workbench certificate, which the root alone is enough to trust', async () => {
    const server = await startServer({ ...plain, tls: 'workbench' });
    const ca = readFileSync(join(directory, 'root.crt.pem'), 'utf8');
    expect((await get(`${server.url}/healthz`, {}, ca)).body).toBe('{"status":"ok"}');
    await expect(get(`${server.url}/healthz`)).rejects.toThrow(/self-signed|unable to/);
    await server.close();
  });

  test('serves given certificate files', async () => {
    const [certFile, keyFile] = ['workbench.crt.pem', 'workbench.key.pem'].map((name) =>
      join(directory, name),
    );
    if (certFile === undefined || keyFile === undefined) throw new Error('two files');
    const chain = join(parent, 'chain.pem');
    writeFileSync(
      chain,
      readFileSync(certFile, 'utf8') + readFileSync(join(directory, 'tls-authority.crt.pem'), 'utf8'),
    );
    const server = await startServer({ ...plain, tls: { certFile: chain, keyFile } });
    const ca = readFileSync(join(directory, 'root.crt.pem'), 'utf8');
    expect((await get(`${server.url}/healthz`, {}, ca)).status).toBe(200);
    await server.close();
  });

  test('closes gracefully: who waits is answered, then nobody is let in', async () => {
    const server = await startServer(plain);
    const headers = { authorization: `Bearer ${initialised.ownerToken}` };
    const url = `${server.url}/v1/programmes/venue/grants`;
    const waiting = get(`${url}?waitMs=25000`, headers);
    // The watcher is accepted before this one on the same server is answered.
    await get(url, headers);
    await server.close();
    const page: GrantPage = JSON.parse((await waiting).body);
    expect(page).toEqual({ grants: [], next: 0 });
    await expect(get(url, headers)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('closes though a client never ends its request', async () => {
    const server = await startServer({ ...plain, closeWithinMs: 50 });
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(
      'POST /v1/enrolments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n',
    );
    // The server has taken the request, and waits for its body.
    await once(socket, 'data');
    await server.close();
    socket.destroy();
  });

  test('refuses a directory with keys and no database: a new one would have forgotten every grant', async () => {
    const lost = join(parent, 'lost');
    cpSync(directory, lost, { recursive: true });
    rmSync(join(lost, 'tapseal.sqlite'));
    await expect(startServer({ ...plain, directory: lost })).rejects.toMatchObject({
      code: 'not_initialised',
      detail: expect.stringContaining('restore a backup'),
    });
    expect(existsSync(join(lost, 'tapseal.sqlite'))).toBe(false);
  });

  test('closes what it opened where the port is taken', async () => {
    const first = await startServer(plain);
    const port = Number(new URL(first.url).port);
    await expect(startServer({ ...plain, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
  });
});

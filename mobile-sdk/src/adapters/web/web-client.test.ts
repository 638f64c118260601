import { webcrypto } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../core/ports.js';
import {
  createFetchHttp,
  createWebClient,
  createWebClock,
  createWebKeyStore,
  createWebOutbox,
  type WebPlatform,
  type WebStorage,
} from './web-client.js';

// Node's own globals are those of the web: the same objects that a browser gives.
const platform = {
  crypto: webcrypto,
  performance,
  setTimeout: (run: () => void, delayMs: number) => setTimeout(run, delayMs),
  clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  fetch,
  AbortController,
} as unknown as WebPlatform;

function memoryStorage(): WebStorage {
  const values = new Map<string, unknown>();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => {
      values.set(key, value);
    },
    delete: async (key) => {
      values.delete(key);
    },
    keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
  };
}

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/cut') request.socket.destroy();
    else if (request.url === '/page') response.end('<html>');
    else {
      response.writeHead(request.url === '/busy' ? 503 : 200, { 'retry-after': '3' });
      response.end(JSON.stringify({ method: request.method, type: request.headers['content-type'] ?? null }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe('the Web adapter', () => {
  it('keeps a key that cannot be taken out, and signs with it after a reload', async () => {
    const storage = memoryStorage();
    const first = await createWebKeyStore(platform, storage).signer();
    const again = await createWebKeyStore(platform, storage).signer();
    expect(again.publicKey).toEqual(first.publicKey);
    expect(first.publicKey.algorithm).toBe('P-256');
    const { privateKey } = (await storage.get('key')) as { privateKey: { extractable: boolean } };
    expect(privateKey.extractable).toBe(false);
    const message = Uint8Array.of(1, 2, 3);
    expect(createNativeCrypto().verify(first.publicKey, message, await again.sign(message))).toBe(true);
  });

  it('asks a storage again that failed once', async () => {
    const storage = memoryStorage();
    let fails = true;
    const get = async (key: string): Promise<unknown> => {
      if (fails) throw new Error('connection to the database lost');
      return storage.get(key);
    };
    const store = createWebKeyStore(platform, { ...storage, get });
    await expect(store.signer()).rejects.toThrow('lost');
    fails = false;
    await expect(store.signer()).resolves.toMatchObject({ publicKey: { algorithm: 'P-256' } });
  });

  it('asks by fetch, and tells a lost network from an answer', async () => {
    const http = createFetchHttp(platform, origin);
    expect(await http.request('POST', '/a', {})).toEqual({
      status: 200,
      json: { method: 'POST', type: 'application/json' },
      retryAfterMs: 3_000,
    });
    expect((await http.request('POST', '/busy')).json).toEqual({ method: 'POST', type: null });
    expect((await http.request('GET', '/busy')).status).toBe(503);
    expect((await http.request('GET', '/page')).json).toBeUndefined();
    await expect(http.request('GET', '/cut')).rejects.toMatchObject({ code: 'network_unavailable' });
  });

  it('keeps the outbox in the storage', async () => {
    const storage = memoryStorage();
    const entry: OutboxEntry = { kind: 'receipt', id: 'ab'.repeat(32), programme: 'demo', receipt: 'AAAA' };
    await createWebOutbox(storage).put(entry);
    const outbox = createWebOutbox(storage);
    expect(await outbox.list()).toEqual([entry]);
    await outbox.delete('receipt', entry.id);
    expect(await outbox.list()).toEqual([]);
  });

  it('has a clock whose timers can be taken back', async () => {
    const clock = createWebClock(platform);
    const ran: string[] = [];
    clock.after(0, () => ran.push('taken back'))();
    await new Promise<void>((resolve) => {
      clock.after(1, resolve);
    });
    expect(ran).toEqual([]);
  });

  it('makes a client', async () => {
    const radio = {
      scan: async () => async () => {},
      connect: () => ({ link: new Promise<never>(() => {}), cancel: async () => {} }),
    };
    const client = createWebClient(platform, memoryStorage(), radio, { server: origin, programme: 'demo' });
    // The server above knows no registrations.
    await expect(client.register()).rejects.toMatchObject({ code: 'server_answer_invalid' });
  });
});

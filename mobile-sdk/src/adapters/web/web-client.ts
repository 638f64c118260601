/**
 * The phone in a browser: WebCrypto, fetch, and a store that the app hands in (IndexedDB in pages, another in tests). The
 * radio port is handed in too, until there is an adapter for Web Bluetooth; such a radio hides adverts, so that the client
 * resolves by hello. Platform objects are taken by structure: nothing here imports the DOM or Node.
 */
import type { AsyncSigner } from '@tapseal/shared/crypto-port';
import { type WebCrypto, type WebKeyPair, webSigner, webVerifying } from '@tapseal/shared/crypto-web';
import { portableHashing } from '@tapseal/shared/portable-hashing';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { type Client, type ClientOptions, createClient } from '../../core/client.js';
import type {
  Clock,
  Http,
  KeyStore,
  Outbox,
  OutboxEntry,
  PhoneCrypto,
  Radio,
  StoredRegistration,
} from '../../core/ports.js';

const TIMEOUT_MS = 10_000;
const ANSWER_CHARS_MAX = 262_144;

/**
 * Durable key-value storage. Values are structured clones: a CryptoKey that cannot be exported goes in and out as it is, as
 * IndexedDB allows.
 */
export interface WebStorage {
  get(key: string): Promise<unknown>;
  /** Settles when the value is durable. */
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  keys(prefix: string): Promise<readonly string[]>;
}

/** The parts of a browser's window, or of a worker, that are used. */
export type WebPlatform = {
  readonly crypto: WebCrypto & {
    readonly subtle: {
      generateKey(algorithm: object, extractable: boolean, usages: string[]): Promise<unknown>;
    };
  };
  readonly performance: { now(): number };
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  fetch(
    url: string,
    init: { method: string; headers: Record<string, string>; body?: string; signal: unknown },
  ): Promise<{
    readonly status: number;
    readonly headers: { get(name: string): string | null };
    text(): Promise<string>;
  }>;
  readonly AbortController: new () => { readonly signal: unknown; abort(): void };
};

export type WebClientOptions = ClientOptions & {
  /** Origin of the certificate server. */
  readonly server: string;
};

export function createWebClient(
  platform: WebPlatform,
  storage: WebStorage,
  radio: Radio,
  options: WebClientOptions,
): Client {
  const { crypto } = platform;
  const phoneCrypto: PhoneCrypto = {
    sha256: portableHashing.sha256,
    randomBytes: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    ...webVerifying(crypto.subtle),
  };
  return createClient(
    {
      radio,
      http: createFetchHttp(platform, options.server),
      keyStore: createWebKeyStore(platform, storage),
      outbox: createWebOutbox(storage),
      clock: createWebClock(platform),
      crypto: phoneCrypto,
    },
    { resolveByHello: true, ...options },
  );
}

export function createWebClock(platform: WebPlatform): Clock {
  return {
    nowMs: () => platform.performance.now(),
    after: (delayMs, run) => {
      const timer = platform.setTimeout(run, delayMs);
      return () => platform.clearTimeout(timer);
    },
  };
}

export function createFetchHttp(platform: WebPlatform, server: string): Http {
  const origin = server.replace(/\/$/, '');
  return {
    request: async (method, path, body) => {
      const abort = new platform.AbortController();
      const timer = platform.setTimeout(() => abort.abort(), TIMEOUT_MS);
      try {
        const response = await platform.fetch(origin + path, {
          method,
          headers: {
            accept: 'application/json',
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: abort.signal,
        });
        const text = await response.text();
        const retryAfter = response.headers.get('retry-after');
        return {
          status: response.status,
          json: parseJson(text),
          retryAfterMs:
            retryAfter !== null && /^\d{1,4}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined,
        };
      } catch (cause) {
        // fetch tells no more about a failure than that there was one.
        throw new TapsealError('network_unavailable', undefined, { cause });
      } finally {
        platform.clearTimeout(timer);
      }
    },
  };
}

function parseJson(text: string): unknown {
  if (text.length > ANSWER_CHARS_MAX) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const p256 = { name: 'ECDSA', namedCurve: 'P-256' };

/** A P-256 key that the browser makes, keeps and never gives out. */
export function createWebKeyStore(platform: WebPlatform, storage: WebStorage): KeyStore {
  const { subtle } = platform.crypto;
  let signer: Promise<AsyncSigner> | undefined;
  const load = async (): Promise<AsyncSigner> => {
    let pair = (await storage.get('key')) as WebKeyPair | undefined;
    if (pair === undefined) {
      pair = (await subtle.generateKey(p256, false, ['sign', 'verify'])) as WebKeyPair;
      await storage.set('key', pair);
    }
    return webSigner(subtle, 'P-256', pair);
  };
  return {
    signer: () => {
      signer ??= load().catch((error: unknown) => {
        // A storage that fails once, as IndexedDB may, is asked again at the next call.
        signer = undefined;
        throw error;
      });
      return signer;
    },
    // Both were written by this file, in a storage of this origin.
    loadRegistration: async () => (await storage.get('registration')) as StoredRegistration | undefined,
    saveRegistration: (registration) => storage.set('registration', registration),
  };
}

export function createWebOutbox(storage: WebStorage): Outbox {
  return {
    put: (entry) => storage.set(`outbox/${entry.kind}/${entry.id}`, entry),
    list: async () => {
      const entries: OutboxEntry[] = [];
      for (const key of await storage.keys('outbox/')) {
        const entry = await storage.get(key);
        if (entry !== undefined) entries.push(entry as OutboxEntry);
      }
      return entries;
    },
    delete: (kind, id) => storage.delete(`outbox/${kind}/${id}`),
  };
}

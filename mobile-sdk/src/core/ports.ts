/**
 * The outside world of the phone, each part as small as its user needs. The core imports no platform: adapters implement
 * these, and createClient is handed them. What comes through a port is not trusted: the core parses and verifies it.
 */
import type { AsyncSigner, AsyncVerifying, Hashing, Randomness } from '@tapseal/shared/crypto-port';
import type { TapsealError } from '@tapseal/shared/tapseal-error';

/** A monotonic clock. No date: what needs one comes from the server. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number;
  /** Runs `run` once after `delayMs`, unless the returned function is called first. */
  after(delayMs: number, run: () => void): () => void;
}

/** One advertisement of our service. */
export type Sighting = {
  /** The radio's own name for the peripheral, for connecting; not an identity. */
  readonly deviceId: string;
  readonly rssiDbm: number;
  /** The 24 bytes rotating ID ‖ nonce ‖ MAC, where the platform shows them. */
  readonly advert: Uint8Array | undefined;
};

export type ScanListener = {
  onSighting(sighting: Sighting): void;
  /** The scan has ended by itself, for example because the adapter was switched off. */
  onError(error: TapsealError): void;
};

/** The steps of a connection that a radio can tell apart. */
export type LinkStep = 'connected' | 'discovered';

export type LinkListener = {
  onStep(step: LinkStep): void;
  /** One notified packet, in order. The bytes are the listener's own. */
  onPacket(packet: Uint8Array): void;
  /** Once, whoever ended the link. No packet comes after it. */
  onClosed(): void;
};

/** A subscribed link to the one characteristic of a touchpoint. */
export interface RadioLink {
  /** ATT MTU, 23 or more. */
  readonly mtu: number;
  /**
   * Writes one packet of at most mtu − 3 bytes. Without response it settles when the packet is queued, and packets keep
   * their order. Rejects with link_lost.
   */
  write(packet: Uint8Array, options: { withResponse: boolean }): Promise<void>;
  /** Settles when the link is down; never rejects. */
  close(): Promise<void>;
}

export interface Connecting {
  /** Rejects with link_lost, or an adapter_… code. */
  readonly link: Promise<RadioLink>;
  /** Gives up; a link that is made nevertheless is closed by the radio. Settles when the radio is free again. */
  cancel(): Promise<void>;
}

export interface Radio {
  /**
   * Looks for SERVICE_UUID only, and reports repeated sightings too.
   * @returns a function that stops it
   * @throws TapsealError adapter_missing, adapter_down, adapter_busy, adapter_forbidden
   */
  scan(listener: ScanListener): Promise<() => Promise<void>>;
  /** Connects, finds our service and characteristic and nothing else, subscribes. */
  connect(deviceId: string, listener: LinkListener): Connecting;
}

export type HttpAnswer = {
  readonly status: number;
  /** Parsed JSON, or undefined where the body was none. */
  readonly json: unknown;
  /** From the Retry-After header. */
  readonly retryAfterMs: number | undefined;
};

export interface Http {
  /**
   * @param path begins with a slash; the adapter knows the server
   * @param body is sent as JSON
   * @throws TapsealError network_unavailable where no whole answer came in time, server_answer_invalid where it was too long
   */
  request(method: 'GET' | 'POST', path: string, body?: object): Promise<HttpAnswer>;
}

/** What the server said at the registration. Nothing of it is secret. */
export type StoredRegistration = {
  readonly programme: string;
  /** 32 hexadecimal digits. */
  readonly phoneId: string;
  readonly shopper: string;
  /** PEM, the phone's own first. */
  readonly certificates: readonly string[];
};

export interface KeyStore {
  /** The phone's one key; made at the first call. */
  signer(): Promise<AsyncSigner>;
  loadRegistration(): Promise<StoredRegistration | undefined>;
  saveRegistration(registration: StoredRegistration): Promise<void>;
}

/** A transaction that was approved and whose result is not known for certain. */
export type OutboxTransaction = {
  readonly kind: 'transaction';
  /** Transaction id, 32 hexadecimal digits. */
  readonly id: string;
  readonly programme: string;
  readonly offer: string;
  /** As the shopper saw it. */
  readonly touchpointName: string;
  /** base64url of the signed request: a retry sends the same bytes. */
  readonly request: string;
};

/** A receipt that the server does not have yet; perhaps of another phone. */
export type OutboxReceipt = {
  readonly kind: 'receipt';
  /** SHA-256 of the receipt, hexadecimal. */
  readonly id: string;
  readonly programme: string;
  /** base64url. */
  readonly receipt: string;
};

export type OutboxEntry = OutboxTransaction | OutboxReceipt;

/** Durable: what `put` has settled for survives a crash and a power cut. Putting an id again replaces it. */
export interface Outbox {
  put(entry: OutboxEntry): Promise<void>;
  list(): Promise<readonly OutboxEntry[]>;
  delete(kind: OutboxEntry['kind'], id: string): Promise<void>;
}

/** The parts of AsyncCryptoPort that a phone uses. */
export type PhoneCrypto = Pick<Hashing, 'sha256'> & Randomness & AsyncVerifying;

export type ClientPorts = {
  readonly radio: Radio;
  readonly http: Http;
  readonly keyStore: KeyStore;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly crypto: PhoneCrypto;
};

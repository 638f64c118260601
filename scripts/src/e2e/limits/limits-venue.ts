/**
 * A deployment for proofs of the limits: keys and data of their own, boxes and phones put on record through the store, and
 * servers that are real processes. Phones and boxes sign in this process, so that a thousand requests are ready before one is sent.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, loadAuthority } from '@tapseal/cert-server/authority/authority';
import type { Labels } from '@tapseal/cert-server/decision/labels';
import { manifestSigning } from '@tapseal/cert-server/manifest/sign-manifest';
import { advertWindowAt } from '@tapseal/cert-server/rotation/advert-window';
import { initialise } from '@tapseal/cert-server/server/initialise';
import { openStore } from '@tapseal/cert-server/store/open-store';
import { storeLocation } from '@tapseal/cert-server/store/store-location';
import type { Store } from '@tapseal/cert-server/store/store-port';
import { bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { type VoucherKey, voucherKeyOf } from '@tapseal/shared/voucher-key';
import { JsonLinesProcess } from '../../fleet/json-lines-process.js';
import { programFile } from '../../fleet/package-bin.js';
import { LimitsBox } from './limits-box.js';
import { LimitsPhone } from './limits-phone.js';
import { PROGRAMME } from './programme.js';

const crypto = createNativeCrypto();

const CODE_MS = 900_000;

export type VenuePlan = {
  /** Address of an empty PostgreSQL database; else the embedded one. */
  readonly database?: string;
  readonly phones: number;
  readonly boxes: readonly { readonly name: string; readonly labels: Labels }[];
};

export class LimitsVenue {
  readonly folder: string;
  readonly boxes: LimitsBox[] = [];
  readonly phones: LimitsPhone[] = [];
  readonly ownerToken: string;
  readonly authority: Authority;
  readonly voucherKeys: readonly VoucherKey[];
  /** Where the data is now: a standby that was promoted has another address. */
  database: string | undefined;
  readonly #processes = new Set<JsonLinesProcess>();

  private constructor(made: {
    folder: string;
    database: string | undefined;
    ownerToken: string;
    authority: Authority;
  }) {
    this.folder = made.folder;
    this.database = made.database;
    this.ownerToken = made.ownerToken;
    this.authority = made.authority;
    this.voucherKeys = [voucherKeyOf(crypto, made.authority.voucherSigner.publicKey.bytes)];
  }

  static async make(plan: VenuePlan): Promise<LimitsVenue> {
    const folder = mkdtempSync(join(tmpdir(), 'tapseal-limits-'));
    const directory = join(folder, 'data');
    const programme = { id: PROGRAMME, title: 'Venue', timeZone: 'Europe/Berlin', currency: 'EUR' };
    const { database } = plan;
    const { ownerToken } = await initialise({ directory, database, programme });
    const authority = await loadAuthority(crypto, directory);
    const venue = new LimitsVenue({ folder, database, ownerToken, authority });
    await venue.inStore(async (store) => {
      for (const { name, labels } of plan.boxes) venue.boxes.push(await venue.#enrol(store, name, labels));
      const phones = Array.from({ length: plan.phones }, () => venue.#register(store));
      venue.phones.push(...(await Promise.all(phones)));
    });
    return venue;
  }

  get directory(): string {
    return join(this.folder, 'data');
  }

  /** A store in this process, beside those of the servers. */
  async inStore<T>(use: (store: Store) => Promise<T>): Promise<T> {
    const store = await openStore(storeLocation(this.directory, this.database), Date.now());
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  async #enrol(store: Store, name: string, labels: Labels): Promise<LimitsBox> {
    const nowMs = Date.now();
    const box = new LimitsBox(name, this.authority.sealKey.publicKey);
    const code = { secretHash: crypto.randomBytes(32), expiresAtMs: nowMs + CODE_MS };
    const touchpoint = { name, title: name, place: '', labels, timeZone: undefined, createdAtMs: nowMs };
    const audit = { atMs: nowMs, token: 'limits', act: 'touchpoint.add', object: name };
    await store.addTouchpoint(PROGRAMME, touchpoint, code, audit);
    const subject = { programme: PROGRAMME, name, id: box.id };
    const certificate = await this.authority.issueForTouchpoint(subject, box.signer.publicKey, nowMs);
    const anchor = { epoch: 0, advertKey: crypto.randomBytes(32), counterS: 0, seenAtMs: nowMs };
    const window = advertWindowAt(crypto, anchor, nowMs);
    const enrolled = { id: box.id, certificate, enrolledAtMs: nowMs, window };
    if (!(await store.enrolBox(code.secretHash, enrolled, manifestSigning(this.authority, nowMs)))) {
      throw new Error(`${name} is not enrolled`);
    }
    return box;
  }

  async #register(store: Store): Promise<LimitsPhone> {
    const nowMs = Date.now();
    const signer = crypto.signer('Ed25519', crypto.randomBytes(32));
    const phone = new LimitsPhone(signer, this.authority.nonceKey);
    const subject = { programme: PROGRAMME, id: phone.id };
    const record = await store.registerPhone(PROGRAMME, {
      id: phone.id,
      algorithm: signer.publicKey.algorithm,
      certificate: await this.authority.issueForPhone(subject, signer.publicKey, nowMs),
      registeredAtMs: nowMs,
      shopperReference: undefined,
      newShopper: bytesToHex(crypto.randomBytes(12)),
    });
    if (record === 'conflict') throw new Error('a phone is not registered');
    phone.shopper = record.shopper;
    return phone;
  }

  /** Another server on the same data. */
  async startServer(): Promise<{ readonly url: string; readonly process: JsonLinesProcess }> {
    const { database } = this;
    const child = new JsonLinesProcess({
      label: 'tapseal serve',
      args: [
        programFile('tapseal'),
        ...['serve', '--data', this.directory, '--port', '0', '--no-tls', '--json', '--log-level', 'error'],
        ...['--rate-limit', '0'],
        ...(database === undefined ? [] : ['--database', database]),
      ],
    });
    this.#processes.add(child);
    void child.ended.then(() => this.#processes.delete(child));
    const { url } = await child.seen((line) => typeof line.url === 'string', 'address');
    return { url: String(url), process: child };
  }

  /** What the servers that run have said on standard error. */
  get errorOutput(): string {
    return [...this.#processes].map((child) => child.errorOutput).join('\n');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes].map((child) => child.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

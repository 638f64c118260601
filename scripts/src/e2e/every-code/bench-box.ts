/**
 * A real box on the bench: enrolled with a real state directory, its real driver, core and store, and in the place of its
 * radio and actuators what records them. Time is set by the test.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Touchpoint } from '@tapseal/beacon/core/touchpoint';
import { installBox, loadBox } from '@tapseal/beacon/enrol/box-directory';
import { rootKeyOf } from '@tapseal/beacon/enrol/box-identity';
import { checkEnrolmentAnswer } from '@tapseal/beacon/enrol/enrolment-answer';
import { draftEnrolment } from '@tapseal/beacon/enrol/enrolment-draft';
import { BoxDriver } from '@tapseal/beacon/run/box-driver';
import { BoxStore } from '@tapseal/beacon/store/box-store';
import type { Disk } from '@tapseal/beacon/store/disk';
import { NodeDisk } from '@tapseal/beacon/store/node-disk';
import { TestAuthority } from '@tapseal/beacon/testing/test-authority';
import { encodeChallenge } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { enrolmentSecretHash } from '@tapseal/shared/enrolment';
import { errorCodeOfBleStatus } from '@tapseal/shared/error-codes';
import { encodeFrames, FrameReader, type Message } from '@tapseal/shared/frame';
import type { Hello } from '@tapseal/shared/hello';
import type { Sighting } from './scenario.js';

export const crypto = createNativeCrypto();

const MTU = 185;
const LINK_SILENCE_ENDED_MS = 5_001;

/** Every file below a folder, by the hash of its content. */
export function filesOf(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file, createHash('sha256').update(readFileSync(file)).digest('hex')]),
  );
}

/** A disk that is full from the moment it is told so. */
class FillingDisk implements Disk {
  isFull = false;
  readonly #disk: NodeDisk;

  constructor(directory: string) {
    this.#disk = new NodeDisk(directory);
  }

  #assertRoom(): void {
    if (this.isFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  }

  read(name: string): Uint8Array | undefined {
    return this.#disk.read(name);
  }

  write(name: string, bytes: Uint8Array): void {
    this.#assertRoom();
    this.#disk.write(name, bytes);
  }

  append(name: string, bytes: Uint8Array): void {
    this.#assertRoom();
    this.#disk.append(name, bytes);
  }

  truncate(name: string, lengthBytes: number): void {
    this.#disk.truncate(name, lengthBytes);
  }

  sync(name: string): void {
    this.#disk.sync(name);
  }

  rename(from: string, to: string): void {
    this.#disk.rename(from, to);
  }

  syncDirectory(): void {
    this.#disk.syncDirectory();
  }

  close(): void {
    this.#disk.close();
  }
}

/** Enrols a box into a new state directory. */
export async function enrolBox(authority: TestAuthority): Promise<string> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'tapseal-box-'));
  const code = authority.makeCode();
  const { draft, request } = await draftEnrolment(crypto, code);
  const { response } = await authority.enrol(request, {
    secretHash: enrolmentSecretHash(crypto, code.secret),
    touchpointId: crypto.randomBytes(8),
  });
  installBox(stateDirectory, checkEnrolmentAnswer(crypto, response, draft));
  return stateDirectory;
}

export class BenchBox {
  readonly authority: TestAuthority;
  readonly stateDirectory: string;
  readonly disk: FillingDisk;
  readonly actuations: string[] = [];
  /** What the actuator will report. */
  actuatorWorks = true;
  nowMs = 1_000;
  readonly #driver: BoxDriver;
  readonly #heard: Message[] = [];
  readonly #dropped = new Set<number>();
  readonly #faults: unknown[] = [];
  #frames = new FrameReader();
  #link = 0;

  private constructor(authority: TestAuthority, stateDirectory: string) {
    this.authority = authority;
    this.stateDirectory = stateDirectory;
    const { directory, identity, seed } = loadBox(stateDirectory);
    this.disk = new FillingDisk(directory);
    const store = new BoxStore(this.disk);
    const touchpoint = new Touchpoint(
      {
        crypto,
        signer: crypto.signer('Ed25519', seed),
        touchpointId: identity.touchpointId,
        programme: identity.programme,
        rootKey: rootKeyOf(identity),
        allows: (action) => action === 'open',
        holdMs: 15_000,
        state: store.state,
      },
      this.nowMs,
    );
    this.#driver = new BoxDriver({
      touchpoint,
      store,
      actuators: {
        actuate: (order) => {
          this.actuations.push(order.transactionId);
          return Promise.resolve(this.actuatorWorks);
        },
      },
      radio: {
        advertise: () => {},
        notify: (_link, packet) => {
          const message = this.#frames.push(packet);
          if (message !== undefined) this.#heard.push(message);
        },
        drop: (link) => this.#dropped.add(link),
      },
      nowMs: () => this.nowMs,
      onReport: () => {},
      onFault: (error) => this.#faults.push(error),
    });
    this.#driver.feed({ kind: 'started' });
  }

  static async start(): Promise<BenchBox> {
    const authority = await TestAuthority.make(crypto);
    return new BenchBox(authority, await enrolBox(authority));
  }

  get isDropped(): boolean {
    return this.#dropped.has(this.#link);
  }

  /** A phone connects; the one before is gone. */
  connect(): void {
    if (this.#link > 0) this.#driver.feed({ kind: 'linkClosed', link: this.#link });
    this.#link += 1;
    this.#frames = new FrameReader();
    this.#driver.feed({ kind: 'linkOpened', link: this.#link });
    this.#driver.feed({ kind: 'mtuChanged', link: this.#link, mtu: MTU });
    this.#driver.feed({ kind: 'subscribed', link: this.#link });
  }

  /** Writes one packet as it is, and waits for whatever the actuator has to report. */
  async writePacket(packet: Uint8Array): Promise<void> {
    this.#driver.feed({ kind: 'packetReceived', link: this.#link, packet });
    await this.#driver.idle();
  }

  async write(message: Message): Promise<void> {
    for (const packet of encodeFrames(message, MTU)) await this.writePacket(packet);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.#driver.feed({ kind: 'timerDue' });
  }

  beSilent(): void {
    this.pass(LINK_SILENCE_ENDED_MS);
  }

  /** Connects, asks for a hello and opens it, as the server would. */
  async hello(): Promise<Hello> {
    this.connect();
    await this.write({ type: 'challenge', body: encodeChallenge(crypto.randomBytes(16)) });
    const message = this.#heard.at(-1);
    if (message?.type !== 'hello') throw new Error(`no hello, but ${message?.type}`);
    return this.authority.openHello(message.body);
  }

  /** What must not change: every byte on the disk, and how often the actuator was asked. */
  snapshot(): unknown {
    return { files: filesOf(this.stateDirectory), actuations: [...this.actuations] };
  }

  /** Does something bad and says what the box answered with its last status. */
  async provoke(act: () => Promise<void> | void): Promise<Sighting> {
    const before = this.snapshot();
    this.#heard.length = 0;
    await act();
    const statuses = this.#heard.filter((message) => message.type === 'status');
    const ble = statuses.at(-1)?.body[0];
    if (ble === undefined) throw new Error(`no status, but ${JSON.stringify(this.#heard)}`);
    if (this.#faults.length > 0) throw this.#faults[0];
    return { code: errorCodeOfBleStatus(ble) ?? 'unknown', ble, before, after: this.snapshot() };
  }

  remove(): void {
    this.#driver.stop();
    this.disk.close();
    rmSync(this.stateDirectory, { recursive: true });
  }
}

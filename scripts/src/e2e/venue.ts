/** The scene of the security tests: a workbench, boxes that count what they did, and phones that do as they are told. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex } from '@tapseal/shared/bytes';
import { decodeReceipt, type Receipt } from '@tapseal/shared/receipt';
import type { AirOptions } from '@tapseal/virtual-radio/air-options';
import type { RunningAir } from '@tapseal/virtual-radio/air-server';
import { expect } from 'vitest';
import type { JsonLine, JsonLinesProcess } from '../fleet/json-lines-process.js';
import { type TouchpointPlan, type TouchpointStart, Workbench } from '../fleet/workbench.js';
import { bytesOf, PhoneBrain, PROGRAMME, type Question } from './phone-brain.js';
import { type RawLink, RawPhone } from './raw-phone.js';
import { profileOf, ServerLine } from './server-line.js';

export const OFFER = 'parking';

export type BoxOptions = {
  /** Shell words that the actuator runs after it has counted. */
  readonly afterwards?: string;
  /** As `hold_ms` of the configuration; the longest where left out. */
  readonly holdMs?: number;
  readonly start?: TouchpointStart;
  /** Of `tapseal-beacon enroll`. */
  readonly enrolEnv?: Readonly<Record<string, string>>;
};

export class Box {
  readonly plan: TouchpointPlan;
  readonly touchpointId: string;
  readonly enrolmentCode: string;
  readonly actuationFile: string;
  process: JsonLinesProcess;
  deviceId: string;

  constructor(
    made: Pick<Box, 'plan' | 'touchpointId' | 'enrolmentCode' | 'actuationFile' | 'process' | 'deviceId'>,
  ) {
    this.plan = made.plan;
    this.touchpointId = made.touchpointId;
    this.enrolmentCode = made.enrolmentCode;
    this.actuationFile = made.actuationFile;
    this.process = made.process;
    this.deviceId = made.deviceId;
  }

  /** What the actuator itself wrote down: transaction ids in hexadecimal, one for each time that it acted. */
  actuations(): string[] {
    if (!existsSync(this.actuationFile)) return [];
    return readFileSync(this.actuationFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  }

  events(name: string): JsonLine[] {
    return this.process.lines.filter((line) => line.event === name);
  }
}

export type Phone = { readonly body: RawPhone; readonly brain: PhoneBrain };

export type Granted = {
  readonly question: Question;
  readonly sealedHello: Uint8Array;
  readonly request: Uint8Array;
  readonly voucher: Uint8Array;
  readonly manifest: Uint8Array | undefined;
  readonly jws: string;
};

export class Venue {
  readonly workbench: Workbench;
  /** As the operator. */
  readonly operator: ServerLine;
  readonly #deviceIds = new Map<string, string>();
  readonly #lines: ServerLine[] = [];

  private constructor(workbench: Workbench) {
    this.workbench = workbench;
    const { token, ca } = profileOf(join(workbench.folder, 'config', 'tapseal', 'config.json'));
    this.operator = new ServerLine(workbench.serverUrl, ca, token);
    this.#lines.push(this.operator);
    this.watch(workbench.air);
  }

  static async open(air: AirOptions, onOutput?: (text: string) => void): Promise<Venue> {
    const fast = { connectionIntervalMs: 7.5, advertisingIntervalMs: 30, ...air };
    return new Venue(await Workbench.start({ air: fast, ...(onOutput === undefined ? {} : { onOutput }) }));
  }

  /** Learns the radio address of whoever joins this air. */
  watch(air: RunningAir): void {
    air.observe((event) => {
      if (event.kind === 'joined')
        this.#deviceIds.set(event.name, event.address.replaceAll(':', '').toLowerCase());
    });
  }

  async addBox(name: string, options: BoxOptions = {}): Promise<Box> {
    const { afterwards = '', holdMs = 60_000, start = {}, enrolEnv } = options;
    const actuationFile = join(this.workbench.folder, `${name}.actuations`);
    const script = `echo "$TAPSEAL_TRANSACTION_ID" >> "$0"; ${afterwards}`;
    const plan: TouchpointPlan = {
      name,
      title: name,
      place: 'here',
      positionM: { x: 0, y: 0 },
      config: [
        '[adapter]',
        'allow_bluetoothd = true',
        'advertising_interval_ms = 30',
        '[link]',
        `hold_ms = ${holdMs}`,
        '[actions.open]',
        'actuator = "command"',
        'path = "/bin/sh"',
        `args = ["-c", ${JSON.stringify(script)}, ${JSON.stringify(actuationFile)}]`,
      ].join('\n'),
    };
    const enrolled = await this.workbench.enrolTouchpoint(plan, enrolEnv);
    const process = await this.workbench.startTouchpoint(plan, start);
    return new Box({ plan, ...enrolled, actuationFile, process, deviceId: this.deviceIdOf(name) });
  }

  deviceIdOf(name: string): string {
    const id = this.#deviceIds.get(name);
    if (id === undefined) throw new Error(`${name} has not joined the air`);
    return id;
  }

  async restart(box: Box, start: TouchpointStart = {}): Promise<void> {
    box.process = await this.workbench.startTouchpoint(box.plan, start);
    box.deviceId = this.deviceIdOf(box.plan.name);
  }

  /** An offer without limits, at these boxes. */
  async addOffer(boxes: readonly Box[], ...more: string[]): Promise<void> {
    const touchpoints = boxes.flatMap(({ plan }) => ['--touchpoint', plan.name]);
    await this.workbench.tapseal('offer', 'create', OFFER, '--action', 'open', ...touchpoints, ...more);
  }

  newServerLine(): ServerLine {
    const line = new ServerLine(this.workbench.phoneUrl, readFileSync(this.workbench.caFile, 'utf8'));
    this.#lines.push(line);
    return line;
  }

  async newBrain(algorithm?: 'Ed25519' | 'P-256'): Promise<PhoneBrain> {
    const brain = new PhoneBrain(this.newServerLine(), algorithm);
    await brain.register();
    return brain;
  }

  async newBody(name: string, air?: RunningAir): Promise<RawPhone> {
    return new RawPhone(await this.workbench.startRawPhone(name, { x: 1, y: 1 }, air));
  }

  async addPhone(name: string, air?: RunningAir): Promise<Phone> {
    const [body, brain] = await Promise.all([this.newBody(name, air), this.newBrain()]);
    return { body, brain };
  }

  /** Steps 2 to 4 of a tap on a link that stands: challenge, hello, request, voucher. */
  async grant(brain: PhoneBrain, link: RawLink, offer = OFFER): Promise<Granted> {
    const question = await brain.question();
    const sealedHello = await link.hello(question.challenge);
    return this.redeemed(brain, question, sealedHello, offer);
  }

  async redeemed(
    brain: PhoneBrain,
    question: Question,
    sealedHello: Uint8Array,
    offer = OFFER,
  ): Promise<Granted> {
    const request = await brain.request({ question, sealedHello, offer });
    const { status, json, text } = await brain.redeem(request);
    if (status !== 200) throw new Error(`not granted: ${text}`);
    const manifest = json.manifest === undefined ? undefined : bytesOf(json.manifest);
    return {
      question,
      sealedHello,
      request,
      voucher: bytesOf(json.voucher),
      manifest,
      jws: String(json.jws),
    };
  }

  /** A whole honest tap on a link of its own. @returns what was granted, and the receipt */
  async tap({ body, brain }: Phone, box: Box): Promise<{ granted: Granted; receipt: Uint8Array }> {
    const link = await body.connect(box.deviceId);
    const granted = await this.grant(brain, link);
    if (granted.manifest !== undefined)
      expect(await link.statusOf('manifest', granted.manifest)).toBe('manifest_installed');
    const receipt = await link.receipt(granted.voucher);
    expect(readReceipt(receipt)).toMatchObject({
      transactionId: granted.question.transactionId,
      outcome: 'actuated',
    });
    expect(await brain.postReceipts(receipt)).toEqual(['stored']);
    await link.close();
    return { granted, receipt };
  }

  /** How often the offer was granted, in the books of the server. */
  async grantedCount(): Promise<number> {
    return Number((await this.operator.get(`/v1/programmes/${PROGRAMME}/offers/${OFFER}`)).json.granted);
  }

  async touchpoint(box: Box): Promise<Readonly<Record<string, unknown>>> {
    return (await this.operator.get(`/v1/programmes/${PROGRAMME}/touchpoints/${box.plan.name}`)).json;
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.close();
    await this.workbench.close();
  }
}

export function readReceipt(bytes: Uint8Array): Receipt {
  return decodeReceipt(bytes).receipt;
}

export function transactionHex({ question }: Pick<Granted, 'question'>): string {
  return bytesToHex(question.transactionId);
}

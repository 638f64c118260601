/**
 * A whole installation on one machine: a server, touchpoints and phones, each a process of its own, over the virtual radio.
 * Demo, benchmarks and tests build on it. Everything lives in one folder, which goes away with it.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@tapseal/cert-server/testing/free-port';
import type { AirOptions } from '@tapseal/virtual-radio/air-options';
import { type RunningAir, startAir } from '@tapseal/virtual-radio/air-server';
import { radioEnvironment } from '@tapseal/virtual-radio/preload-path';
import { type DelayProxy, startDelayProxy } from './delay-proxy.js';
import { JsonLinesProcess, type StartOptions } from './json-lines-process.js';
import { programFile } from './package-bin.js';
import { type ProgramResult, runProgram } from './run-program.js';

export type PositionM = { readonly x: number; readonly y: number };

export type WorkbenchOptions = {
  readonly air: AirOptions;
  readonly timeZone?: string;
  /** Of the network between phones and server; 0 for none. */
  readonly networkRoundTripMs?: number;
  /** Told everything that the long-running processes print, on either stream. */
  readonly onOutput?: (text: string) => void;
};

export type TouchpointPlan = {
  readonly name: string;
  readonly title: string;
  readonly place: string;
  /** TOML after the common part: at least one `[actions.…]`. */
  readonly config: string;
  readonly positionM: PositionM;
};

export type TouchpointStart = {
  /** Further modules for `node --require`, for tests that turn the box's clocks. */
  readonly preloads?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Another air than that of the workbench. */
  readonly air?: RunningAir;
};

export type EnrolledTouchpoint = {
  /** 16 hexadecimal digits. */
  readonly touchpointId: string;
  /** Used by now. */
  readonly enrolmentCode: string;
};

export type ShopperPlan = {
  readonly name: string;
  readonly positionM: PositionM;
  /** More arguments of `tapseal-shopper watch`. */
  readonly args?: readonly string[];
};

export class Workbench {
  readonly folder: string;
  readonly air: RunningAir;
  readonly #options: WorkbenchOptions;
  readonly #processes: JsonLinesProcess[] = [];
  #serverUrl = '';
  #phoneUrl = '';
  #proxy: DelayProxy | undefined;

  private constructor(folder: string, air: RunningAir, options: WorkbenchOptions) {
    this.folder = folder;
    this.air = air;
    this.#options = options;
  }

  /** Starts the air and the server; touchpoints and phones are added one by one. */
  static async start(options: WorkbenchOptions): Promise<Workbench> {
    const folder = mkdtempSync(join(tmpdir(), 'tapseal-'));
    const air = await startAir({ ...options.air, socketPath: join(folder, 'air.sock') });
    const workbench = new Workbench(folder, air, options);
    try {
      await workbench.#startServer();
      return workbench;
    } catch (error) {
      await workbench.close();
      throw error;
    }
  }

  /** Where the operator's command line and the boxes reach the server. */
  get serverUrl(): string {
    return this.#serverUrl;
  }

  /** Where phones reach it: through the delay of the network, if there is one. */
  get phoneUrl(): string {
    return this.#phoneUrl;
  }

  get caFile(): string {
    return join(this.folder, 'ca.pem');
  }

  /** Puts the operator's profile and data into the folder of the workbench. */
  get operatorEnvironment(): Record<string, string> {
    return { XDG_CONFIG_HOME: join(this.folder, 'config'), XDG_DATA_HOME: join(this.folder, 'data') };
  }

  async #startServer(): Promise<void> {
    const timeZone = this.#options.timeZone ?? 'Europe/Berlin';
    // By number: a name has several addresses, and the server listens on one.
    const address = `https://127.0.0.1:${await freePort()}`;
    await this.tapseal('init', '--programme', 'demo', '--time-zone', timeZone, '--server', address);
    await this.startServerProcess(new URL(address).port);
    await this.tapseal('authority', 'show', '--out', this.caFile);
    const port = Number(new URL(this.#serverUrl).port);
    const roundTripMs = this.#options.networkRoundTripMs ?? 0;
    this.#phoneUrl = this.#serverUrl;
    if (roundTripMs > 0) {
      this.#proxy = await startDelayProxy({ host: '127.0.0.1', port }, roundTripMs);
      this.#phoneUrl = `https://127.0.0.1:${this.#proxy.port}`;
    }
  }

  async startServerProcess(port: string): Promise<JsonLinesProcess> {
    const server = this.#add(
      new JsonLinesProcess({
        label: 'server',
        args: [programFile('tapseal'), 'serve', '--port', port, '--json'],
        env: this.operatorEnvironment,
        ...this.#outputOption,
      }),
    );
    const ready = await server.seen((line) => typeof line.url === 'string', 'address');
    this.#serverUrl = String(ready.url);
    return server;
  }

  /** Runs the operator's command line. @throws Error with what it said, unless it succeeded */
  async tapseal(...args: string[]): Promise<Record<string, unknown>> {
    const result = await this.tryTapseal(...args);
    if (result.exitCode !== 0) throw new Error(`tapseal ${args.join(' ')}: ${result.stderr}`);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  }

  tryTapseal(...args: string[]): Promise<ProgramResult> {
    return runProgram('tapseal', [...args, '--json'], this.operatorEnvironment);
  }

  beaconConfigFile(name: string): string {
    return join(this.folder, name, 'beacon.toml');
  }

  /**
   * Adds a touchpoint at the server and enrols its box; `startTouchpoint` switches it on.
   * @param env further environment of `tapseal-beacon enroll`
   */
  async enrolTouchpoint(
    plan: TouchpointPlan,
    env: Readonly<Record<string, string>> = {},
  ): Promise<EnrolledTouchpoint> {
    const { name, title, place } = plan;
    const added = await this.tapseal('touchpoint', 'add', name, '--title', title, '--place', place);
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    const config = `state_directory = ${JSON.stringify(join(folder, 'state'))}\n${plan.config}\n`;
    writeFileSync(this.beaconConfigFile(name), config);
    const enrolled = await runProgram(
      'tapseal-beacon',
      ['enroll', '--server', this.#serverUrl, '--config', this.beaconConfigFile(name), '--json'],
      { ...env, TAPSEAL_ENROLMENT_CODE: String(added.enrolmentCode) },
    );
    // With --json the error is on standard output, too.
    if (enrolled.exitCode !== 0)
      throw new Error(`${name}: enrolment failed: ${enrolled.stdout}${enrolled.stderr}`);
    const { touchpointId } = JSON.parse(enrolled.stdout) as { touchpointId: string };
    return { touchpointId, enrolmentCode: String(added.enrolmentCode) };
  }

  async startTouchpoint(plan: TouchpointPlan, start: TouchpointStart = {}): Promise<JsonLinesProcess> {
    const { preloads = [], env = {}, air = this.air } = start;
    const radio = radioEnvironment({
      socketPath: air.socketPath,
      name: plan.name,
      positionM: plan.positionM,
    });
    const touchpoint = this.#add(
      new JsonLinesProcess({
        label: plan.name,
        args: [
          ...preloads.flatMap((file) => ['--require', file]),
          programFile('tapseal-beacon'),
          ...['run', '--config', this.beaconConfigFile(plan.name), '--json'],
        ],
        env: { ...env, ...radio },
        ...this.#outputOption,
      }),
    );
    await touchpoint.seen((line) => line.event === 'ready', 'ready');
    return touchpoint;
  }

  shopperFolder(name: string): string {
    return join(this.folder, `phone-${name}`);
  }

  #shopperArguments(name: string): string[] {
    return [
      ...['--server', this.#phoneUrl, '--programme', 'demo', '--ca', this.caFile],
      ...['--state', this.shopperFolder(name), '--json'],
    ];
  }

  /** Makes the key of a phone and registers it, before the phone is switched on. @returns the phone id */
  async registerShopper(name: string): Promise<string> {
    const result = await runProgram('tapseal-shopper', ['register', ...this.#shopperArguments(name)]);
    if (result.exitCode !== 0) throw new Error(`${name}: registration failed: ${result.stderr}`);
    return String((JSON.parse(result.stdout) as { phoneId: unknown }).phoneId);
  }

  startShopper(plan: ShopperPlan): JsonLinesProcess {
    return this.#add(
      new JsonLinesProcess({
        label: plan.name,
        args: [
          programFile('tapseal-shopper'),
          'watch',
          ...this.#shopperArguments(plan.name),
          ...(plan.args ?? []),
        ],
        env: radioEnvironment({
          socketPath: this.air.socketPath,
          name: plan.name,
          positionM: plan.positionM,
        }),
      }),
    );
  }

  /** A phone that writes whatever it is told; see raw-phone-main. */
  async startRawPhone(
    name: string,
    positionM: PositionM,
    air: RunningAir = this.air,
  ): Promise<JsonLinesProcess> {
    const phone = this.#add(
      new JsonLinesProcess({
        label: name,
        args: [fileURLToPath(new URL('./raw-phone-main.js', builtFolder))],
        env: radioEnvironment({ socketPath: air.socketPath, name, positionM }),
        ...this.#outputOption,
      }),
    );
    await phone.seen((line) => line.event === 'ready', 'ready');
    return phone;
  }

  get #outputOption(): Pick<StartOptions, 'onOutput'> {
    const { onOutput } = this.#options;
    return onOutput === undefined ? {} : { onOutput };
  }

  /** For processes that this class has no word for; they end with the others. */
  #add(child: JsonLinesProcess): JsonLinesProcess {
    this.#processes.push(child);
    return child;
  }

  /** Ends every process, phones first, and removes the folder. */
  async close(): Promise<void> {
    const [first, ...others] = this.#processes;
    await Promise.all(others.map((child) => child.stop()));
    await first?.stop();
    await this.#proxy?.close();
    await this.air.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Child processes run built files, also where this file itself is run from its source by a test. */
const builtFolder = new URL('../../dist/fleet/', import.meta.url);

/** One server or several on one database, with the connections to them: prepares taps, times a round, checks every answer. */
import { type BenchContext, CONNECTIONS } from './bench-context.js';
import { checkAnswers, grantedSoFar } from './check-answers.js';
import type { Installation } from './installation.js';
import { LoadGenerator, type LoadResult } from './load-generator.js';
import { MachineWatch } from './machine-load.js';
import {
  everyPhoneOnce,
  type PreparedTaps,
  RequestMaker,
  randomTaps,
  type TapPlan,
} from './request-maker.js';
import type { ServerProcess } from './server-process.js';

export type Round = {
  readonly plan: TapPlan;
  readonly taps: PreparedTaps;
  readonly result: LoadResult;
  /** Of the servers, all threads, for each redemption. */
  readonly processorUs: number;
  /** Of this process, for each redemption: what sending and receiving took. */
  readonly generatorUs: number;
  /** Of everybody else, for each redemption: a database, the kernel, strangers. */
  readonly othersUs: number;
  /** Share of the machine that neither they nor we had. */
  readonly othersShare: number;
};

export class MeasuredServers {
  readonly servers: readonly ServerProcess[];
  readonly #bench: BenchContext;
  readonly #installation: Installation;
  readonly #generator: LoadGenerator;
  readonly #maker: RequestMaker;
  #granted: number;

  private constructor(
    bench: BenchContext,
    installation: Installation,
    servers: readonly ServerProcess[],
    generator: LoadGenerator,
    granted: number,
  ) {
    this.#bench = bench;
    this.#installation = installation;
    this.servers = servers;
    this.#generator = generator;
    this.#granted = granted;
    this.#maker = new RequestMaker(installation);
  }

  static async start(
    bench: BenchContext,
    installation: Installation,
    starting: readonly Promise<ServerProcess>[],
  ): Promise<MeasuredServers> {
    const servers = await Promise.all(starting);
    const generator = await LoadGenerator.open(
      servers.map(({ url }) => url),
      CONNECTIONS,
    );
    const granted = await grantedSoFar(servers[0]?.url ?? '', installation.ownerToken);
    return new MeasuredServers(bench, installation, servers, generator, granted);
  }

  /** In all, as the servers count them. */
  get granted(): number {
    return this.#granted;
  }

  get #url(): string {
    return this.servers[0]?.url ?? '';
  }

  #processorMs(): number {
    return this.servers.reduce((sum, server) => sum + server.processorMs(), 0);
  }

  async #time(plan: TapPlan, run: (taps: PreparedTaps) => Promise<LoadResult>): Promise<Round> {
    const taps = await this.#maker.make(this.#generator, plan);
    const count = plan.phones.length;
    const usage = process.cpuUsage();
    const watch = new MachineWatch(() => this.#processorMs());
    const processorMs = this.#processorMs();
    const result = await run(taps);
    const processorUs = ((this.#processorMs() - processorMs) * 1_000) / count;
    const othersShare = watch.othersShare();
    const othersUs = (watch.othersMs() * 1_000) / count;
    const { user, system } = process.cpuUsage(usage);
    await checkAnswers(taps, result, this.#url);
    this.#granted += count;
    return { plan, taps, result, processorUs, generatorUs: (user + system) / count, othersUs, othersShare };
  }

  /** Each phone as often as there are servers, so that each of them knows certificates and has its code compiled: not timed. */
  async warmUp(): Promise<void> {
    for (const _ of this.servers)
      await this.#time(everyPhoneOnce(this.#installation.crowd), (taps) =>
        this.#generator.closedLoop(taps.batch),
      );
  }

  /** As fast as answers come. */
  closedLoop(count: number): Promise<Round> {
    const plan = randomTaps(this.#bench.random, this.#installation.crowd, count);
    return this.#time(plan, (taps) => this.#generator.closedLoop(taps.batch));
  }

  openLoop(perSecond: number, seconds: number): Promise<Round> {
    const plan = randomTaps(this.#bench.random, this.#installation.crowd, Math.ceil(perSecond * seconds));
    return this.#time(plan, (taps) => this.#generator.openLoop(taps.batch, perSecond));
  }

  /** @throws Error unless the server has counted exactly what it granted */
  async checkCount(): Promise<void> {
    const counted = await grantedSoFar(this.#url, this.#installation.ownerToken);
    if (counted !== this.#granted)
      throw new Error(`${this.#granted} were granted, the server counts ${counted}`);
  }

  async stop(): Promise<void> {
    this.#generator.close();
    await this.#maker.close();
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}

/** A server inside the test, at a time that the test chooses: what a process can only be told by waiting. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initialise } from '@tapseal/cert-server/server/initialise';
import { type RunningServer, startServer } from '@tapseal/cert-server/server/start-server';
import { PROGRAMME } from './phone-brain.js';
import { type Answer, ServerLine } from './server-line.js';

export class PrivateServer {
  readonly folder: string;
  readonly url: string;
  readonly operator: ServerLine;
  readonly #running: RunningServer;
  readonly #clock: { nowMs: number };

  private constructor(made: {
    folder: string;
    running: RunningServer;
    token: string;
    clock: { nowMs: number };
  }) {
    this.folder = made.folder;
    this.#running = made.running;
    this.#clock = made.clock;
    this.url = made.running.url;
    this.operator = new ServerLine(this.url, undefined, made.token);
  }

  /** @param nowMs where its clock stands until it is moved, milliseconds since 1970 */
  static async start(nowMs: number): Promise<PrivateServer> {
    const folder = mkdtempSync(join(tmpdir(), 'tapseal-'));
    const directory = join(folder, 'server');
    const clock = { nowMs };
    const now = (): number => clock.nowMs;
    const programme = { id: PROGRAMME, title: 'Demo', timeZone: 'Europe/Berlin', currency: 'EUR' };
    const { ownerToken } = await initialise({ directory, programme, now });
    const running = await startServer({
      directory,
      host: '127.0.0.1',
      port: 0,
      tls: 'workbench',
      logLevel: 'silent',
      now,
    });
    return new PrivateServer({ folder, running, token: ownerToken, clock });
  }

  advance(ms: number): void {
    this.#clock.nowMs += ms;
  }

  newLine(): ServerLine {
    return new ServerLine(this.url, undefined);
  }

  /** @returns the enrolment code */
  async addTouchpoint(name: string): Promise<string> {
    const answer: Answer = await this.operator.post(`/v1/programmes/${PROGRAMME}/touchpoints`, { name });
    if (answer.status !== 201) throw new Error(answer.text);
    return String(answer.json.enrolmentCode);
  }

  async close(): Promise<void> {
    this.operator.close();
    await this.#running.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

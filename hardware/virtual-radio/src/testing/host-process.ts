// A process with noble or bleno on the air, as its test sees it: what it told, in order, and how to wait for more.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type RadioEnvironmentOptions, radioEnvironment } from '../preload-path.js';

export interface Told {
  readonly event: string;
  readonly detail: unknown;
}

type Wanted = string | ((told: Told) => boolean);

export class HostProcess {
  readonly told: Told[] = [];
  stderr = '';
  readonly #child: ChildProcess;
  /** What was told before this was already waited for. */
  #consumed = 0;
  #wake: (() => void) | undefined;

  /** `script`: name of a built file of this folder. */
  constructor(script: string, radio: RadioEnvironmentOptions, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(`../../dist/testing/${script}.js`, import.meta.url));
    this.#child = fork(path, [...args], {
      env: { ...process.env, ...radioEnvironment(radio) },
      execArgv: [],
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.#child.on('message', (message: Told) => {
      this.told.push(message);
      this.#wake?.();
    });
  }

  do(action: string, argument = ''): void {
    this.#child.send({ action, argument });
  }

  /** The next that is wanted after the last one waited for; what comes before it is passed over. */
  async next(wanted: Wanted): Promise<unknown> {
    const matches = typeof wanted === 'string' ? ({ event }: Told) => event === wanted : wanted;
    for (;;) {
      while (this.#consumed < this.told.length) {
        const told = this.told[this.#consumed++];
        if (told !== undefined && matches(told)) return told.detail;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  count(event: string): number {
    return this.told.filter((told) => told.event === event).length;
  }

  /** Lets it exit by itself. */
  end(): Promise<void> {
    return this.#exit(() => this.#child.disconnect());
  }

  /** Ends it as a power cut does. */
  kill(): Promise<void> {
    return this.#exit(() => this.#child.kill('SIGKILL'));
  }

  async #exit(cause: () => void): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    cause();
    await exited;
  }
}

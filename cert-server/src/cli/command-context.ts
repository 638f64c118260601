/** The outside world of a command. `main` hands in the process; nothing below reads it by itself. */
import type { WriteStream } from 'node:tty';

/** Standard output or error: a terminal, or something that only takes text. */
export type TextSink = Pick<NodeJS.WritableStream, 'write'> &
  Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'>>;

export type CommandContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back at the first SIGINT or SIGTERM; from then on a second one ends the process at once. */
  onStop(stop: () => void): void;
};

/** Options that stand on every command. */
export type GlobalOptions = {
  readonly server?: string;
  readonly programme?: string;
  readonly profile?: string;
  readonly config?: string;
  readonly tokenFile?: string;
  readonly ca?: string;
  readonly insecureHttp?: true;
  readonly json?: true;
};

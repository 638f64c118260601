/** `tapseal serve` */
import type { RateLimitOptions } from '../../http/rate-limits.js';
import { gatherLines } from '../../server/gathered-lines.js';
import {
  type RunningServer,
  type ServerOptions,
  startServer,
  type TlsOptions,
} from '../../server/start-server.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { styleOf } from '../style.js';
import { dataDirectoryOf } from '../xdg-paths.js';

export type LogLevel = ServerOptions['logLevel'];

type Options = GlobalOptions & {
  readonly data?: string;
  readonly database?: string;
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsName?: readonly string[];
  readonly tls: boolean;
  readonly trustProxy?: string;
  readonly requestsMax: number;
  readonly signatureThreads: number;
  readonly rateLimit?: number;
  readonly logLevel?: LogLevel;
};

/** Codes of enrolment are guessed against a bound of their own, unless there is to be none at all. */
function rateLimitsOf(perMinute: number): RateLimitOptions {
  return { phone: perMinute, resolve: perMinute, ...(perMinute === 0 ? { enrolment: 0 } : {}) };
}

function tlsOf(options: Options): TlsOptions {
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usageError('--tls-cert and --tls-key belong together.', 'Give both, or neither.');
  }
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  return options.tls && !options.insecureHttp ? 'workbench' : 'none';
}

/** Faults of the machine that say which option to change. */
async function listening(options: Options, starting: Promise<RunningServer>): Promise<RunningServer> {
  try {
    return await starting;
  } catch (error) {
    const { code, path } = error as { code?: unknown; path?: unknown };
    const address = `${options.host}:${options.port}`;
    if (code === 'EADDRINUSE') {
      throw usageError(`Another program listens on ${address}.`, 'End it, or choose another --port.');
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw usageError(
        `${options.host} is no address of this machine.`,
        'Give one with --host, or 0.0.0.0 for all.',
      );
    }
    if (code === 'EACCES' && path === undefined) {
      throw usageError(`This user may not listen on ${address}.`, 'Choose a --port above 1023.');
    }
    if ((code === 'ENOENT' || code === 'EACCES') && (path === options.tlsCert || path === options.tlsKey)) {
      throw usageError(
        `The file ${String(path)} cannot be read (${code}).`,
        'Give --tls-cert and --tls-key, as PEM.',
      );
    }
    throw error;
  }
}

export async function serve(context: CommandContext, options: Options): Promise<void> {
  const tls = tlsOf(options);
  const stop = new Promise<void>((resolve) => context.onStop(resolve));
  // Standard output says where the server is, and nothing else.
  const log = gatherLines(context.stderr);
  const server = await listening(
    options,
    startServer({
      directory: options.data ?? dataDirectoryOf(context.env),
      database: options.database,
      host: options.host,
      port: options.port,
      tls,
      requestsMax: options.requestsMax,
      signatureThreads: options.signatureThreads,
      rateLimits: options.rateLimit === undefined ? undefined : rateLimitsOf(options.rateLimit),
      ...(options.tlsName === undefined ? {} : { tlsNames: options.tlsName }),
      insecureHttp: options.insecureHttp === true,
      logLevel: options.logLevel ?? (context.stderr.isTTY ? 'warn' : 'info'),
      logTo: log,
      ...(options.trustProxy === undefined ? {} : { trustProxy: options.trustProxy }),
    }),
  );
  const style = styleOf(context.stdout);
  printAnswer(
    context,
    options,
    { url: server.url },
    () => `Serving at ${style.bold(server.url)}; its interface is described at /docs.\nCtrl-C ends it.`,
  );
  await stop;
  await server.close().finally(log.flush);
}

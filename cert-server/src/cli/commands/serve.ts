/** `tapseal serve` */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RunningServer, ServerOptions, TlsOptions } from '../../server/start-server.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { parseWhole } from '../option-values.js';
import { printAnswer } from '../print-answer.js';
import { usageError } from '../problem-error.js';
import { DEFAULT_PORT } from '../server-address.js';
import { styleOf } from '../style.js';
import { subcommand } from '../subcommand.js';
import { dataDirectoryOf } from '../xdg-paths.js';

type LogLevel = ServerOptions['logLevel'];
const logLevels: readonly LogLevel[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

type Options = GlobalOptions & {
  readonly data?: string;
  readonly host: string;
  readonly port: number;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsName?: readonly string[];
  readonly tls: boolean;
  readonly trustProxy?: string;
  readonly logLevel?: LogLevel;
};

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`It is one of ${logLevels.join(', ')}.`);
}

function tlsOf(options: Options): TlsOptions {
  const { tlsCert, tlsKey } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw usageError('--tls-cert and --tls-key belong together.', 'Give both, or neither.');
  }
  if (tlsCert !== undefined && tlsKey !== undefined) return { certFile: tlsCert, keyFile: tlsKey };
  return options.tls && !options.insecureHttp ? 'workbench' : 'none';
}

export function addServe(parent: Command, context: CommandContext): void {
  const collect = (text: string, before: readonly string[] | undefined): readonly string[] => [
    ...(before ?? []),
    ...text.split(','),
  ];
  const command = subcommand(parent, 'serve', {
    summary: 'run the certificate server until SIGTERM or Ctrl-C',
    more:
      'Without --tls-cert it serves TLS with a certificate of its own authority, which `tapseal init` made known to your ' +
      'profile. --no-tls serves plain HTTP, on this machine only; with --insecure-http on any address. ' +
      'Each option may stand in the environment as well.',
    examples: [
      'tapseal serve',
      'tapseal serve --host 0.0.0.0 --tls-cert /etc/tapseal-server/tls.crt --tls-key /etc/tapseal-server/tls.key',
      'tapseal serve --no-tls --port 8080 --trust-proxy 127.0.0.1',
    ],
  })
    .addOption(new Option('--data <folder>', 'data directory, as `tapseal init` made it').env('TAPSEAL_DATA'))
    .addOption(
      new Option('--host <address>', 'address to listen on').default('127.0.0.1').env('TAPSEAL_HOST'),
    )
    .addOption(
      new Option('--port <n>', 'port to listen on; 0 for any that is free')
        .default(DEFAULT_PORT)
        .env('TAPSEAL_PORT')
        .argParser(parseWhole(0, 65_535)),
    )
    .addOption(new Option('--tls-cert <file>', 'TLS certificate with its chain, PEM').env('TAPSEAL_TLS_CERT'))
    .addOption(new Option('--tls-key <file>', 'its private key, PEM').env('TAPSEAL_TLS_KEY'))
    .addOption(
      new Option('--tls-name <name>', 'more names or addresses in the certificate of its own authority')
        .env('TAPSEAL_TLS_NAME')
        .argParser(collect),
    )
    .option('--no-tls', 'plain HTTP, for a proxy on this machine')
    .addOption(
      new Option('--trust-proxy <addresses>', 'proxies whose X-Forwarded-For is believed').env(
        'TAPSEAL_TRUST_PROXY',
      ),
    )
    .addOption(
      new Option('--log-level <level>', `${logLevels.join(', ')}; info, on a terminal warn`)
        .env('TAPSEAL_LOG_LEVEL')
        .argParser(parseLogLevel),
    );
  command.action(async () => {
    const options = command.optsWithGlobals<Options>();
    const tls = tlsOf(options);
    const { startServer } = await import('../../server/start-server.js');
    const stop = new Promise<void>((resolve) => context.onStop(resolve));
    const server = await listening(
      options,
      startServer({
        directory: options.data ?? dataDirectoryOf(context.env),
        host: options.host,
        port: options.port,
        tls,
        ...(options.tlsName === undefined ? {} : { tlsNames: options.tlsName }),
        insecureHttp: options.insecureHttp === true,
        logLevel: options.logLevel ?? (context.stderr.isTTY ? 'warn' : 'info'),
        // Standard output says where the server is, and nothing else.
        logTo: { write: (line) => void context.stderr.write(line) },
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
    await server.close();
  });
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

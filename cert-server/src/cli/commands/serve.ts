/** `tapseal serve`, declared. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { REQUESTS_MAX_DEFAULT } from '../../http/requests-max.js';
import { SIGNATURE_THREADS_DEFAULT, SIGNATURE_THREADS_MAX } from '../../signatures/thread-count.js';
import type { LogLevel } from '../actions/serve.js';
import type { CommandContext } from '../command-context.js';
import { parseWhole } from '../option-values.js';
import { DEFAULT_PORT } from '../server-address.js';
import { databaseOption, warnOfPassword } from '../store-options.js';
import { subcommand } from '../subcommand.js';

const logLevels: readonly LogLevel[] = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'];

function parseLogLevel(text: string): LogLevel {
  const level = logLevels.find((candidate) => candidate === text);
  if (level !== undefined) return level;
  throw new InvalidArgumentError(`It is one of ${logLevels.join(', ')}.`);
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
      'With --database the data directory holds the keys alone, and any number of servers may share the database. ' +
      'Each option may stand in the environment as well.',
    examples: [
      'tapseal serve',
      'tapseal serve --host 0.0.0.0 --tls-cert /etc/tapseal-server/tls.crt --tls-key /etc/tapseal-server/tls.key',
      'tapseal serve --no-tls --port 8080 --trust-proxy 127.0.0.1',
      'tapseal serve --database postgres://tapseal@db.internal/tapseal',
    ],
  })
    .addOption(new Option('--data <folder>', 'data directory, as `tapseal init` made it').env('TAPSEAL_DATA'))
    .addOption(databaseOption())
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
      new Option('--requests-max <n>', 'requests held at once; more are told to come again')
        .default(REQUESTS_MAX_DEFAULT)
        .env('TAPSEAL_REQUESTS_MAX')
        .argParser(parseWhole(1, 100_000)),
    )
    .addOption(
      new Option('--signature-threads <n>', 'threads for signatures beside the main one')
        .default(SIGNATURE_THREADS_DEFAULT)
        .env('TAPSEAL_SIGNATURE_THREADS')
        .argParser(parseWhole(0, SIGNATURE_THREADS_MAX)),
    )
    .addOption(
      new Option('--rate-limit <n>', 'requests a minute from one address, of phones; 0 for no bound')
        .env('TAPSEAL_RATE_LIMIT')
        .argParser(parseWhole(0, 100_000_000)),
    )
    .addOption(
      new Option('--log-level <level>', `${logLevels.join(', ')}; info, on a terminal warn`)
        .env('TAPSEAL_LOG_LEVEL')
        .argParser(parseLogLevel),
    );
  command.action(async () => {
    warnOfPassword(context, command);
    const { serve } = await import('../actions/serve.js');
    await serve(context, command.optsWithGlobals());
  });
}

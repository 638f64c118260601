/**
 * What a PostgreSQL server or the way to it answers, and a database file that another program holds, as codes of ours. Nothing here
 * repeats the address as it was given: it may hold a password.
 */
import { createRequire } from 'node:module';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import type pg from 'pg';

/** For pg, with the first address of a PostgreSQL database: most servers never see one. */
const load = createRequire(import.meta.url);

/** Class 28 of SQLSTATE, and a privilege that is missing. */
const loginRefused = /^(28...|42501)$/;
const DATABASE_MISSING = '3D000';
/** Classes 08 (connection), 53 (out of connections, memory, disk) and 57P (shut down, starting), and Node's own. */
const unavailable =
  /^(08...|53...|57P0[1-5]|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;
/** What pg throws without a code. */
const unavailableText =
  /^(Connection terminated|timeout expired|timeout exceeded when trying to connect|Client has encountered a connection error)/;
/** The certificate of the server, or that it has none, while the address asks for TLS. */
const tlsCode = /CERT|^ERR_(TLS|SSL)/;
const tlsText = /SSL connection/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** True where the database could not be asked: the same may succeed later, and whether it took effect is not known. */
export function isDatabaseOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Node throws several at once where a name has several addresses.
  if (error instanceof AggregateError) return error.errors.some(isDatabaseOutage);
  // A socket of the file system that is not there, and no other file.
  const noSocket = codeOf(error) === 'ENOENT' && 'syscall' in error && error.syscall === 'connect';
  return noSocket || unavailable.test(codeOf(error)) || unavailableText.test(error.message);
}

/**
 * User, host, port and name of a database, without its password.
 * @throws TapsealError usage_invalid, which does not repeat the text
 */
export function describeDatabase(url: string): string {
  const malformed = (): TapsealError =>
    new TapsealError('usage_invalid', 'the database is no address like postgres://user@host:5432/name');
  if (!/^postgres(ql)?:\/\//.test(url)) throw malformed();
  try {
    // As pg reads it, with what the environment adds (PGHOST, PGUSER, …). It connects to nothing yet.
    const { Client } = load('pg') as typeof pg;
    const { user, host, port, database } = new Client({ connectionString: url });
    return `${user ?? ''}@${host}:${port}/${database ?? ''}`;
  } catch (error) {
    const { path } = error as { path?: unknown };
    if (typeof path !== 'string') throw malformed();
    throw new TapsealError(
      'usage_invalid',
      `the file ${path}, which the address of the database names, cannot be read`,
    );
  }
}

/** A fault at the opening of a database, in words for who runs the server; any other error as it is. */
export function databaseFault(thrown: unknown, url: string): unknown {
  // A store that is open tells phones to come back; whoever runs a command wants to know what it was.
  const isBusy = isTapsealError(thrown) && thrown.code === 'server_busy';
  const error = isBusy ? (thrown.cause ?? thrown) : thrown;
  const options = { cause: error };
  const code = codeOf(error);
  if (code === DATABASE_MISSING) return new TapsealError('database_missing', describeDatabase(url), options);
  if (loginRefused.test(code) || /^SASL: /.test(error instanceof Error ? error.message : '')) {
    return new TapsealError('database_login_refused', describeDatabase(url), options);
  }
  if (isDatabaseOutage(error))
    return new TapsealError('database_unavailable', describeDatabase(url), options);
  if (error instanceof Error && (tlsCode.test(code) || tlsText.test(error.message))) {
    return new TapsealError('database_unavailable', `${describeDatabase(url)}: ${error.message}`, options);
  }
  return error;
}

/** The same of an embedded database: somebody has it to himself, as an import has. */
export function databaseFileFault(error: unknown, file: string): unknown {
  if (!/^SQLITE_BUSY/.test(codeOf(error))) return error;
  return new TapsealError('database_unavailable', `another program is using ${file}`, { cause: error });
}

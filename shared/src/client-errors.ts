/** What a phone, a box at its enrolment or an operator's command raises by itself. Part of the table in error-codes.ts. */
import type { ErrorEntry } from './error-entry.js';

export const clientErrors = {
  // The phone.
  link_lost: {
    by: ['phone'],
    title: 'The touchpoint went out of reach.',
    advice: 'Hold the phone closer and try again.',
  },
  network_unavailable: {
    by: ['touchpoint', 'phone', 'operator'],
    title: 'The certificate server cannot be reached.',
    advice: 'Check the network; the same transaction is repeated without being counted twice.',
  },
  server_answer_invalid: {
    by: ['touchpoint', 'phone', 'operator'],
    title: 'The answer of the server is not what the protocol asks for.',
    advice: 'Check that the address is that of a certificate server.',
  },
  timed_out: {
    by: ['phone'],
    title: 'The tap took longer than it may.',
    advice: 'Try again.',
  },
  cancelled: {
    by: ['phone'],
    title: 'The shopper or the app cancelled the tap.',
    advice: 'Nothing; if it was approved already, the event says whether it was granted and how far it came.',
  },

  // The verifier.
  voucher_mismatch: {
    by: ['verifier'],
    title: 'The voucher is genuine, but what was handed in beside it is not of it.',
    advice: 'Do not accept them together; ask for the other form, or the offer version, of this voucher.',
  },

  // The operator.
  usage_invalid: {
    by: ['touchpoint', 'phone', 'operator'],
    title: 'The command line has a fault.',
    advice: 'Run the command with --help.',
  },
  already_initialised: {
    by: ['operator'],
    title: 'The data directory holds a certificate authority already.',
    advice: 'Choose another directory; nothing was changed.',
  },
  not_initialised: {
    by: ['operator'],
    title: 'The data directory holds no certificate authority.',
    advice: 'Run `tapseal init` first.',
  },
  keys_mismatch: {
    by: ['operator'],
    title: 'The keys of the data directory are not those of the database.',
    advice: 'Use the data directory with which the database was made, or a copy of its keys.',
  },
  voucher_key_missing: {
    by: ['operator'],
    title: 'A decision waits for its answer, and the voucher key that signs it is not in the data directory.',
    advice: 'Put the voucher key back that was there when it was decided, from a backup or another server.',
  },
  database_not_empty: {
    by: ['operator'],
    title: 'The database holds a programme already.',
    advice: 'Choose an empty database; one more server on this one takes a copy of the keys of the first.',
  },
  database_unavailable: {
    by: ['operator'],
    title: 'The database cannot be reached.',
    advice:
      'See whether it runs, and check --database or TAPSEAL_DATABASE; a file that is in use will be free again.',
  },
  database_missing: {
    by: ['operator'],
    title: 'There is no such database.',
    advice: 'Make it with `createdb`, or correct its name in --database or TAPSEAL_DATABASE.',
  },
  database_login_refused: {
    by: ['operator'],
    title: 'The database does not let this user in.',
    advice: 'Check the user, the password (PGPASSFILE, PGPASSWORD) and what the user may do there.',
  },
  schema_outdated: {
    by: ['operator'],
    title: 'The tables of the database are those of an older program.',
    advice: 'Make a backup, stop the servers, then run `tapseal migrate`.',
  },
  schema_newer: {
    by: ['operator'],
    title: 'The tables of the database are those of a newer program.',
    advice: 'Install the version that made them; an older one would damage them.',
  },
} as const satisfies Record<string, ErrorEntry>;

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
} as const satisfies Record<string, ErrorEntry>;

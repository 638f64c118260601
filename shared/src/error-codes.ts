/**
 * The closed set of error codes (docs/errors.md is generated from this table). A code never changes its meaning; new ones
 * may be added. `http` is the status of the RFC 9457 problem, `ble` the byte of a status message (docs/protocol.md §4.4).
 */

export type ErrorEntry = {
  /** Who raises it. */
  readonly by: readonly ('server' | 'touchpoint' | 'phone' | 'operator' | 'verifier')[];
  /** What happened, as one sentence. */
  readonly title: string;
  /** What to do about it, as one sentence. */
  readonly advice: string;
  readonly http?: number;
  readonly ble?: number;
};

const table = {
  // Shape: nothing has been looked up yet.
  message_malformed: {
    by: ['server', 'touchpoint', 'phone', 'verifier'],
    title: 'The message is not the strict encoding that its kind asks for.',
    advice:
      'Send deterministic CBOR exactly as docs/protocol.md §3 lays it out; a damaged copy has to be fetched again.',
    http: 400,
    ble: 0x01,
  },
  message_too_long: {
    by: ['server', 'touchpoint', 'phone', 'verifier'],
    title: 'The message is longer than the bound of its kind.',
    advice: 'Keep within docs/protocol.md §2; no longer message is ever valid.',
    http: 413,
    ble: 0x02,
  },
  version_unsupported: {
    by: ['server', 'touchpoint', 'phone', 'verifier'],
    title: 'The message speaks another version of the protocol.',
    advice: 'Update the app or the touchpoint, so that both speak version 1.',
    http: 400,
    ble: 0x03,
  },
  suite_unsupported: {
    by: ['server', 'touchpoint', 'phone', 'verifier'],
    title: 'The message asks for an algorithm that this version does not allow there.',
    advice: 'Use suite 1 and the algorithm of the signing party.',
    http: 400,
    ble: 0x04,
  },
  body_invalid: {
    by: ['server'],
    title: 'The body, the path or the query does not fit the schema of the route.',
    advice: 'Compare it with the schema at /docs; the field is named in the detail.',
    http: 400,
  },
  body_too_long: {
    by: ['server'],
    title: 'The body is longer than the route accepts.',
    advice: 'Send at most 16 KiB, or fewer receipts at a time.',
    http: 413,
  },
  media_type_unsupported: {
    by: ['server'],
    title: 'The body is not JSON.',
    advice: 'Send it with the content type application/json.',
    http: 415,
  },
  route_unknown: {
    by: ['server'],
    title: 'There is nothing at this address.',
    advice: 'Look the address up at /docs.',
    http: 404,
  },

  // Freshness and the phone.
  nonce_invalid: {
    by: ['server'],
    title: 'The nonce was not made by this server.',
    advice: 'Fetch a nonce from this server and start the tap again.',
    http: 400,
  },
  nonce_expired: {
    by: ['server'],
    title: 'The nonce is older than 120 seconds.',
    advice: 'Fetch a new nonce and start the tap again.',
    http: 400,
  },
  phone_unknown: {
    by: ['server'],
    title: 'No phone with this key is registered in the programme.',
    advice: 'Register the phone first.',
    http: 403,
  },
  phone_revoked: {
    by: ['server'],
    title: 'The phone has been revoked.',
    advice: 'Ask the operator of the programme.',
    http: 403,
  },
  phone_certificate_invalid: {
    by: ['server'],
    title: 'The certificate of the phone is outside its validity or not of this authority.',
    advice: 'Register the phone again.',
    http: 403,
  },
  phone_signature_invalid: {
    by: ['server'],
    title: 'The request is not signed by the key of the phone it names.',
    advice: 'Sign the request with the registered key.',
    http: 400,
  },
  proof_invalid: {
    by: ['server'],
    title: 'The registration does not prove possession of the key.',
    advice: 'Sign the registration with the key that it registers, over a nonce of this server.',
    http: 400,
  },

  // The hello and the touchpoint behind it.
  seal_invalid: {
    by: ['server'],
    title: 'The hello is not sealed to this server, or was altered on the way.',
    advice: 'Connect to the touchpoint again and fetch a new hello.',
    http: 400,
  },
  touchpoint_unknown: {
    by: ['server'],
    title: 'No touchpoint with this name or id is enrolled in the programme.',
    advice: 'Check the name with `tapseal touchpoint list`.',
    http: 404,
  },
  touchpoint_revoked: {
    by: ['server', 'touchpoint'],
    title: 'The touchpoint has been revoked.',
    advice: 'Ask the operator of the programme.',
    http: 403,
    ble: 0x20,
  },
  touchpoint_certificate_invalid: {
    by: ['server'],
    title: 'The certificate of the touchpoint is outside its validity or not of this authority.',
    advice: 'Enrol the touchpoint again.',
    http: 403,
  },
  hello_signature_invalid: {
    by: ['server'],
    title: 'The hello is not signed by the key of the touchpoint it names.',
    advice: 'Fetch a new hello; if it happens again, report the box as suspicious.',
    http: 400,
  },
  challenge_mismatch: {
    by: ['server'],
    title: 'The hello answers another challenge than that of this transaction.',
    advice: 'Fetch a new hello for this nonce, phone and transaction.',
    http: 400,
  },
  box_nonce_used: {
    by: ['server'],
    title: 'The hello has already been used by another transaction.',
    advice: 'Fetch a new hello.',
    http: 409,
  },
  advert_unknown: {
    by: ['server'],
    title: 'No touchpoint advertises this rotating ID now.',
    advice: 'Connect to the box and resolve by its hello, or scan again.',
    http: 404,
  },

  // The offer and its limits.
  offer_unknown: {
    by: ['server'],
    title: 'There is no such offer in the programme.',
    advice: 'Choose one of the offers that resolve returned.',
    http: 404,
  },
  offer_not_here: {
    by: ['server'],
    title: 'The offer is not valid at this touchpoint.',
    advice: 'Choose one of the offers that resolve returned for this touchpoint.',
    http: 403,
  },
  offer_paused: {
    by: ['server'],
    title: 'The operator has paused the offer.',
    advice: 'Try again when the operator has resumed it.',
    http: 403,
  },
  offer_amount_mismatch: {
    by: ['server'],
    title: 'The approved amount is not the amount of the offer.',
    advice: 'Resolve again, show the amount to the shopper, and ask for approval again.',
    http: 409,
  },
  offer_not_started: {
    by: ['server'],
    title: 'The offer is not valid yet.',
    advice: 'Try again from the time in `resetsAt`.',
    http: 403,
  },
  offer_ended: {
    by: ['server'],
    title: 'The offer is over.',
    advice: 'Choose another offer.',
    http: 403,
  },
  window_closed: {
    by: ['server'],
    title: 'The offer is closed at this hour or on this day.',
    advice: 'Try again from the time in `resetsAt`.',
    http: 403,
  },
  limit_reached: {
    by: ['server'],
    title: 'A limit of the offer is used up.',
    advice: 'Try again from the time in `resetsAt`, if there is one.',
    http: 403,
  },
  transaction_conflict: {
    by: ['server'],
    title: 'This transaction id was used before with other contents.',
    advice: 'Repeat the first request unchanged, or start a new transaction.',
    http: 409,
  },

  // Receipts, vouchers, names.
  receipt_unknown: {
    by: ['server'],
    title: 'The receipt belongs to no voucher of this programme.',
    advice: 'Drop it: it was not made for this server.',
    http: 404,
  },
  receipt_signature_invalid: {
    by: ['server', 'verifier'],
    title: 'The receipt is not signed by the touchpoint that the voucher names.',
    advice: 'Fetch the receipt again; if it happens again, report the box as suspicious.',
    http: 400,
  },
  receipt_conflict: {
    by: ['server'],
    title: 'Another receipt with this counter or for this voucher is on record.',
    advice: 'Inspect the touchpoint: its chain of receipts has forked, as that of a copied box would.',
    http: 409,
  },
  voucher_unknown: {
    by: ['server'],
    title: 'There is no voucher with this transaction id.',
    advice: 'Check the transaction id: 32 hexadecimal digits.',
    http: 404,
  },
  programme_unknown: {
    by: ['server'],
    title: 'There is no such programme on this server.',
    advice: 'Check the programme in the address.',
    http: 404,
  },
  name_taken: {
    by: ['server'],
    title: 'The name is already in use.',
    advice: 'Choose another name.',
    http: 409,
  },
  state_conflict: {
    by: ['server'],
    title: 'The object is in a state that does not allow this.',
    advice: 'Look at it with the matching `show` or `list` command first.',
    http: 409,
  },
  enrolment_code_invalid: {
    by: ['server'],
    title: 'The enrolment code is unknown, used, or older than 15 minutes.',
    advice: 'Make a new one with `tapseal touchpoint add` or `tapseal touchpoint code`.',
    http: 403,
  },
  enrolment_request_invalid: {
    by: ['server', 'touchpoint'],
    title: 'The enrolment request is not signed by the key that it enrols.',
    advice: 'Make the request again on the box.',
    http: 400,
  },
  token_missing: {
    by: ['server'],
    title: 'The route needs an API token.',
    advice: 'Send `Authorization: Bearer …` with a token of `tapseal token create`.',
    http: 401,
  },
  token_invalid: {
    by: ['server'],
    title: 'The API token is unknown, revoked or expired.',
    advice: 'Make a new one with `tapseal token create`.',
    http: 401,
  },
  token_forbidden: {
    by: ['server'],
    title: 'The role of the API token does not allow this.',
    advice: 'Use a token of a role that does; docs/operations.md lists them.',
    http: 403,
  },
  token_unknown: {
    by: ['server'],
    title: 'There is no such API token.',
    advice: 'Check the id with `tapseal token list`.',
    http: 404,
  },
  rate_limited: {
    by: ['server'],
    title: 'Too many requests from this address.',
    advice: 'Wait for the seconds of the Retry-After header.',
    http: 429,
  },
  server_busy: {
    by: ['server'],
    title: 'The server holds as many requests as it can answer in time.',
    advice: 'Repeat the same request after the seconds of the Retry-After header.',
    http: 503,
  },
  internal_error: {
    by: ['server', 'touchpoint', 'phone', 'operator'],
    title: 'Something failed that should not have; nothing was granted.',
    advice: 'Repeat the same request; if it happens again, look at the log by its request id.',
    http: 500,
    ble: 0x05,
  },

  // The touchpoint, on receiving a message.
  message_unexpected: {
    by: ['touchpoint', 'phone'],
    title: 'The message does not belong to this moment of the tap.',
    advice: 'Connect again and begin with a challenge.',
    ble: 0x06,
  },
  link_dropped: {
    by: ['touchpoint'],
    title: 'The phone was silent, too slow or held the link for too long.',
    advice: 'Connect again when the shopper has approved.',
    ble: 0x07,
  },
  voucher_signature_invalid: {
    by: ['touchpoint', 'phone', 'verifier'],
    title: 'The voucher is not signed by a valid key of the server.',
    advice: 'Fetch the voucher again; a verifier refreshes its JWK set.',
    ble: 0x10,
  },
  voucher_wrong_touchpoint: {
    by: ['touchpoint', 'phone'],
    title: 'The voucher is for another touchpoint.',
    advice: 'Carry it to the touchpoint that it names.',
    ble: 0x11,
  },
  voucher_nonce_unknown: {
    by: ['touchpoint'],
    title: 'The voucher answers no hello that the box remembers.',
    advice: 'Start a new tap: the nonce was used, is over 60 seconds old, or of an earlier boot.',
    ble: 0x12,
  },
  voucher_used: {
    by: ['touchpoint'],
    title: 'The transaction of the voucher has already been served.',
    advice: 'Nothing: the goods were given. A new tap needs a new approval.',
    ble: 0x13,
  },
  voucher_action_forbidden: {
    by: ['touchpoint'],
    title: 'The configuration of the box does not allow the action of the voucher.',
    advice: 'Change the offer, or allow the action in the configuration of the box.',
    ble: 0x14,
  },
  voucher_time_older: {
    by: ['touchpoint'],
    title: 'The time in the voucher is older than one that the box has seen.',
    advice: 'Start a new tap.',
    ble: 0x15,
  },
  actuation_failed: {
    by: ['touchpoint'],
    title: 'The box accepted the voucher, but its actuator reported a fault.',
    advice: 'Tell the shopper and the venue; the receipt records the outcome.',
    ble: 0x16,
  },
  manifest_older: {
    by: ['touchpoint'],
    title: 'The manifest is not newer than the one the box has.',
    advice: 'Nothing: the box keeps the newer one.',
    ble: 0x18,
  },
  manifest_signature_invalid: {
    by: ['touchpoint', 'phone'],
    title: 'The manifest is not signed by the root that the box was enrolled with.',
    advice: 'Fetch it from the server that enrolled the box.',
    ble: 0x19,
  },
  storage_failed: {
    by: ['touchpoint'],
    title: 'The box could not make its record durable, so it did not act.',
    advice: 'Replace the card or free its space; `tapseal-beacon self-test` names the fault.',
    ble: 0x1a,
  },

  // The touchpoint, at start.
  config_invalid: {
    by: ['touchpoint', 'operator'],
    title: 'The configuration file has a fault.',
    advice: 'Mend the line and key that the message names.',
  },
  not_enrolled: {
    by: ['touchpoint'],
    title: 'The box has no certificate yet.',
    advice: 'Run `tapseal-beacon enroll` with a code of `tapseal touchpoint add`.',
  },
  already_enrolled: {
    by: ['touchpoint'],
    title: 'The box is enrolled already.',
    advice: 'Use `--replace` to give it a new key, and revoke the old certificate.',
  },
  enrolment_failed: {
    by: ['touchpoint'],
    title: 'The server did not enrol the box.',
    advice: 'The message of the server names the reason.',
  },
  storage_corrupt: {
    by: ['touchpoint'],
    title: 'The state of the box is damaged in a place that a power cut cannot explain.',
    advice: 'Enrol the box again, and keep the old folder for inspection.',
  },
  adapter_missing: {
    by: ['touchpoint', 'phone'],
    title: 'There is no Bluetooth adapter.',
    advice: 'Plug one in or enable the one on the board; `hciconfig -a` must list it.',
  },
  adapter_down: {
    by: ['touchpoint', 'phone'],
    title: 'The Bluetooth adapter is switched off.',
    advice: 'Run `hciconfig hci0 up`, and `rfkill unblock bluetooth` if that is refused.',
  },
  adapter_busy: {
    by: ['touchpoint', 'phone'],
    title: 'Another program, most often bluetoothd, holds the Bluetooth adapter.',
    advice: 'Run `systemctl disable --now bluetooth`, then start the touchpoint again.',
  },
  adapter_forbidden: {
    by: ['touchpoint', 'phone'],
    title: 'The process may not use the Bluetooth adapter.',
    advice: 'Run it by the systemd unit, or give Node CAP_NET_RAW and CAP_NET_ADMIN.',
  },

  // The phone.
  link_lost: {
    by: ['phone'],
    title: 'The touchpoint went out of reach.',
    advice: 'Hold the phone closer and try again.',
  },
  network_unavailable: {
    by: ['phone', 'operator'],
    title: 'The certificate server cannot be reached.',
    advice: 'Check the network; the same transaction is repeated without being counted twice.',
  },
  server_answer_invalid: {
    by: ['phone', 'operator'],
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
    advice: 'Nothing: no voucher was used.',
  },

  // The operator.
  usage_invalid: {
    by: ['operator'],
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

/** A stable code: what programs switch on. */
export type ErrorCode = keyof typeof table;

export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = table;

export const errorCodes = Object.keys(table) as readonly ErrorCode[];

const byBleStatus = new Map<number, ErrorCode>();
for (const code of errorCodes) {
  const { ble } = errorTable[code];
  if (ble !== undefined) byBleStatus.set(ble, code);
}

/** The code behind the byte of a status message, or undefined for a byte that this version does not know. */
export function errorCodeOfBleStatus(status: number): ErrorCode | undefined {
  return byBleStatus.get(status);
}

/** True for a string that is one of the codes; for what comes from outside. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(table, value);
}

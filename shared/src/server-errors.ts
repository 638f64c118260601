/** What the server raises, and every party that reads a message. Part of the table in error-codes.ts. */
import type { ErrorEntry } from './error-entry.js';

export const serverErrors = {
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
    by: ['touchpoint'],
    title: 'The message speaks another version of the protocol.',
    advice: 'Update the app or the touchpoint, so that both speak version 1.',
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
    by: ['server', 'phone'],
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
  },
  receipt_signature_invalid: {
    by: ['server'],
    title: 'The receipt is not signed by the touchpoint that it names.',
    advice: 'Drop it; if it happens again at the same box, report the box as suspicious.',
  },
  receipt_conflict: {
    by: ['server'],
    title: 'Another receipt with this counter or for this voucher is on record.',
    advice: 'Inspect the touchpoint: its chain of receipts has forked, as that of a copied box would.',
  },
  voucher_unknown: {
    by: ['server'],
    title: 'There is no voucher with this transaction id.',
    advice: 'Check the transaction id: 32 hexadecimal digits.',
    http: 404,
  },
  programme_unknown: {
    by: ['server', 'operator'],
    title: 'There is no such programme on this server.',
    advice: 'Check the programme in the address.',
    http: 404,
  },
  name_taken: {
    by: ['server', 'operator'],
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
    by: ['server'],
    title: 'The enrolment request is not signed by the key that it enrols.',
    advice: 'Make the request again on the box.',
    http: 400,
  },
  version_conflict: {
    by: ['server'],
    title: 'The offer has been changed since it was read.',
    advice: 'Read it again, and make the change to its newest version.',
    http: 409,
  },
  shopper_unknown: {
    by: ['server'],
    title: 'There is no such shopper in the programme.',
    advice: 'Take the id from the answer to a registration, or look it up with `tapseal phone list`.',
    http: 404,
  },
  labels_full: {
    by: ['server'],
    title: 'It would have more labels than the 16 that it can have.',
    advice: 'Take a label away first, with the value null.',
    http: 409,
  },
  hold_settled: {
    by: ['server'],
    title: 'The grant holds no place any more: it is counted, or its place is free already.',
    advice: 'Look at it with `tapseal grant list`; there is nothing left to release.',
    http: 409,
  },
  token_missing: {
    by: ['server', 'operator'],
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
    title: 'Something failed that should not have.',
    advice: 'Try the same again, which is never counted twice; then look at the log of whoever reported it.',
    http: 500,
    ble: 0x05,
  },
} as const satisfies Record<string, ErrorEntry>;

/** What a touchpoint raises, on its link and at its start. Part of the table in error-codes.ts. */
import type { ErrorEntry } from './error-entry.js';

export const touchpointErrors = {
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
    by: ['touchpoint', 'phone'],
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
    by: ['touchpoint'],
    title: 'The manifest is not signed by the root that the box was enrolled with.',
    advice: 'Fetch it from the server that enrolled the box.',
    ble: 0x19,
  },
  manifest_wrong_programme: {
    by: ['touchpoint'],
    title: 'The manifest is that of another programme.',
    advice: 'Fetch the manifest of the programme that enrolled the box.',
    ble: 0x1b,
  },
  storage_failed: {
    by: ['touchpoint'],
    title: 'The box could not make a record durable, and serves nobody until it is started again.',
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
    by: ['touchpoint', 'phone'],
    title:
      'The stored state is damaged in a place that a power cut cannot explain, or others may read its key.',
    advice: 'Keep the old folder for inspection, and enrol the box or register the phone again.',
  },
  state_in_use: {
    by: ['touchpoint'],
    title: 'Another process of the touchpoint is using its state.',
    advice: 'Stop it first: `systemctl stop tapseal-beacon`.',
  },
  adapter_missing: {
    by: ['touchpoint', 'phone'],
    title: 'There is no Bluetooth adapter.',
    advice: 'Plug one in or enable the one on the board; `hciconfig -a` must list it.',
  },
  adapter_down: {
    by: ['touchpoint', 'phone'],
    title: 'The Bluetooth adapter is switched off or does not answer.',
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
} as const satisfies Record<string, ErrorEntry>;

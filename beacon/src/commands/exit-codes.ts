/** Exit codes of `tapseal-beacon`: systemd and scripts act on these without reading text. */
import type { ErrorCode } from '@tapseal/shared/error-codes';

export const EXIT_OK = 0;
/** A check failed, or the server refused. */
export const EXIT_FAILED = 1;
/** The command line or the configuration file has a fault: a restart will not help. */
export const EXIT_USAGE = 2;
/** The server cannot be reached, or is no certificate server. */
export const EXIT_UNREACHABLE = 3;
/** The box is not enrolled, or is so already. */
export const EXIT_ENROLMENT = 4;
/** The state is damaged, cannot be written, or is in use. */
export const EXIT_STORAGE = 5;
export const EXIT_ADAPTER_MISSING = 6;
export const EXIT_ADAPTER_DOWN = 7;
export const EXIT_ADAPTER_BUSY = 8;
export const EXIT_ADAPTER_FORBIDDEN = 9;

export const exitCodesHelp = `Exit codes:
  0  well
  1  a check failed, or the server refused
  2  the command line or the configuration file has a fault
  3  the server cannot be reached
  4  the box is not enrolled, or is so already
  5  the state is damaged, cannot be written, or is in use
  6  there is no Bluetooth adapter
  7  the adapter is switched off or does not answer
  8  another program holds the adapter
  9  the adapter may not be used`;

export function exitCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'usage_invalid':
    case 'config_invalid':
      return EXIT_USAGE;
    case 'network_unavailable':
    case 'server_answer_invalid':
      return EXIT_UNREACHABLE;
    case 'not_enrolled':
    case 'already_enrolled':
      return EXIT_ENROLMENT;
    case 'storage_failed':
    case 'storage_corrupt':
    case 'state_in_use':
      return EXIT_STORAGE;
    case 'adapter_missing':
      return EXIT_ADAPTER_MISSING;
    case 'adapter_down':
      return EXIT_ADAPTER_DOWN;
    case 'adapter_busy':
      return EXIT_ADAPTER_BUSY;
    case 'adapter_forbidden':
      return EXIT_ADAPTER_FORBIDDEN;
    default:
      return EXIT_FAILED;
  }
}

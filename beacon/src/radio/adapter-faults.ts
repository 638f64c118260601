/**
 * What goes wrong with an adapter, as bleno and its HCI socket show it: as an exception with an `errno` code at loading or
 * binding, as a state, or not at all where bluetoothd answers in our place.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** The kernel's ERFKILL, for which Node has no name: its `code` is empty. */
const RF_KILL_ERRNO = 132;

function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('errno' in error && error.errno === RF_KILL_ERRNO) return 'ERFKILL';
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function adapterFault(cause: unknown): TapsealError {
  switch (errnoOf(cause)) {
    case 'EPERM':
    case 'EACCES':
      return new TapsealError('adapter_forbidden', undefined, { cause });
    case 'EBUSY':
      // From the user channel only, and most often because the adapter is up.
      return new TapsealError(
        'adapter_busy',
        'or it is up, and with HCI_CHANNEL_USER it has to be down: hciconfig hci0 down',
        { cause },
      );
    case 'EUSERS':
      return new TapsealError('adapter_busy', undefined, { cause });
    case 'ERFKILL':
      return new TapsealError('adapter_down', 'blocked: rfkill unblock bluetooth', { cause });
    case 'ENETDOWN':
      return new TapsealError('adapter_down', undefined, { cause });
    case 'EAFNOSUPPORT':
      return new TapsealError('adapter_missing', 'this kernel has no Bluetooth', { cause });
    case 'ENODEV':
      return new TapsealError('adapter_missing', undefined, { cause });
    case 'MODULE_NOT_FOUND':
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_DLOPEN_FAILED':
      return new TapsealError(
        'adapter_missing',
        'the package @abandonware/bleno is not installed or not built',
        {
          cause,
        },
      );
    default:
      return new TapsealError('adapter_missing', cause instanceof Error ? cause.message : undefined, {
        cause,
      });
  }
}

/** The fault that a state of bleno stands for, or undefined while the adapter is usable or has not answered yet. */
export function adapterStateFault(state: string): TapsealError | undefined {
  switch (state) {
    case 'poweredOff':
      return new TapsealError('adapter_down');
    case 'unauthorized':
      return new TapsealError('adapter_forbidden');
    case 'unsupported':
      return new TapsealError('adapter_missing', 'the adapter has no Bluetooth LE');
    default:
      return undefined;
  }
}

/**
 * True if a bluetoothd runs. On the same adapter it answers our phones from its own attribute table, now and then, without
 * any error showing here; so the box does not start beside it.
 */
export function isBluetoothdRunning(procDirectory = '/proc'): boolean {
  let names: string[];
  try {
    names = readdirSync(procDirectory);
  } catch {
    return false;
  }
  return names.some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`${procDirectory}/${name}/comm`, 'utf8').trim() === 'bluetoothd';
    } catch {
      // It ended meanwhile.
      return false;
    }
  });
}

/**
 * What goes wrong with an adapter, as bleno and its HCI socket show it: as an exception with an `errno` code at loading or
 * binding, as a state, or not at all where bluetoothd answers in our place.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** Of the kernel, without a name in Node: their `code` is empty. */
const ERRNO_NAMES: ReadonlyMap<unknown, string> = new Map([
  [77, 'EBADFD'],
  [132, 'ERFKILL'],
]);

function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const name = 'errno' in error ? ERRNO_NAMES.get(error.errno) : undefined;
  if (name !== undefined) return name;
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
    // A socket whose adapter has vanished.
    case 'EPIPE':
    case 'EBADFD':
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

/** The fault that an error of the open socket stands for, or undefined where a later packet may pass. */
export function adapterSocketFault(error: unknown): TapsealError | undefined {
  switch (errnoOf(error)) {
    case 'EPIPE':
    case 'EBADFD':
    case 'ENODEV':
    case 'ENETDOWN':
      return adapterFault(error);
    default:
      return undefined;
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
 * True if a bluetoothd is seen. On the same adapter it answers our phones from its own attribute table, now and then, without
 * any error showing here; so the box does not start beside it.
 *
 * Not asked on the user channel, as the systemd unit has it. There it would see nothing: with ProtectProc=invisible only the
 * processes of its own user are in /proc. In its place the unit's ExecStartPre asks systemd, and the kernel answers EBUSY as long
 * as another has the adapter up.
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

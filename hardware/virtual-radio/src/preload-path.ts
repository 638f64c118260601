// How to start a process whose noble or bleno is to be on the virtual air.

import { fileURLToPath } from 'node:url';

/** The built file for `node --require`; the same from the sources and from the built package. */
export function preloadPath(): string {
  return fileURLToPath(new URL('../dist/preload.cjs', import.meta.url));
}

export interface RadioEnvironmentOptions {
  /** Where the air listens. */
  readonly socketPath: string;
  /** Label in logs, and a name for {@link RunningAir}'s methods. */
  readonly name?: string;
  /** `aa:bb:cc:dd:ee:ff`; unset: the air gives one, another at each start. */
  readonly address?: string;
  readonly positionM?: { readonly x: number; readonly y: number };
}

/** Environment variables that put a child process of Node on the air; to be merged into its environment. */
export function radioEnvironment(options: RadioEnvironmentOptions): Record<string, string> {
  const { socketPath, name, address, positionM } = options;
  return {
    NODE_OPTIONS: `--require ${JSON.stringify(preloadPath())}`,
    TAPSEAL_RADIO_SOCKET: socketPath,
    ...(name !== undefined && { TAPSEAL_RADIO_NAME: name }),
    ...(address !== undefined && { TAPSEAL_RADIO_ADDRESS: address }),
    ...(positionM !== undefined && { TAPSEAL_RADIO_POSITION_M: `${positionM.x},${positionM.y}` }),
  };
}

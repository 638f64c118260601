/**
 * A phone without manners, as a process of its own on the virtual radio: it writes whatever packets it is told, in whatever
 * order, and reports what the box answers. Security tests and the demo play the cheat with it; it goes through the same
 * adapter and the same unmodified noble as an honest phone.
 *
 * Commands, a JSON line each: scan, connect {deviceId}, connect-deaf {deviceId}, write {hex, withResponse}, close, quit.
 * Events, a JSON line each: ready, sighting, linked, packet, closed, written, error. A deaf connection does not subscribe.
 */
import { createInterface } from 'node:readline';
import { layoutHint } from '@tapseal/mobile-sdk/adapters/node/noble-link';
import { createNobleRadio } from '@tapseal/mobile-sdk/adapters/node/noble-radio';
import type { Noble, NoblePeripheral } from '@tapseal/mobile-sdk/adapters/node/noble-types';
import type { Radio, RadioLink } from '@tapseal/mobile-sdk/core/ports';
import { bytesToHex, hexToBytes } from '@tapseal/shared/bytes';
import { isTapsealError } from '@tapseal/shared/tapseal-error';

type Command =
  | { readonly do: 'scan' }
  | { readonly do: 'connect'; readonly deviceId: string }
  | { readonly do: 'connect-deaf'; readonly deviceId: string }
  | { readonly do: 'write'; readonly hex: string; readonly withResponse?: boolean }
  | { readonly do: 'close' }
  | { readonly do: 'quit' };

function say(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

type Link = Pick<RadioLink, 'write' | 'close'>;

class RawPhone {
  readonly #radio: Radio;
  readonly #noble: Noble;
  readonly #peripherals = new Map<string, NoblePeripheral>();
  #link: Link | undefined;
  #stopScan: (() => Promise<void>) | undefined;

  constructor(radio: Radio, noble: Noble) {
    this.#radio = radio;
    this.#noble = noble;
    noble.on('discover', (peripheral) => this.#peripherals.set(peripheral.id, peripheral));
  }

  async obey(command: Command): Promise<void> {
    switch (command.do) {
      case 'scan':
        this.#stopScan ??= await this.#radio.scan({
          onSighting: ({ deviceId, rssiDbm, advert }) =>
            say({
              event: 'sighting',
              deviceId,
              rssiDbm,
              advert: advert === undefined ? null : bytesToHex(advert),
            }),
          onError: (error) => say({ event: 'error', code: error.code }),
        });
        return;
      case 'connect':
        return this.#connect(command.deviceId);
      case 'connect-deaf':
        return this.#connectDeaf(command.deviceId);
      case 'write': {
        const packet = hexToBytes(command.hex, command.hex.length / 2);
        if (packet === undefined || this.#link === undefined) return say({ event: 'error', code: 'no_link' });
        await this.#link.write(packet, { withResponse: command.withResponse ?? true });
        return say({ event: 'written' });
      }
      case 'close':
        return this.#link?.close();
      case 'quit':
        await this.#link?.close();
        await this.#stopScan?.();
        process.exit(0);
    }
  }

  async #connect(deviceId: string): Promise<void> {
    const connecting = this.#radio.connect(deviceId, {
      onStep: () => {},
      onPacket: (packet) => say({ event: 'packet', hex: bytesToHex(packet) }),
      onClosed: () => {
        this.#link = undefined;
        say({ event: 'closed' });
      },
    });
    const link = await connecting.link;
    this.#link = link;
    say({ event: 'linked', mtu: link.mtu });
  }

  /** Past the adapter, which always subscribes. The box of this repository has its characteristic where the hint says. */
  async #connectDeaf(deviceId: string): Promise<void> {
    const peripheral = this.#peripherals.get(deviceId);
    if (peripheral === undefined) return say({ event: 'error', code: 'link_lost' });
    this.#noble.stopScanning();
    await new Promise<void>((resolve, reject) => {
      peripheral.once('connect', (error: unknown) => (error ? reject(error) : resolve()));
      peripheral.connect({});
    });
    peripheral.once('disconnect', () => {
      this.#link = undefined;
      say({ event: 'closed' });
    });
    this.#link = {
      write: async (packet, { withResponse }) =>
        peripheral.writeHandle(layoutHint.valueHandle, Buffer.from(packet), !withResponse),
      close: async () => peripheral.disconnect(),
    };
    say({ event: 'linked', mtu: peripheral.mtu });
  }
}

const radio = await createNobleRadio();
const { default: noble } = (await import('@abandonware/noble')) as unknown as { readonly default: Noble };
const phone = new RawPhone(radio, noble);
let queue = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  queue = queue
    .then(() => phone.obey(JSON.parse(line) as Command))
    .catch((error: unknown) =>
      say({
        event: 'error',
        code: isTapsealError(error) ? error.code : String(error),
        cause: error instanceof Error ? `${error.message}: ${String(error.cause)}` : '',
      }),
    );
});
say({ event: 'ready' });

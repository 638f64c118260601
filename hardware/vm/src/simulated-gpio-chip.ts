/**
 * A GPIO chip whose eight lines a test can watch and play, under the kernel's own driver.
 *
 * Debian's kernel has neither gpio-sim nor gpio-mockup. It has the driver of the CP2112, a USB chip with eight GPIO lines, and
 * `/dev/uhid`, through which a process can be a HID device. So everything above the wire is the real thing: libgpiod, the character
 * device, the kernel's GPIO layer and a driver that ships. Needs root, and the modules uhid and hid_cp2112, both there in the guest.
 */

import { watch } from 'node:fs';
import { type FileHandle, open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { Cp2112, productId, reportDescriptor, vendorId } from './cp2112.js';
import {
  readUhidEvent,
  uhidCreate,
  uhidDestroy,
  uhidEventBytes,
  uhidReportReply,
  uhidTakenReply,
} from './uhid.js';

/** A line was driven to another level, or began or ceased to be driven. */
export interface OutputChange {
  /** Offset of the line, 0 to 7. */
  line: number;
  /** False once the line is an input again: nothing drives it then, whatever `value` says. */
  driven: boolean;
  value: 0 | 1;
  /** Monotonic clock of this process, milliseconds. */
  atMs: number;
}

export class SimulatedGpioChip {
  readonly #uhid: FileHandle;
  readonly #chip: Cp2112;
  readonly #serving: Promise<void>;
  readonly #gone: { failed?: unknown } = {};
  #path = '';

  private constructor(uhid: FileHandle, onOutput: (change: OutputChange) => void) {
    this.#uhid = uhid;
    this.#chip = new Cp2112((line, state) => onOutput({ line, ...state, atMs: performance.now() }));
    this.#serving = this.#serve().catch((error: unknown) => {
      this.#gone.failed = error;
    });
  }

  /**
   * Plugs the chip in and resolves when its character device is there. `onOutput` is called for each change as the driver sends it.
   * Throws when `/dev/uhid` cannot be opened, or when no character device appeared within 20 s.
   */
  static async plugIn(onOutput: (change: OutputChange) => void): Promise<SimulatedGpioChip> {
    const appeared = watchForChip(20_000);
    const uhid = await open('/dev/uhid', 'r+');
    const chip = new SimulatedGpioChip(uhid, onOutput);
    await uhid.write(uhidCreate({ name: 'CP2112', vendorId, productId, reportDescriptor }));
    chip.#path = await appeared;
    return chip;
  }

  /** The character device, for instance `/dev/gpiochip0`. */
  get path(): string {
    return this.#path;
  }

  /** The level a line is driven to, or undefined while nothing drives it. Throws RangeError for a line that is not 0 to 7. */
  driven(line: number): 0 | 1 | undefined {
    const { driven, value } = this.#chip.line(line);
    return driven ? value : undefined;
  }

  /** Sets the level on an input's pin. Throws RangeError for a line that is not 0 to 7. */
  setInput(line: number, value: 0 | 1): void {
    this.#chip.setInput(line, value);
  }

  /** Pulls the chip out. Has to be called before the process ends: a read of `/dev/uhid` would keep it from ending. */
  async unplug(): Promise<void> {
    await this.#uhid.write(uhidDestroy());
    await this.#serving;
    await this.#uhid.close();
    if ('failed' in this.#gone) throw this.#gone.failed;
  }

  async #serve(): Promise<void> {
    const buffer = Buffer.alloc(uhidEventBytes);
    for (;;) {
      const { bytesRead } = await this.#uhid.read(buffer, 0, buffer.length, null);
      const event = readUhidEvent(buffer.subarray(0, bytesRead));
      if (event.kind === 'stop') return;
      if (event.kind === 'getReport') {
        await this.#uhid.write(uhidReportReply(event.id, this.#chip.readReport(event.reportNumber)));
      } else if (event.kind === 'setReport') {
        await this.#uhid.write(uhidTakenReply(event.id, this.#chip.writeReport(event.report)));
      }
    }
  }
}

/** Resolves with the character device of the first GPIO chip that hangs on a HID device of user space. */
async function watchForChip(timeoutMs: number): Promise<string> {
  const timeout = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve, reject) => {
    const watcher = watch('/dev', { signal: timeout }, () => void look());
    watcher.on('error', reject);
    timeout.addEventListener('abort', () =>
      reject(new Error(`no GPIO chip appeared within ${timeoutMs} ms`)),
    );
    const look = async () => {
      const path = await findChip();
      if (path === undefined) return;
      watcher.close();
      resolve(path);
    };
    void look();
  });
}

async function findChip(): Promise<string | undefined> {
  const folder = '/sys/bus/gpio/devices';
  for (const name of await readdir(folder)) {
    if ((await realpath(join(folder, name))).includes('/uhid/')) return join('/dev', name);
  }
  return undefined;
}

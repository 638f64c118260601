/**
 * Whether the adapter is still the one that was opened. The user channel says nothing when an adapter vanishes: the kernel only
 * hangs up, which bleno's socket does not tell, and nothing fails before the next write.
 */
import { statSync } from 'node:fs';

export class AdapterPresence {
  readonly #path: string;
  readonly #inode: bigint | undefined;

  /** @param index N of hciN. Where sysfs does not show the adapter, as over a radio in software, it counts as present. */
  constructor(index: number, directory = '/sys/class/bluetooth') {
    this.#path = `${directory}/hci${index}`;
    this.#inode = this.#presentInode();
  }

  /** Also true when another has come in its place under the same number: our socket does not lead to that one. */
  get isGone(): boolean {
    return this.#inode !== undefined && this.#presentInode() !== this.#inode;
  }

  #presentInode(): bigint | undefined {
    return statSync(this.#path, { bigint: true, throwIfNoEntry: false })?.ino;
  }
}

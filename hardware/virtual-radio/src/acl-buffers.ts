// The buffers a controller has for data of its host: few, so that a host's flow control is really exercised.

/** Longest ACL packet of the host: one ATT packet at MTU 247 with its L2CAP header. */
export const ACL_PACKET_BYTES = 251;

export class AclBuffers {
  readonly count: number;
  /** Buffers in use, by connection handle. */
  readonly #used = new Map<number, number>();

  constructor(count: number) {
    this.count = count;
  }

  /** Takes a buffer; false when the host has sent more than there are. */
  take(handle: number): boolean {
    let used = 0;
    for (const ofHandle of this.#used.values()) used += ofHandle;
    if (used >= this.count) return false;
    this.#used.set(handle, (this.#used.get(handle) ?? 0) + 1);
    return true;
  }

  free(handle: number, count: number): void {
    const used = this.#used.get(handle);
    if (used !== undefined) this.#used.set(handle, used - count);
  }

  /** The link has ended: all its buffers are free, and the host knows it without being told. */
  freeAll(handle: number): void {
    this.#used.delete(handle);
  }
}

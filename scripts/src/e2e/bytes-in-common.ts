/**
 * What byte strings have in common. It answers property 17: do two visits of one phone share anything that visits of another phone
 * do not share with them?
 */

/** What two byte strings are said to have in common where nothing else is said: any eight bytes in a row. */
export const WINDOW = 8;

/** Every run of `length` bytes in the packets, in hexadecimal. */
export function windowsOf(packets: readonly Uint8Array[], length = WINDOW): Set<string> {
  const windows = new Set<string>();
  for (const packet of packets) {
    const hex = Buffer.from(packet).toString('hex');
    for (let at = 0; at + 2 * length <= hex.length; at += 2) windows.add(hex.slice(at, at + 2 * length));
  }
  return windows;
}

export function common(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...a].filter((window) => b.has(window));
}

/** What is left of the packets where every byte is taken out that lies in one of these windows of `length` bytes. */
export function withoutWindows(
  packets: readonly Uint8Array[],
  windows: ReadonlySet<string>,
  length: number,
): Uint8Array[] {
  return packets.flatMap((packet) => {
    const taken = new Uint8Array(packet.length);
    for (let at = 0; at + length <= packet.length; at += 1)
      if (windows.has(Buffer.from(packet.subarray(at, at + length)).toString('hex')))
        taken.fill(1, at, at + length);
    const left: Uint8Array[] = [];
    for (let from = 0; from < packet.length; from += 1) {
      if (taken[from] === 1) continue;
      const next = taken.indexOf(1, from);
      const to = next < 0 ? packet.length : next;
      left.push(packet.subarray(from, to));
      from = to;
    }
    return left;
  });
}

/**
 * Runs of `length` bytes that the packets of two visits share, apart from what those of other visits have as well. That is taken out
 * first, byte by byte: where a random byte beside a constant happens to be the same twice, the run of both would look like a
 * link, once in a hundred comparisons. What is left is random, and n bytes of it meet m others with n × m / 256^length.
 */
export function linksBetween(
  one: readonly Uint8Array[],
  another: readonly Uint8Array[],
  others: readonly Uint8Array[],
  length: number,
): string[] {
  const constants = windowsOf(others, length);
  const [left, right] = [one, another].map((packets) =>
    windowsOf(withoutWindows(packets, constants, length), length),
  );
  return common(left ?? new Set(), right ?? new Set());
}

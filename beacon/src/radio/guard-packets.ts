/**
 * bleno reads the fields of a packet before it looks at its length: one that is cut short throws in the middle of its parser,
 * and any phone could end the process with it. Here such a packet ends its link.
 */

/** bleno's stream of one connection: what goes through `push` is parsed by its ATT and SMP layers. */
export type PacketStream = { push(cid: number | null, data: Buffer | null): void };

/** @param onFault is told of the first packet that bleno cannot read; the ones behind it are dropped */
export function guardPackets(stream: PacketStream, onFault: (error: unknown) => void): void {
  const push = stream.push.bind(stream);
  let isBroken = false;
  stream.push = (cid, data) => {
    // Without data it is the end of the connection, which bleno has to hear of.
    if (isBroken && data !== null) return;
    try {
      push(cid, data);
    } catch (error) {
      isBroken = true;
      onFault(error);
    }
  };
}

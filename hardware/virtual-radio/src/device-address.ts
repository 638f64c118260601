// Bluetooth device addresses: six bytes, least significant first on the wire, written the other way round.

/** `aa:bb:cc:dd:ee:ff` (either case) to six bytes, least significant first; undefined when it is not one. */
export function parseDeviceAddress(text: string): Buffer | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Buffer.from(text.replaceAll(':', ''), 'hex').reverse();
}

/** Six bytes, least significant first, to `aa:bb:cc:dd:ee:ff` in lower case. */
export function formatDeviceAddress(bytes: Uint8Array): string {
  return [...bytes]
    .reverse()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join(':');
}

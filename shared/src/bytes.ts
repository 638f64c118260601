/** Bytes as text and back, joined and compared. Nothing here knows what the bytes mean. */

const encoder = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/**
 * Copies bytes from `start` up to `end`. Of Node's Buffer, which radios hand out, not by `slice`: it gives a view, and the bytes
 * would change with the next packet.
 */
export function copyBytes(bytes: Uint8Array, start = 0, end = bytes.length): Uint8Array {
  return bytes.constructor === Uint8Array
    ? bytes.slice(start, end)
    : new Uint8Array(bytes.subarray(start, end));
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const out = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

/**
 * Compares without an early exit, so that the time taken tells nothing of where secrets differ.
 * The lengths are public: unequal ones answer at once.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Lower case. */
export function bytesToHex(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += hexOf[byte] as string;
  return out;
}

/** Parses lower- or upper-case hexadecimal of exactly `length` bytes; anything else is undefined. */
export function hexToBytes(text: string, length: number): Uint8Array | undefined {
  if (text.length !== length * 2 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const out = new Uint8Array(length);
  for (let i = 0; i < length; i++) out[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
  return out;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const sextetOf = new Int8Array(128).fill(-1);
for (let i = 0; i < alphabet.length; i++) sextetOf[alphabet.charCodeAt(i)] = i;

/** Two letters for each 12 bits: half as many lookups as letters. */
const letterPairs = Array.from(
  { length: 4_096 },
  (_, bits) => `${alphabet[bits >> 6]}${alphabet[bits & 63]}`,
);

/** Base64url without padding (RFC 4648 §5). */
export function bytesToBase64url(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 3);
  let out = '';
  for (let i = 0; i < whole; i += 3) {
    const chunk = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    out += (letterPairs[chunk >> 12] as string) + (letterPairs[chunk & 0xfff] as string);
  }
  const left = bytes.length - whole;
  if (left === 0) return out;
  const chunk = ((bytes[whole] as number) << 8) | (left === 2 ? (bytes[whole + 1] as number) : 0);
  out += letterPairs[chunk >> 4] as string;
  return left === 1 ? out : out + (alphabet[(chunk << 2) & 63] as string);
}

/**
 * Parses unpadded base64url of at most `lengthMax` bytes, strictly: one text for each byte string, so that nothing
 * signed or compared as text has a twin. Undefined for anything else.
 */
export function base64urlToBytes(text: string, lengthMax: number): Uint8Array | undefined {
  const rest = text.length % 4;
  const length = Math.floor((text.length * 3) / 4);
  if (rest === 1 || length > lengthMax) return undefined;
  const out = new Uint8Array(length);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = sextetOf[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[at++] = (bits >> held) & 0xff;
    }
  }
  if ((bits & ((1 << held) - 1)) !== 0) return undefined;
  return out;
}

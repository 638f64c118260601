/**
 * The epoch and its advert key, in a file that is replaced as a whole: an append-only journal would keep the keys of past
 * epochs, by which a thief of the box could recognise its earlier adverts (property 19). Magic, epoch (4 bytes), key (32),
 * CRC-32 of all that (4).
 */
import { crc32 } from 'node:zlib';
import { concatBytes, utf8 } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';

const MAGIC = utf8('tsepch1\n');
const KEY_BYTES = 32;
const FILE_BYTES = MAGIC.length + 4 + KEY_BYTES + 4;

export function encodeEpochFile(epoch: number, advertKey: Uint8Array): Uint8Array {
  const number = new DataView(new ArrayBuffer(4));
  number.setUint32(0, epoch);
  const body = concatBytes(MAGIC, new Uint8Array(number.buffer), advertKey);
  const sum = new DataView(new ArrayBuffer(4));
  sum.setUint32(0, crc32(body));
  return concatBytes(body, new Uint8Array(sum.buffer));
}

/** @throws TapsealError storage_corrupt */
export function decodeEpochFile(bytes: Uint8Array): {
  readonly epoch: number;
  readonly advertKey: Uint8Array;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bodyBytes = FILE_BYTES - 4;
  const isSound =
    bytes.length === FILE_BYTES &&
    MAGIC.every((byte, i) => bytes[i] === byte) &&
    crc32(bytes.subarray(0, bodyBytes)) === view.getUint32(bodyBytes);
  if (!isSound) throw new TapsealError('storage_corrupt', 'epoch file');
  return {
    epoch: view.getUint32(MAGIC.length),
    advertKey: Uint8Array.from(bytes.subarray(MAGIC.length + 4, bodyBytes)),
  };
}

/** Against bleno's own ATT parser: what a phone sends goes through it before anything of ours sees it. */
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { guardPackets, type PacketStream } from './guard-packets.js';

const ATT_CID = 4;
const MTU_REQUEST = Buffer.from([0x02, 0xb9, 0x00]);
const MTU_RESPONSE = Buffer.from([0x03, 0xb9, 0x00]);

const Gatt = createRequire(import.meta.url)('@abandonware/bleno/lib/hci-socket/gatt') as new () => {
  setAclStream(stream: AttStream): void;
};

/** As bleno's own (lib/hci-socket/acl-stream.js), which cannot be loaded without a Bluetooth socket. */
class AttStream extends EventEmitter implements PacketStream {
  readonly sent: Buffer[] = [];

  push(cid: number | null, data: Buffer | null): void {
    if (data === null) this.emit('end');
    else this.emit('data', cid, data);
  }

  write(_cid: number, data: Buffer): void {
    this.sent.push(data);
  }
}

function box() {
  const faults: unknown[] = [];
  const gatt = new Gatt();
  const connect = (): AttStream => {
    const stream = new AttStream();
    gatt.setAclStream(stream);
    guardPackets(stream, (error) => faults.push(error));
    return stream;
  };
  return { faults, connect };
}

test('no packet that is cut short gets out of the parser, and whole ones go through', () => {
  const { faults, connect } = box();
  for (let opcode = 0; opcode < 256; opcode++) {
    for (let length = 1; length <= 5; length++) {
      const stream = connect();
      stream.push(ATT_CID, Buffer.from([opcode, 0x01, 0x00, 0xff, 0xff].slice(0, length)));
      stream.push(null, null);
    }
  }
  // bleno does throw: without the guard each of these would end the process.
  expect(faults.length).toBeGreaterThan(0);
  const stream = connect();
  stream.push(ATT_CID, MTU_REQUEST);
  expect(stream.sent).toEqual([MTU_RESPONSE]);
});

test('nothing of a connection is read behind its first unreadable packet, but its end is', () => {
  const { faults, connect } = box();
  const stream = connect();
  let ended = false;
  stream.on('end', () => {
    ended = true;
  });
  stream.push(ATT_CID, MTU_REQUEST.subarray(0, 1));
  stream.push(ATT_CID, MTU_REQUEST);
  stream.push(ATT_CID, MTU_REQUEST.subarray(0, 1));
  expect(faults).toHaveLength(1);
  expect(stream.sent).toEqual([]);
  stream.push(null, null);
  expect(ended).toBe(true);
});

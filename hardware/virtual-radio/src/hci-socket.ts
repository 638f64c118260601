// What stands in for the HCI socket of @abandonware/bluetooth-hci-socket: the same methods and events, with a
// controller on the virtual air behind them instead of one in the machine.
//
// Hosts ask `isDevUp` at once after `start`, and then only once a second. The answer to the first question is
// therefore yes if there is a socket to connect to: the host's commands wait in it, and the host takes the
// adapter for powered on when the air has answered them, after milliseconds. Where the air does not answer, the
// next `isDevUp` says no, as it does when the air has gone, once at least, so that the host starts anew.

import { EventEmitter } from 'node:events';
import { statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { decodeNote, encodeFrame, encodeNote, FrameReader, type HostHello } from './host-frames.js';

const LABEL = 'tapseal virtual radio';

export class HciSocket extends EventEmitter {
  readonly #path = process.env.TAPSEAL_RADIO_SOCKET ?? '';
  #socket: Socket | undefined;
  #started = false;
  /** Bound to the kernel's management channel (long-term keys of paired peers), which has no counterpart here. */
  #isControl = false;
  #state: 'new' | 'first-connecting' | 'reconnecting' | 'up' | 'down' = 'new';
  /** Set when the adapter went down, until the host has been told. */
  #downUntold = false;

  bindRaw(deviceId?: number): number {
    this.#open();
    return deviceId ?? 0;
  }

  bindUser(deviceId?: number): number {
    return this.bindRaw(deviceId);
  }

  /** Accepted, and what is written to it ignored: there is no pairing on this air. */
  bindControl(): number {
    this.#isControl = true;
    return 0;
  }

  start(): void {
    this.#started = true;
    this.#open();
  }

  stop(): void {
    this.#started = false;
    this.#socket?.destroy();
    this.#socket = undefined;
    this.#state = 'new';
  }

  isDevUp(): boolean {
    if (this.#downUntold) {
      this.#downUntold = false;
      return false;
    }
    if (this.#started) this.#open();
    return this.#state === 'up' || this.#state === 'first-connecting';
  }

  /** The air sends only what the hosts filter for. */
  setFilter(_filter: Buffer): void {}

  write(packet: Buffer): void {
    if (this.#isControl) return;
    if (this.#socket === undefined || this.#state === 'down') {
      this.#emitError('ENETDOWN', 'Network is down');
      return;
    }
    this.#socket.write(encodeFrame(packet));
  }

  #open(): void {
    if (this.#isControl || this.#socket !== undefined) return;
    const isFirst = this.#state === 'new';
    if (!isThere(this.#path)) {
      if (isFirst) this.#wentDown(`no air at ${this.#path}`);
      return;
    }
    const socket = connect(this.#path);
    const frames = new FrameReader();
    this.#socket = socket;
    this.#state = isFirst ? 'first-connecting' : 'reconnecting';
    let reason = 'the air has gone';
    socket.on('data', (chunk: Buffer) => {
      for (const packet of frames.read(chunk)) {
        const note = decodeNote(packet);
        if (note === undefined) {
          if (this.#started) this.emit('data', packet);
        } else if (note.up === true) this.#state = 'up';
        else {
          reason = String(note.reason);
          this.#wentDown(reason);
        }
      }
    });
    socket.on('error', (error) => {
      reason = `no air at ${this.#path} (${error.message})`;
    });
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#wentDown(reason);
    });
    socket.write(encodeNote(hello()));
  }

  #wentDown(reason: string): void {
    const wasTold = this.#state === 'down' || this.#state === 'reconnecting';
    this.#state = 'down';
    if (wasTold) return;
    this.#downUntold = true;
    // The libraries swallow the errors of their socket, and a radio that is silently missing costs hours.
    process.stderr.write(`${LABEL}: ${reason}\n`);
    this.#emitError('ENETDOWN', 'Network is down');
  }

  #emitError(code: string, message: string): void {
    if (this.listenerCount('error') > 0) this.emit('error', Object.assign(new Error(message), { code }));
  }
}

/** Whether a connection is worth a try. Named pipes of Windows cannot be asked. */
function isThere(path: string): boolean {
  if (process.platform === 'win32') return path !== '';
  return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function hello(): HostHello {
  const { TAPSEAL_RADIO_ADDRESS, TAPSEAL_RADIO_NAME, TAPSEAL_RADIO_POSITION_M } = process.env;
  return {
    ...(TAPSEAL_RADIO_ADDRESS !== undefined && { address: TAPSEAL_RADIO_ADDRESS }),
    ...(TAPSEAL_RADIO_NAME !== undefined && { name: TAPSEAL_RADIO_NAME }),
    ...(TAPSEAL_RADIO_POSITION_M !== undefined && { positionM: TAPSEAL_RADIO_POSITION_M }),
  };
}

/**
 * For `node --require`: a machine whose Bluetooth adapter has the fault that TAPSEAL_TEST_RADIO_FAULT names: an errno code,
 * thrown as the HCI socket throws it when it is bound, or `down` for an adapter that is switched off.
 */
import events = require('node:events');
import Module = require('node:module');

const fault = process.env.TAPSEAL_TEST_RADIO_FAULT ?? '';

class FaultySocket extends events.EventEmitter {
  bindRaw(): number {
    if (fault !== 'down') throw Object.assign(new Error(`${fault}, bind`), { code: fault });
    return 0;
  }
  bindUser(): number {
    return this.bindRaw();
  }
  bindControl(): number {
    return this.bindRaw();
  }
  isDevUp(): boolean {
    return false;
  }
  start(): void {}
  stop(): void {}
  setFilter(): void {}
  write(): void {}
}

interface Loader {
  _load(request: string, parent: unknown, isMain: boolean): unknown;
}

// Not public, but what every tool that replaces CommonJS modules uses.
const loader = Module as unknown as Loader;
const load = loader._load;
loader._load = function (request, parent, isMain) {
  return request === '@abandonware/bluetooth-hci-socket'
    ? FaultySocket
    : load.call(this, request, parent, isMain);
};

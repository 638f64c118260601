// `node --require preload.cjs app.js`: noble and bleno in that process get the virtual radio instead of the
// machine's, wherever their HCI socket module is installed, and also where it could not be built. Without
// TAPSEAL_RADIO_SOCKET it does nothing.

import Module = require('node:module');

const HCI_SOCKET_MODULE = '@abandonware/bluetooth-hci-socket';

interface Loader {
  _load(request: string, parent: unknown, isMain: boolean): unknown;
}

function isLoader(value: object): value is Loader {
  return '_load' in value && typeof value._load === 'function';
}

if (process.env.TAPSEAL_RADIO_SOCKET !== undefined) {
  // Not public, but what every tool that replaces CommonJS modules uses, unchanged since Node 0.x.
  const loader: object = Module;
  if (!isLoader(loader)) throw new Error('this Node cannot replace CommonJS modules');
  const load = loader._load;
  loader._load = function (request, parent, isMain) {
    if (request !== HCI_SOCKET_MODULE) return load.call(this, request, parent, isMain);
    const {
      HciSocket,
    }: typeof import('./hci-socket.js', { with: {
      'resolution-mode': 'import',
    }}) = require('./hci-socket.js');
    return HciSocket;
  };
}

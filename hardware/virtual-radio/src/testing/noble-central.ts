// A process of its own for tests: noble, told by its parent what to do, a message each.

import noble, { type Characteristic, type Peripheral } from '@abandonware/noble';

const SERVICE = 'aaaa0001000010008000000000000001';

const found = new Map<string, Peripheral>();
let peripheral: Peripheral | undefined;
let characteristic: Characteristic | undefined;

function tell(event: string, detail: unknown = ''): void {
  process.send?.({ event, detail });
}

function connectTo(address: string): void {
  const target = found.get(address);
  if (target === undefined) throw new Error(`not found yet: ${address}`);
  peripheral = target;
  target.removeAllListeners();
  target.once('disconnect', (reason: unknown) => tell('disconnect', reason));
  target.connect((error) => tell('connect', error === undefined || error === null ? '' : String(error)));
}

function discover(): void {
  peripheral?.discoverSomeServicesAndCharacteristics([SERVICE], [], (_error, services, characteristics) => {
    characteristic = characteristics[0];
    characteristic?.on('data', (data: Buffer) => tell('data', data.toString('hex')));
    tell(
      'discovered',
      services.map(({ uuid }) => uuid),
    );
  });
}

const actions: Record<string, (argument: string) => void> = {
  scan: (duplicates) => noble.startScanning([], duplicates === 'duplicates'),
  'stop scan': () => noble.stopScanning(),
  connect: connectTo,
  discover,
  subscribe: () => characteristic?.subscribe(() => tell('subscribed')),
  write: (hex) => characteristic?.write(Buffer.from(hex, 'hex'), false, () => tell('wrote')),
  mtu: () => tell('mtu', peripheral?.mtu),
  disconnect: () => peripheral?.disconnect(),
};

process.on('message', (message: { action: string; argument: string }) => {
  actions[message.action]?.(message.argument);
});
process.on('disconnect', () => process.exit(0));

noble.on('stateChange', (state) => tell('state', state));
noble.on('discover', (seen) => {
  found.set(seen.address, seen);
  const { serviceUuids, manufacturerData, localName } = seen.advertisement;
  tell('discover', {
    address: seen.address,
    rssi: seen.rssi,
    serviceUuids,
    localName,
    manufacturerData: manufacturerData?.toString('hex'),
  });
});

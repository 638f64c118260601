// A process of its own for tests: bleno with one service whose characteristic notifies what is written to it,
// bytes reversed. Tells its parent what happens.

import bleno from '@abandonware/bleno';

/** First argument: the advert and the scan response, hex; without them name and service are advertised. */
const [advertHex, scanResponseHex] = process.argv.slice(2);
const SERVICE = 'aaaa0001000010008000000000000001';

let notify: ((data: Buffer) => void) | undefined;

function tell(event: string, detail: string | number = ''): void {
  process.send?.({ event, detail });
}

const echo = new bleno.Characteristic({
  uuid: 'aaaa0002000010008000000000000001',
  properties: ['write', 'notify'],
  onSubscribe(maxValueSize, update) {
    notify = update;
    tell('subscribed', maxValueSize);
  },
  onUnsubscribe() {
    notify = undefined;
  },
  onWriteRequest(data, _offset, _withoutResponse, callback) {
    tell('written', data.toString('hex'));
    callback(bleno.Characteristic.RESULT_SUCCESS);
    notify?.(Buffer.from(data).reverse());
  },
});

bleno.on('stateChange', (state) => {
  tell('state', state);
  if (state !== 'poweredOn') return;
  bleno.setServices([new bleno.PrimaryService({ uuid: SERVICE, characteristics: [echo] })]);
  if (advertHex !== undefined && scanResponseHex !== undefined) {
    bleno.startAdvertisingWithEIRData(Buffer.from(advertHex, 'hex'), Buffer.from(scanResponseHex, 'hex'));
  } else bleno.startAdvertising('echo', [SERVICE]);
});
bleno.on('advertisingStart', (error) => tell('advertising', error?.message ?? ''));
bleno.on('accept', (address) => tell('accept', address));
bleno.on('disconnect', (address) => tell('disconnect', address));
bleno.on('mtuChange', (mtu) => tell('mtu', mtu));
process.on('disconnect', () => process.exit(0));

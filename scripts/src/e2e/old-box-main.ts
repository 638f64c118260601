/** A box of the protocol's version 0, as a process on the virtual radio: advertises what it is given, and serves nothing. */
import bleno from '@abandonware/bleno';
import { advertisingData } from '@tapseal/shared/advert';
import { hexToBytes } from '@tapseal/shared/bytes';

const hex = process.argv[2] ?? '';
const scanResponse = hexToBytes(hex, hex.length / 2) ?? new Uint8Array();

bleno.on('stateChange', (state) => {
  if (state !== 'poweredOn') return;
  bleno.startAdvertisingWithEIRData(Buffer.from(advertisingData()), Buffer.from(scanResponse), () =>
    process.stdout.write(`${JSON.stringify({ event: 'ready' })}\n`),
  );
});

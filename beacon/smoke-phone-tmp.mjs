import noble from '@abandonware/noble';
import { decodeManufacturerData, EXCHANGE_UUID, SERVICE_UUID } from '@tapseal/shared/advert';
import { encodeChallenge } from '@tapseal/shared/challenge';
import { encodeFrames, FrameReader } from '@tapseal/shared/frame';
import { decodeStatus } from '@tapseal/shared/status';

const N = Number(process.env.TAPS ?? 3);
const strip = (u) => u.replaceAll('-', '');
await new Promise((r) => {
  noble.on('stateChange', (s) => {
    if (s === 'poweredOn') r();
  });
});
async function tap(k) {
  await noble.startScanningAsync([strip(SERVICE_UUID)], true);
  const p = await new Promise((r) =>
    noble.on('discover', (p) => {
      if (p.advertisement.manufacturerData) r(p);
    }),
  );
  noble.removeAllListeners('discover');
  await noble.stopScanningAsync();
  decodeManufacturerData(p.advertisement.manufacturerData);
  await p.connectAsync();
  const {
    characteristics: [c],
  } = await p.discoverSomeServicesAndCharacteristicsAsync([strip(SERVICE_UUID)], [strip(EXCHANGE_UUID)]);
  await c.subscribeAsync();
  const reader = new FrameReader();
  const got = [];
  let w;
  c.on('data', (d) => {
    const m = reader.push(Uint8Array.from(d));
    if (m) {
      got.push(m);
      w?.();
    }
  });
  const next = async () => {
    while (!got.length) await new Promise((r) => (w = r));
    return got.shift();
  };
  const send = async (m) => {
    for (const f of encodeFrames(m, p.mtu ?? 23)) await c.writeAsync(Buffer.from(f), false);
  };
  await send({ type: 'challenge', body: encodeChallenge(new Uint8Array(16)) });
  const h = await next();
  console.log('phone', h.type, h.body.length, 'mtu', p.mtu);
  process.send({ hello: Buffer.from(h.body).toString('hex') });
  const { voucher } = await new Promise((r) => process.once('message', r));
  const t = performance.now();
  await send({ type: 'voucher', body: Uint8Array.from(Buffer.from(voucher, 'hex')) });
  const r = await next();
  console.log('phone', r.type, performance.now() - t);
  if (k === N - 1) {
    await send({ type: 'voucher', body: Uint8Array.from(Buffer.from(voucher, 'hex')) });
    let s;
    do {
      s = await next();
      console.log('phone', s.type, s.type === 'status' ? decodeStatus(s.body) : '');
    } while (s.type !== 'status');
  }
  await p.disconnectAsync();
}
for (let k = 0; k < N; k++) await tap(k);
process.exit(0);

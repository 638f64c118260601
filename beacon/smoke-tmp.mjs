// enrol by files, start air + box, tap with noble
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { enrolmentSecretHash, formatEnrolmentCode } from '@tapseal/shared/enrolment';
import { startAir } from '@tapseal/virtual-radio/air-server';
import { radioEnvironment } from '@tapseal/virtual-radio/preload-path';
import { TestAuthority } from './dist/testing/test-authority.js';

const d = mkdtempSync('/tmp/beacon/smoke-');
const main = new URL('./dist/main.js', import.meta.url).pathname;
const crypto = createNativeCrypto();
const a = await TestAuthority.make();
const code = a.makeCode();
writeFileSync(d + '/code', formatEnrolmentCode(code));
const sh = (...x) => {
  try {
    process.stdout.write(execFileSync(process.execPath, [main, ...x, '--state-dir', d + '/state']));
  } catch (e) {
    console.log(String(e.stdout), String(e.stderr), e.status);
  }
};
writeFileSync(d + '/b.toml', `[adapter]\nallow_bluetoothd=true\n[actions.open]\nactuator="log"\n`);
sh('enroll', '--code-file', d + '/code', '--request-out', d + '/req');
const { response } = await a.enrol(JSON.parse(readFileSync(d + '/req')), {
  secretHash: enrolmentSecretHash(crypto, code.secret),
  touchpointId: crypto.randomBytes(8),
});
writeFileSync(d + '/resp', JSON.stringify(response));
sh('enroll', '--response-in', d + '/resp');
sh('status');
const air = await startAir({ socketPath: d + '/air.sock', seed: 1 });
const env = (n) => ({ ...process.env, ...radioEnvironment({ socketPath: d + '/air.sock', name: n }) });
const t0 = performance.now();
const box = spawn(
  process.execPath,
  [
    ...(process.env.PROF ? ['--cpu-prof', '--cpu-prof-dir=/tmp/beacon/prof'] : []),
    main,
    'run',
    '--config',
    d + '/b.toml',
    '--state-dir',
    d + '/state',
    '--json',
  ],
  { env: env('box'), stdio: ['ignore', 'pipe', 'inherit'] },
);
const lines = createInterface({ input: box.stdout });
let ready;
const isReady = new Promise((r) => (ready = r));
lines.on('line', (l) => {
  console.log('BOX', l);
  if (JSON.parse(l).event === 'ready') {
    console.log('ready after', performance.now() - t0, 'ms');
    ready();
  }
});
await isReady;
const rss = () =>
  readFileSync(`/proc/${box.pid}/status`, 'utf8').match(/VmRSS.*/)[0] +
  ' ' +
  readFileSync(`/proc/${box.pid}/stat`, 'utf8').split(' ').slice(13, 15).join(',');
console.log(rss());
writeFileSync(
  d + '/phone.mjs',
  `
const {default:noble}=await import('${new URL('../node_modules/@abandonware/noble/index.js', import.meta.url)}');
`,
);
Object.assign(process.env, env('phone'));
const phone = spawn(process.execPath, [new URL('./smoke-phone-tmp.mjs', import.meta.url).pathname], {
  env: { ...env('phone') },
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
});
phone.on('message', (m) => {
  if (m.hello) {
    const h = a.openHello(Uint8Array.from(Buffer.from(m.hello, 'hex')));
    console.log(h.counterS, h.bootCounter);
    globalThis.v ??= null;
    phone.send({ voucher: Buffer.from(a.voucher(h)).toString('hex') });
  }
});
await new Promise((r) => phone.on('exit', r));
console.log(rss());
sh('status');
sh('run', '--config', d + '/b.toml');
const t1 = performance.now();
box.kill('SIGTERM');
const rc = await new Promise((r) => box.on('exit', (c, s) => r([c, s])));
console.log('exit', rc, performance.now() - t1);
await air.close();

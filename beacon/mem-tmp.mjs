import { readFileSync } from 'node:fs';

const rss = () => +readFileSync('/proc/self/status', 'utf8').match(/VmRSS:\s+(\d+)/)[1];
let last = rss();
console.log('bare', last);
for (const m of [
  '@tapseal/shared/error-codes',
  'node:crypto',
  '@noble/curves/nist.js',
  'tweetnacl',
  '@noble/hashes/blake2.js',
  '@tapseal/shared/crypto-native',
  'cborg',
  '@tapseal/shared/voucher',
  '@tapseal/shared/enrolment',
  'debug',
  '@abandonware/bluetooth-hci-socket/lib/native.js',
  '@abandonware/bleno',
  'sodium-native',
  'node:child_process',
  'node:net',
  './dist/run/run-box.js',
]) {
  const t = performance.now();
  try {
    await import(m);
  } catch (e) {
    console.log(m, e.message.slice(0, 60));
  }
  const r = rss();
  console.log(m, r - last, (performance.now() - t).toFixed(1));
  last = r;
}
console.log(last);

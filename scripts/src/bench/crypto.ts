/** What a signature, a verification and a sealed box cost in each crypto adapter: `npm run bench:crypto`. */
import { webcrypto } from 'node:crypto';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { AsyncCryptoPort } from '@tapseal/shared/crypto-port';
import { createTweetnaclCrypto } from '@tapseal/shared/crypto-tweetnacl';
import { createWebCrypto, type WebCrypto } from '@tapseal/shared/crypto-web';
import { isStrictSignature } from '@tapseal/shared/strict-signature';
import { describeMachine, type Figure, inform, printReport } from './figures.js';
import { percentile } from './percentile.js';

/** The keys and the message are fixed; nothing here depends on chance. */
const SEED = 7;
const MESSAGE_BYTES = 150;
const ROUND_MS = 300;

/** Microseconds, the median of single runs over about a third of a second. */
async function medianUs(run: () => unknown): Promise<number> {
  for (let i = 0; i < 10; i++) await run();
  const samples: number[] = [];
  const until = performance.now() + ROUND_MS;
  while (performance.now() < until) {
    const started = performance.now();
    await run();
    samples.push((performance.now() - started) * 1_000);
  }
  return percentile(samples, 0.5);
}

async function figuresOf(name: string, crypto: AsyncCryptoPort): Promise<Figure[]> {
  const message = new Uint8Array(MESSAGE_BYTES).fill(SEED);
  const figures: Figure[] = [];
  for (const algorithm of ['Ed25519', 'P-256'] as const) {
    const signer = await crypto.signer(algorithm, new Uint8Array(32).fill(SEED));
    const signature = await signer.sign(message);
    const sign = await medianUs(() => signer.sign(message));
    const verify = await medianUs(() => crypto.verify(signer.publicKey, message, signature));
    figures.push(
      inform(`${name}: ${algorithm} sign`, sign, 'µs'),
      inform(`${name}: ${algorithm} verify`, verify, 'µs'),
    );
  }
  const pair = crypto.boxKeyPair(new Uint8Array(32).fill(SEED));
  const sealed = crypto.seal(pair.publicKey, message);
  figures.push(
    inform(`${name}: seal`, await medianUs(() => crypto.seal(pair.publicKey, message)), 'µs'),
    inform(`${name}: open`, await medianUs(() => crypto.open(pair, sealed)), 'µs'),
  );
  return figures;
}

const native = createNativeCrypto();
const adapters: [string, AsyncCryptoPort][] = [
  [`native (${native.engine})`, native],
  ['native (node:crypto alone)', createNativeCrypto({ sodium: false })],
  ['web (WebCrypto of Node)', createWebCrypto(webcrypto as unknown as WebCrypto)],
  ['tweetnacl', createTweetnaclCrypto(native)],
];

const figures: Figure[] = [];
for (const [name, crypto] of adapters) figures.push(...(await figuresOf(name, crypto)));
for (const algorithm of ['Ed25519', 'P-256'] as const) {
  const signer = native.signer(algorithm, new Uint8Array(32).fill(SEED));
  const signature = signer.sign(new Uint8Array(MESSAGE_BYTES));
  const strict = await medianUs(() => isStrictSignature(signer.publicKey, signature));
  figures.push(inform(`strictness before each ${algorithm} verification`, strict, 'µs'));
}
printReport({ seed: SEED, machine: describeMachine(), figures }, process.argv.includes('--json'));

/** The adapters that pass one contract; for tests. */
import { webcrypto } from 'node:crypto';
import { createNativeCrypto } from './crypto-native.js';
import type { AsyncCryptoPort } from './crypto-port.js';
import { createTweetnaclCrypto } from './crypto-tweetnacl.js';
import { createWebCrypto, type WebCrypto } from './crypto-web.js';

export type Adapter = { readonly name: string; readonly crypto: AsyncCryptoPort };

export const platformCrypto = webcrypto as unknown as WebCrypto;

const native = createNativeCrypto();

export const adapters: readonly Adapter[] = [
  { name: 'native with sodium', crypto: native },
  { name: 'native without sodium', crypto: createNativeCrypto({ sodium: false }) },
  { name: 'web', crypto: createWebCrypto(platformCrypto) },
  { name: 'tweetnacl', crypto: createTweetnaclCrypto(native) },
];

export function adapterNamed(name: string): Adapter {
  const found = adapters.find((adapter) => adapter.name === name);
  if (found === undefined) throw new RangeError(`no adapter ${name}`);
  return found;
}

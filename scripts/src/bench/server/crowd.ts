/** Phones and boxes of a benchmark. Their keys come from a seed, so that any thread can make them again. */
import { utf8 } from '@tapseal/shared/bytes';
import type { Hashing, Signer, SignerMaking } from '@tapseal/shared/crypto-port';

export const PROGRAMME = 'bench';
/** The one offer that everybody asks for. */
export const OFFER = 'gate';

export type Crowd = {
  readonly keySeed: number;
  readonly phones: number;
  readonly boxes: number;
};

function keyOf(hashing: Hashing, { keySeed }: Crowd, what: string, lengthBytes = 32): Uint8Array {
  return hashing.hkdfSha256(utf8(`bench/${keySeed}`), new Uint8Array(), utf8(what), lengthBytes);
}

/** Ed25519: the dearest floor to be near to, since a P-256 signature costs more to verify. */
export function phoneSigner(crypto: Hashing & SignerMaking, crowd: Crowd, index: number): Signer {
  return crypto.signer('Ed25519', keyOf(crypto, crowd, `phone/${index}`));
}

export function boxSigner(crypto: Hashing & SignerMaking, crowd: Crowd, index: number): Signer {
  return crypto.signer('Ed25519', keyOf(crypto, crowd, `box/${index}`));
}

/** 8 bytes. */
export function boxId(hashing: Hashing, crowd: Crowd, index: number): Uint8Array {
  return keyOf(hashing, crowd, `box-id/${index}`, 8);
}

/** 32 bytes: the advert key of its first epoch. */
export function boxAdvertKey(hashing: Hashing, crowd: Crowd, index: number): Uint8Array {
  return keyOf(hashing, crowd, `advert/${index}`);
}

export function boxName(index: number): string {
  return `touchpoint-${index}`;
}

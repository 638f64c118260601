/** Measures the floor of a redemption's cryptography; see crypto-floor-main. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { base64urlToBytes, bytesToHex } from '@tapseal/shared/bytes';
import { type Sign1, toBeSigned } from '@tapseal/shared/cose-sign1';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { decodeHello, signHello } from '@tapseal/shared/hello';
import type { RedeemAnswer } from '@tapseal/shared/http-api';
import { decodeRequest } from '@tapseal/shared/request';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { decodeVoucherJws } from '@tapseal/shared/voucher-jws';
import type { SignedTexts } from './crypto-floor-main.js';
import { requestAt } from './request-batch.js';
import type { PreparedTaps } from './request-maker.js';

const MAIN_FILE = fileURLToPath(new URL('./crypto-floor-main.js', import.meta.url));
const MESSAGE_BYTES_MAX = 1_024;

function signedText({ kind, protectedHeader, payload }: Sign1): string {
  return bytesToHex(toBeSigned(kind, protectedHeader, payload));
}

function decoded(text: string): Uint8Array {
  const bytes = base64urlToBytes(text, MESSAGE_BYTES_MAX);
  if (bytes === undefined) throw new Error('not base64url');
  return bytes;
}

/** What was signed in a redemption that took place. */
export function signedTextsOf(taps: PreparedTaps, answer: Uint8Array): SignedTexts {
  const http = Buffer.from(requestAt(taps.batch, 0)).toString('latin1');
  const body = JSON.parse(http.slice(http.indexOf('\r\n\r\n') + 4)) as { request: string };
  const { voucher, jws } = JSON.parse(Buffer.from(answer).toString('utf8')) as RedeemAnswer;
  // The hello inside is sealed: one with the same fields, of the same size.
  const crypto = createNativeCrypto();
  const hello = signHello(
    {
      touchpointId: crypto.randomBytes(8),
      boxNonce: crypto.randomBytes(16),
      challenge: crypto.randomBytes(16),
      bootCounter: 1,
      counterS: 1,
      manifestVersion: Math.floor(Date.now() / 1_000),
    },
    crypto.signer('Ed25519', crypto.randomBytes(32)),
  );
  return {
    request: signedText(decodeRequest(decoded(body.request)).message),
    hello: signedText(decodeHello(hello).message),
    voucher: signedText(decodeVoucher(decoded(voucher)).message),
    jws: bytesToHex(decodeVoucherJws(jws).signingInput),
  };
}

export type CryptoFloor = { readonly engine: string; readonly rounds: readonly number[] };

/** @returns microseconds of processor time a redemption, round by round */
export async function measureCryptoFloor(texts: SignedTexts): Promise<CryptoFloor> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN_FILE, JSON.stringify(texts)]);
  return JSON.parse(stdout) as CryptoFloor;
}

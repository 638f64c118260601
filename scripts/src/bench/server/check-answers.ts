/** Holds every answer against its request: granted, for that transaction, each voucher once; a sample is verified in full. */

import type { OfferAdminView } from '@tapseal/cert-server/http/offer-schemas';
import { TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToHex } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { RedeemAnswer } from '@tapseal/shared/http-api';
import { parseJwkSet } from '@tapseal/shared/jwk';
import { verifyVoucher } from '@tapseal/shared/voucher';
import { verifyVoucherJws } from '@tapseal/shared/voucher-jws';
import type { VoucherKey } from '@tapseal/shared/voucher-key';
import { OFFER, PROGRAMME } from './crowd.js';
import type { LoadResult } from './load-generator.js';
import type { PreparedTaps } from './request-maker.js';

const VERIFIED = 200;
const VOUCHER_BYTES_MAX = 512;

const crypto = createNativeCrypto();

function answerOf(body: Uint8Array | undefined): RedeemAnswer {
  return JSON.parse(Buffer.from(body ?? []).toString('utf8')) as RedeemAnswer;
}

async function voucherKeys(url: string): Promise<VoucherKey[]> {
  const answer = await fetch(`${url}/.well-known/jwks.json`);
  return parseJwkSet(crypto, await answer.json());
}

async function verifySample(result: LoadResult, url: string): Promise<void> {
  const keys = await voucherKeys(url);
  const step = Math.max(1, Math.floor(result.bodies.length / VERIFIED));
  for (let index = 0; index < result.bodies.length; index += step) {
    const { voucher, jws, transactionId } = answerOf(result.bodies[index]);
    const bytes = base64urlToBytes(voucher, VOUCHER_BYTES_MAX) ?? new Uint8Array();
    const verified = verifyVoucher(crypto, bytes, keys);
    const claims = await verifyVoucherJws(crypto, jws, keys);
    if (bytesToHex(verified.transactionId) !== transactionId || claims.jti !== transactionId)
      throw new Error(`the voucher of ${transactionId} is for another transaction`);
  }
}

/** @throws Error with the first answer that is not what it must be */
export async function checkAnswers(taps: PreparedTaps, result: LoadResult, url: string): Promise<void> {
  const vouchers = new Set<string>();
  for (const [index, status] of result.statuses.entries()) {
    const body = result.bodies[index];
    if (status !== 200) {
      throw new Error(`answer ${index} is ${status}: ${Buffer.from(body ?? []).toString('utf8')}`);
    }
    const { transactionId, voucher } = answerOf(body);
    const at = index * TRANSACTION_ID_BYTES;
    if (transactionId !== bytesToHex(taps.transactionIds.subarray(at, at + TRANSACTION_ID_BYTES)))
      throw new Error(`answer ${index} is for another transaction`);
    vouchers.add(voucher);
  }
  if (vouchers.size !== result.statuses.length) throw new Error('two answers carry the same voucher');
  await verifySample(result, url);
}

/** What the server itself says it has granted. */
export async function grantedSoFar(url: string, ownerToken: string): Promise<number> {
  const answer = await fetch(`${url}/v1/programmes/${PROGRAMME}/offers/${OFFER}`, {
    headers: { authorization: `Bearer ${ownerToken}` },
  });
  return ((await answer.json()) as OfferAdminView).granted;
}

/** What a redemption came to, out of an answer that is checked to the last signature. */
import assert from 'node:assert/strict';
import { base64urlToBytes, bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Problem, RedeemAnswer } from '@tapseal/shared/http-api';
import { type Refusal, verifyRefusal } from '@tapseal/shared/refusal';
import { verifyVoucher } from '@tapseal/shared/voucher';
import { verifyVoucherJws } from '@tapseal/shared/voucher-jws';
import type { VoucherKey } from '@tapseal/shared/voucher-key';
import type { HttpAnswer } from './http-client.js';
import type { Prepared } from './limits-phone.js';

const crypto = createNativeCrypto();
const SIGNED_BYTES_MAX = 1_024;

export type Outcome =
  | {
      readonly granted: true;
      readonly amountMinor: number;
      readonly voucher: Uint8Array;
      /** Voucher and JWS, as they were sent. */
      readonly bytes: string;
    }
  | { readonly granted: false; readonly refusal: Refusal; readonly bytes: string };

function bytesOf(text: string | undefined): Uint8Array {
  const bytes = base64urlToBytes(text ?? '', SIGNED_BYTES_MAX);
  assert.ok(bytes !== undefined, 'base64url');
  return bytes;
}

/** @throws Error for an answer that is neither a voucher nor a signed refusal of this very request */
export async function readOutcome(
  prepared: Prepared,
  answer: HttpAnswer,
  keys: readonly VoucherKey[],
): Promise<Outcome> {
  const { transactionId, requestHash, box } = prepared;
  if (answer.status === 200) {
    const { voucher: text, jws } = JSON.parse(answer.text) as RedeemAnswer;
    const bytes = bytesOf(text);
    const voucher = verifyVoucher(crypto, bytes, keys);
    const claims = await verifyVoucherJws(crypto, jws, keys);
    assert.equal(claims.jti, bytesToHex(transactionId));
    assert.ok(equalBytes(voucher.transactionId, transactionId), 'a voucher of another transaction');
    assert.ok(equalBytes(voucher.touchpointId, box.id), 'a voucher for another box');
    assert.ok(
      equalBytes(voucher.requestHash, requestHash.subarray(0, voucher.requestHash.length)),
      'another request',
    );
    return { granted: true, amountMinor: voucher.amountMinor, voucher: bytes, bytes: `${text} ${jws}` };
  }
  const problem = JSON.parse(answer.text) as Problem;
  assert.ok(problem.refusal !== undefined, answer.text);
  const refusal = await verifyRefusal(crypto, bytesOf(problem.refusal), keys);
  assert.ok(equalBytes(refusal.transactionId, transactionId), 'a refusal of another transaction');
  assert.ok(equalBytes(refusal.requestHash, requestHash), 'a refusal of another request');
  assert.equal(refusal.code, problem.code);
  return { granted: false, refusal, bytes: problem.refusal };
}

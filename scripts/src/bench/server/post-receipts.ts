/** The receipts of boxes for vouchers that were granted, handed in over HTTP as phones do. */
import { RECEIPTS_POSTED_MAX } from '@tapseal/shared/bounds';
import { base64urlToBytes, bytesToBase64url } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { ReceiptsAnswer, RedeemAnswer } from '@tapseal/shared/http-api';
import { FIRST_PREVIOUS_HASH, signReceipt } from '@tapseal/shared/receipt';
import { decodeVoucher } from '@tapseal/shared/voucher';
import { boxId, boxSigner, type Crowd, PROGRAMME } from './crowd.js';

const VOUCHER_BYTES_MAX = 512;
const POSTS_AT_ONCE = 16;

async function post(url: string, receipts: readonly string[]): Promise<void> {
  const answer = await fetch(`${url}/v1/programmes/${PROGRAMME}/receipts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ receipts }),
  });
  const { results } = (await answer.json()) as Partial<ReceiptsAnswer>;
  if (answer.status !== 200 || !results?.every(({ stored }) => stored))
    throw new Error(`receipts were not stored: ${answer.status} ${JSON.stringify(results)}`);
}

/**
 * The first receipts of each box.
 * @param boxes by which box each of the answers is for
 */
export async function postReceipts(
  url: string,
  crowd: Crowd,
  answers: readonly Uint8Array[],
  boxes: Uint32Array,
): Promise<void> {
  const crypto = createNativeCrypto();
  const chains = Array.from({ length: crowd.boxes }, (_, index) => ({
    id: boxId(crypto, crowd, index),
    signer: boxSigner(crypto, crowd, index),
    previousHash: FIRST_PREVIOUS_HASH as Uint8Array,
    receipts: [] as string[],
  }));
  for (const [index, answer] of answers.entries()) {
    const chain = chains[boxes[index] ?? 0];
    const { voucher } = JSON.parse(Buffer.from(answer).toString('utf8')) as RedeemAnswer;
    const bytes = base64urlToBytes(voucher, VOUCHER_BYTES_MAX);
    if (chain === undefined || bytes === undefined) throw new Error('an answer without a box or a voucher');
    const receipt = signReceipt(
      {
        touchpointId: chain.id,
        transactionId: decodeVoucher(bytes).voucher.transactionId,
        voucherHash: crypto.sha256(bytes),
        outcome: 'actuated',
        counter: chain.receipts.length + 1,
        previousHash: chain.previousHash,
      },
      chain.signer,
    );
    chain.previousHash = crypto.sha256(receipt);
    chain.receipts.push(bytesToBase64url(receipt));
  }
  const posts = chains.flatMap(({ receipts }) =>
    Array.from({ length: Math.ceil(receipts.length / RECEIPTS_POSTED_MAX) }, (_, i) =>
      receipts.slice(i * RECEIPTS_POSTED_MAX, (i + 1) * RECEIPTS_POSTED_MAX),
    ),
  );
  for (let first = 0; first < posts.length; first += POSTS_AT_ONCE)
    await Promise.all(posts.slice(first, first + POSTS_AT_ONCE).map((receipts) => post(url, receipts)));
}

/**
 * What was recorded is answered, also where the server ended between the two: the record is signed again, byte for byte, when
 * its phone asks again. Before a server listens it proves that it can: every decision that a phone may still be waiting for is
 * signed from its record, and held against the published key.
 */
import { X509Certificate } from 'node:crypto';
import { bytesToHex, equalBytes } from '@tapseal/shared/bytes';
import { verifyRefusal } from '@tapseal/shared/refusal';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { verifyVoucher } from '@tapseal/shared/voucher';
import { type VoucherKey, voucherKeyOf } from '@tapseal/shared/voucher-key';
import { signGrant, signRefused } from '../redeem/sign-decision.js';
import type { ServerContext } from '../server-context.js';
import type { Decision } from '../store/records.js';
import type { DecisionStore } from '../store/store-port.js';

/** The nonce of a tap is good for two minutes; the rest is for clocks of several servers, and for phones that are slow. */
const WAITING_MS_MAX = 300_000;
/**
 * Some 0.15 ms of processor time each. More would hold up the start for a check: they are signed all the same, each when it is
 * asked for.
 */
const HEALED_MAX = 1_000;
const PAGE = 500;

type HealContext = Pick<ServerContext, 'store' | 'authority' | 'crypto'>;

/** The decisions since `sinceMs`, the newest first. Sequences have no gaps. */
async function* newestDecisions(
  store: Pick<DecisionStore, 'lastSequence' | 'listDecisions'>,
  programme: string,
  sinceMs: number,
): AsyncGenerator<Decision> {
  let after = await store.lastSequence(programme);
  while (after > 0) {
    const countMax = Math.min(PAGE, after);
    after -= countMax;
    const page = await store.listDecisions(programme, {
      after,
      countMax,
      refusals: true,
      newestFirst: false,
    });
    const recent = page.filter(({ decision }) => decision.decidedAtMs >= sinceMs).reverse();
    for (const { decision } of recent) yield decision;
    if (recent.length < countMax) return;
  }
}

async function newestTime(store: DecisionStore, programme: string): Promise<number> {
  const query = { after: 0, countMax: 1, refusals: true, newestFirst: true };
  const [newest] = await store.listDecisions(programme, query);
  return newest?.decision.decidedAtMs ?? Number.NEGATIVE_INFINITY;
}

/** The voucher key as its certificate has it, which is what verifiers and boxes were told. */
function publishedKey({ authority, crypto }: HealContext): VoucherKey {
  const spki = new X509Certificate(authority.voucherCertificate.der).publicKey.export({
    format: 'der',
    type: 'spki',
  });
  // RFC 8410 §4: the 32 bytes of the key are the last.
  return voucherKeyOf(crypto, Uint8Array.from(spki.subarray(-32)));
}

async function heal(context: HealContext, published: VoucherKey, decision: Decision): Promise<void> {
  const { authority, crypto } = context;
  if (!equalBytes(authority.voucherKeyId, decision.voucherKeyId)) {
    throw new TapsealError(
      'voucher_key_missing',
      `key ${bytesToHex(decision.voucherKeyId)}, transaction ${bytesToHex(decision.transactionId)}`,
    );
  }
  try {
    if (decision.granted) verifyVoucher(crypto, signGrant(authority, decision), [published]);
    else await verifyRefusal(crypto, signRefused(authority, decision), [published]);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'voucher_signature_invalid'))
      throw error;
    throw new TapsealError('keys_mismatch', 'the voucher key and its certificate', { cause: error });
  }
}

/**
 * @returns how many decisions were signed again
 * @throws TapsealError voucher_key_missing, keys_mismatch
 */
export async function healAnswers(context: HealContext): Promise<number> {
  const { store } = context;
  const published = publishedKey(context);
  const newest = new Map<string, number>();
  for (const { id } of await store.listProgrammes()) newest.set(id, await newestTime(store, id));
  const sinceMs = Math.max(...newest.values()) - WAITING_MS_MAX;
  let healed = 0;
  for (const [programme, newestMs] of newest) {
    if (newestMs < sinceMs) continue;
    for await (const decision of newestDecisions(store, programme, sinceMs)) {
      if (healed === HEALED_MAX) return healed;
      await heal(context, published, decision);
      healed += 1;
    }
  }
  return healed;
}

/**
 * The verification of a voucher as a list of named checks. The checks themselves are shared's verifyVoucherFile; what it
 * throws tells how far it came, since its order is fixed: shape, algorithm, signature. What was handed in beside the voucher
 * comes after them.
 */
import type { AsyncVerifying, Hashing } from '@tapseal/shared/crypto-port';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { parseJwkSet } from '@tapseal/shared/jwk';
import { isTapsealError, TapsealError } from '@tapseal/shared/tapseal-error';
import { type VerifiedVoucher, verifyVoucherFile } from '@tapseal/shared/verify-voucher-file';
import { differencesOf, isOfferText } from './voucher-agreement.js';

export type CheckName = 'keys' | 'shape' | 'algorithm' | 'signature' | 'forms' | 'offer';

export type VoucherCheck = {
  readonly name: CheckName;
  readonly what: string;
  readonly result: 'passed' | 'failed' | 'not_reached';
};

export type VoucherVerdict = {
  /** Every check passed. */
  readonly valid: boolean;
  readonly checks: readonly VoucherCheck[];
  /** Present where its signature holds, also where it does not go with what was handed in beside it. */
  readonly voucher?: VerifiedVoucher;
  readonly error?: TapsealError;
};

/** Contents of files, as far as they were handed in. */
export type VoucherEvidence = {
  readonly voucher: Uint8Array;
  /** The same voucher in its other form. */
  readonly otherForm?: Uint8Array;
  /** Canonical JSON of the offer version. */
  readonly offerText?: Uint8Array;
};

type Crypto = AsyncVerifying & Pick<Hashing, 'sha256'>;

const sentences: Readonly<Record<CheckName, string>> = {
  keys: 'the JWK set holds Ed25519 keys',
  shape: 'it is a voucher, strictly encoded and not too long',
  algorithm: 'it is signed with EdDSA, and typed as a voucher',
  signature: 'one of these keys signed exactly these bytes',
  forms: 'the other form is signed too, and says the same, both hashes included',
  offer: 'the text is that of the offer version which granted it',
};

function namesOf({ otherForm, offerText }: VoucherEvidence): readonly CheckName[] {
  return [
    'keys',
    'shape',
    'algorithm',
    'signature',
    ...(otherForm === undefined ? [] : (['forms'] as const)),
    ...(offerText === undefined ? [] : (['offer'] as const)),
  ];
}

function failedCheck(code: ErrorCode): CheckName {
  if (code === 'suite_unsupported') return 'algorithm';
  return code === 'voucher_signature_invalid' ? 'signature' : 'shape';
}

function verdict(
  names: readonly CheckName[],
  failed: CheckName | undefined,
  rest: Pick<VoucherVerdict, 'voucher' | 'error'>,
): VoucherVerdict {
  const at = failed === undefined ? -1 : names.indexOf(failed);
  const resultOf = (index: number): VoucherCheck['result'] => {
    if (at < 0 || index < at) return 'passed';
    return index === at ? 'failed' : 'not_reached';
  };
  return {
    valid: at < 0,
    checks: names.map((name, index) => ({ name, what: sentences[name], result: resultOf(index) })),
    ...rest,
  };
}

/** @throws TapsealError voucher_mismatch, or why the other form is no voucher */
async function checkOtherForm(
  crypto: Crypto,
  voucher: VerifiedVoucher,
  otherForm: Uint8Array,
  jwkSet: unknown,
): Promise<void> {
  const other = await verifyVoucherFile(crypto, otherForm, jwkSet);
  if (other.form === voucher.form)
    throw new TapsealError('voucher_mismatch', `both are of the form ${other.form}`);
  const differences = differencesOf(voucher, other);
  if (differences.length > 0)
    throw new TapsealError('voucher_mismatch', `the forms differ in ${differences.join(', ')}`);
}

/** @param jwkSet parsed JSON */
export async function checkVoucher(
  crypto: Crypto,
  evidence: VoucherEvidence,
  jwkSet: unknown,
): Promise<VoucherVerdict> {
  const names = namesOf(evidence);
  const { otherForm, offerText } = evidence;
  let reached: CheckName = 'keys';
  let voucher: VerifiedVoucher | undefined;
  try {
    parseJwkSet(crypto, jwkSet);
    reached = 'shape';
    voucher = await verifyVoucherFile(crypto, evidence.voucher, jwkSet);
    reached = 'forms';
    if (otherForm !== undefined) await checkOtherForm(crypto, voucher, otherForm, jwkSet);
    reached = 'offer';
    if (offerText !== undefined && !isOfferText(crypto, voucher, offerText))
      throw new TapsealError('voucher_mismatch', 'the text has another hash than the voucher names');
    return verdict(names, undefined, { voucher });
  } catch (error) {
    if (!isTapsealError(error)) throw error;
    const failed = reached === 'shape' ? failedCheck(error.code) : reached;
    return verdict(names, failed, { error, ...(voucher === undefined ? {} : { voucher }) });
  }
}

/**
 * The verification of a voucher as a list of named checks. The checks themselves are shared's verifyVoucherFile; what it
 * throws tells how far it came, since its order is fixed: shape, algorithm, signature.
 */
import type { AsyncVerifying, Hashing } from '@tapseal/shared/crypto-port';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import { parseJwkSet } from '@tapseal/shared/jwk';
import { isTapsealError, type TapsealError } from '@tapseal/shared/tapseal-error';
import { type VerifiedVoucher, verifyVoucherFile } from '@tapseal/shared/verify-voucher-file';

export type CheckName = 'keys' | 'shape' | 'algorithm' | 'signature';

export type VoucherCheck = {
  readonly name: CheckName;
  readonly what: string;
  readonly result: 'passed' | 'failed' | 'not_reached';
};

export type VoucherVerdict = {
  readonly valid: boolean;
  readonly checks: readonly VoucherCheck[];
  readonly voucher?: VerifiedVoucher;
  readonly error?: TapsealError;
};

const checks: readonly { readonly name: CheckName; readonly what: string }[] = [
  { name: 'keys', what: 'the JWK set holds Ed25519 keys' },
  { name: 'shape', what: 'it is a voucher, strictly encoded and not too long' },
  { name: 'algorithm', what: 'it is signed with EdDSA, and typed as a voucher' },
  { name: 'signature', what: 'one of these keys signed exactly these bytes' },
];

function failedCheck(code: ErrorCode): CheckName {
  if (code === 'suite_unsupported') return 'algorithm';
  return code === 'voucher_signature_invalid' ? 'signature' : 'shape';
}

function verdict(
  failed: CheckName | undefined,
  rest: Pick<VoucherVerdict, 'voucher' | 'error'>,
): VoucherVerdict {
  const at = checks.findIndex((check) => check.name === failed);
  const resultOf = (index: number): VoucherCheck['result'] => {
    if (at < 0 || index < at) return 'passed';
    return index === at ? 'failed' : 'not_reached';
  };
  return {
    valid: at < 0,
    checks: checks.map((check, index) => ({ ...check, result: resultOf(index) })),
    ...rest,
  };
}

/** @param file content of the voucher file @param jwkSet parsed JSON */
export async function checkVoucher(
  crypto: AsyncVerifying & Pick<Hashing, 'sha256'>,
  file: Uint8Array,
  jwkSet: unknown,
): Promise<VoucherVerdict> {
  try {
    parseJwkSet(crypto, jwkSet);
  } catch (error) {
    if (isTapsealError(error)) return verdict('keys', { error });
    throw error;
  }
  try {
    return verdict(undefined, { voucher: await verifyVoucherFile(crypto, file, jwkSet) });
  } catch (error) {
    if (isTapsealError(error)) return verdict(failedCheck(error.code), { error });
    throw error;
  }
}

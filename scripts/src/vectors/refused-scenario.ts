/** What bad scenarios have in common. */
import { encodeCbor } from '@tapseal/shared/cbor';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { VectorLayer, VectorReader } from '@tapseal/shared/vectors/vector';
import { given, type Scenario, voucherFields } from './make-vector.js';

export function refused(
  name: string,
  reader: VectorReader,
  givenHere: Scenario['given'],
  message: Scenario['message'],
  [layer, code]: readonly [VectorLayer, ErrorCode],
  comment: string,
): Scenario {
  return { name, comment, reader, given: givenHere, message, refused: { layer, code } };
}

export const malformed = ['encoding', 'message_malformed'] as const;
export const tooLong = ['length', 'message_too_long'] as const;
export const otherSuite = ['suite', 'suite_unsupported'] as const;
export const falseVoucher = ['signature', 'voucher_signature_invalid'] as const;

export const keys = given.voucherKeys;
export const payload = encodeCbor(voucherFields);

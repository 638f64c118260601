/** Step 7, challenge: the hello answers this nonce, this phone and this transaction. An old hello answers none of them. */
import { equalBytes } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { Hashing } from '@tapseal/shared/crypto-port';
import type { Hello } from '@tapseal/shared/hello';
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** @throws TapsealError challenge_mismatch */
export function checkChallenge(
  hashing: Pick<Hashing, 'sha256'>,
  hello: Pick<Hello, 'challenge'>,
  asked: {
    readonly serverNonce: Uint8Array;
    readonly phoneId: Uint8Array;
    readonly transactionId: Uint8Array;
  },
): void {
  const expected = challengeOf(hashing, asked.serverNonce, asked.phoneId, asked.transactionId);
  if (!equalBytes(expected, hello.challenge)) throw new TapsealError('challenge_mismatch');
}

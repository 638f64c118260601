/**
 * Whether `server-secret.key` is the one behind the database. With another one every shopper of an app would be a new one, whose
 * limits count from zero, and nobody would notice. No fingerprint of it has to be kept: what the phones' certificates say is on
 * record under a MAC of the secret (authority/sealed-facts.ts), and without phones there is nothing to forget.
 */
import { equalBytes } from '@tapseal/shared/bytes';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { Authority } from '../authority/authority.js';
import { authorityFiles } from '../authority/key-files.js';
import type { PhoneRecord } from '../store/records.js';
import type { PhoneStore, ProgrammeStore } from '../store/store-port.js';

const PHONES_READ = 200;

/**
 * One phone that was sealed with the secret is enough: others may have registered while another one was in use.
 * @throws TapsealError keys_mismatch
 */
export function assertOwnSecret(
  { certificates }: Pick<Authority, 'certificates'>,
  programme: string,
  phones: readonly Pick<PhoneRecord, 'id' | 'certificate' | 'certificateFacts'>[],
): void {
  let strangers = 0;
  for (const { id, certificate, certificateFacts } of phones) {
    // Phones of before facts were kept, and certificates that could not be sealed, say nothing of the secret.
    if (certificateFacts === undefined || certificates.expiresAtMs(certificate) === undefined) continue;
    const own = certificates.seal(certificate, { unit: 'phone', programme, id });
    if (equalBytes(own, certificateFacts)) return;
    strangers += 1;
  }
  if (strangers === 0) return;
  throw new TapsealError('keys_mismatch', `programme ${programme}: ${authorityFiles.secret} is another one`);
}

/** @throws TapsealError keys_mismatch */
export async function assertSecretOfStore(
  store: Pick<ProgrammeStore, 'listProgrammes'> & Pick<PhoneStore, 'listPhones'>,
  authority: Pick<Authority, 'certificates'>,
): Promise<void> {
  for (const { id } of await store.listProgrammes()) {
    assertOwnSecret(authority, id, await store.listPhones(id, undefined, PHONES_READ));
  }
}

/** What every manifest of this deployment says, beside what is revoked; and which version it gets. */
import { signManifest } from '@tapseal/shared/manifest';
import type { Authority } from '../authority/authority.js';
import type { ManifestSigning } from '../store/store-port.js';

/**
 * The time of signing, so that versions go upwards across a restore as well: what was issued after the backup is forgotten,
 * but was issued before now. Two in one second, or a clock that was set back: one more than the newest. The versions that
 * boxes report are left out of it on purpose: one stolen box could report the last of all versions, and so end revocation.
 */
function nextVersion(newestVersion: number, issuedAtS: number): number {
  return Math.max(newestVersion + 1, issuedAtS);
}

export function manifestSigning(
  authority: Pick<Authority, 'rootSigner' | 'voucherSigner' | 'sealKey'>,
  nowMs: number,
): ManifestSigning {
  const issuedAtS = Math.floor(nowMs / 1_000);
  return (programme, newestVersion, revokedTouchpoints) => {
    const version = nextVersion(newestVersion, issuedAtS);
    const bytes = signManifest(
      {
        programme,
        version,
        issuedAtS,
        voucherKeys: [authority.voucherSigner.publicKey.bytes],
        sealKey: authority.sealKey.publicKey,
        revokedTouchpoints,
        revokedVoucherKeys: [],
      },
      authority.rootSigner,
    );
    return { version, bytes };
  };
}

/** What every manifest of this deployment says, beside its version and what is revoked. */
import { signManifest } from '@tapseal/shared/manifest';
import type { Authority } from '../authority/authority.js';
import type { ManifestSigning } from '../store/store-port.js';

export function manifestSigning(
  authority: Pick<Authority, 'rootSigner' | 'voucherSigner' | 'sealKey'>,
  nowMs: number,
): ManifestSigning {
  return (version, revokedTouchpoints) =>
    signManifest(
      {
        version,
        issuedAtS: Math.floor(nowMs / 1_000),
        voucherKeys: [authority.voucherSigner.publicKey.bytes],
        sealKey: authority.sealKey.publicKey,
        revokedTouchpoints,
        revokedVoucherKeys: [],
      },
      authority.rootSigner,
    );
}

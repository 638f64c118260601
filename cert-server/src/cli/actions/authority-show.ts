/** `tapseal authority show` */
import { X509Certificate } from 'node:crypto';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { rootFingerprintOf } from '@tapseal/shared/enrolment';
import { AuthorityAnswer } from '../../http/admin-schemas.js';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { printAnswer } from '../print-answer.js';
import { openServer } from '../session.js';
import { writeFileWhole } from '../write-file-whole.js';

type Options = GlobalOptions & { readonly out?: string };

export async function authorityShow(context: CommandContext, options: Options): Promise<void> {
  const client = openServer(context, options, { token: 'none' });
  const authority = await client.call({ path: '/v1/authority' }, AuthorityAnswer);
  const { out } = options;
  if (out !== undefined) writeFileWhole(out, authority.bundle, { mode: 0o644, replace: false });
  printAnswer(context, options, out === undefined ? authority : { ...authority, out }, () => {
    const inCodes = rootFingerprintOf(
      createNativeCrypto(),
      Uint8Array.from(new X509Certificate(authority.root).raw),
    );
    const groups = authority.rootSha256.toUpperCase().replace(/(.{4})(?=.)/g, '$1 ');
    return [
      'SHA-256 of the root certificate:',
      `  ${groups.slice(0, 39)}`,
      `  ${groups.slice(40)}`,
      'In enrolment codes, as their second half:',
      `  ${inCodes.replace(/(.{4})(?=.)/g, '$1-')}`,
      ...(out === undefined
        ? ['', authority.root.trim()]
        : [`The certificates of the authority are in ${out}.`]),
    ].join('\n');
  });
}

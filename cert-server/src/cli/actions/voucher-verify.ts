/** `tapseal voucher verify`: offline, with public keys alone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { ErrorCode } from '@tapseal/shared/error-codes';
import type { VerifiedVoucher } from '@tapseal/shared/verify-voucher-file';
import type { CommandContext, GlobalOptions } from '../command-context.js';
import { type Field, fieldLines } from '../fields-view.js';
import { readJwkSetFile } from '../jwk-set-file.js';
import type { KnownKeys } from '../jwk-sets.js';
import { opensslRecipe } from '../openssl-recipe.js';
import { printAnswer } from '../print-answer.js';
import { problemError, usageError } from '../problem-error.js';
import { readFileBounded } from '../read-file-bounded.js';
import { styleOf } from '../style.js';
import { checkVoucher, type VoucherVerdict } from '../voucher-checks.js';
import { writeFileWhole } from '../write-file-whole.js';

/** Longer than any form of a voucher: a JWS has at most 2,048 characters. */
const VOUCHER_FILE_BYTES_MAX = 4_096;

/** Longer than any offer version: the body that makes one has at most 16,384 bytes. */
const OFFER_TEXT_BYTES_MAX = 65_536;

type Options = GlobalOptions & {
  readonly jwks?: string;
  readonly otherForm?: string;
  readonly offerVersion?: string;
  readonly openssl?: true;
  readonly out?: string;
};

async function findKeys(context: CommandContext, options: Options): Promise<KnownKeys> {
  if (options.jwks !== undefined) return { jwkSet: readJwkSetFile(options.jwks), source: options.jwks };
  // Profiles and HTTP need schemas, whose library takes longer to load than all the rest; a file does not.
  const { findKnownKeys } = await import('../jwk-sets.js');
  return findKnownKeys(context, options);
}

function voucherFields(voucher: VerifiedVoucher): Field[] {
  const hashed = voucher.form === 'jws' ? 'SHA-256' : 'SHA-256, first 16 bytes:';
  return [
    ['transaction', voucher.transactionId],
    ['touchpoint', voucher.touchpointId],
    ['action', voucher.action],
    ['amount', `${voucher.amountMinor} (minor units)`],
    ['granted', new Date(voucher.serverTimeS * 1_000).toISOString().replace('.000', '')],
    ['programme', voucher.programme],
    ['offer', voucher.offer && `${voucher.offer}, version ${voucher.offerVersion}`],
    ['version', `${hashed} ${voucher.offerHash}`],
    ['request', `${hashed} ${voucher.requestHash}`],
  ];
}

function renderVerdict(context: CommandContext, keys: KnownKeys, verdict: VoucherVerdict): string {
  const style = styleOf(context.stdout);
  const marks = {
    passed: style.green('ok'),
    failed: style.red('FAILED'),
    not_reached: style.dim('not reached'),
  };
  const lines = verdict.checks.map(
    (check) => `${check.name.padEnd(10)} ${marks[check.result]}${style.dim(` – ${check.what}`)}`,
  );
  lines.push(style.dim(`Keys: ${keys.source}`), '');
  if (verdict.voucher === undefined) return [style.red(style.bold('NOT VALID')), ...lines].join('\n');
  const { form } = verdict.voucher;
  const kind = `voucher (${form === 'jws' ? 'JWS' : 'COSE'} form)`;
  const heading = verdict.valid
    ? style.green(`VALID ${kind}`)
    : style.red(`NO MATCH: a valid ${kind}, but what was given with it is not of it`);
  return [heading, ...lines, ...fieldLines(context.stdout, voucherFields(verdict.voucher))].join('\n');
}

/** The advice of these codes is written for whoever sends messages; here somebody was handed a file. */
function adviceFor(code: ErrorCode): string | undefined {
  if (code === 'voucher_mismatch') return undefined;
  return code === 'voucher_signature_invalid'
    ? 'Do not accept it. If the keys may be old, fetch them anew with --server URL.'
    : 'Do not accept it. Ask for the voucher again: the file is damaged, or something else.';
}

function printRecipe(
  context: CommandContext,
  options: Options,
  file: string,
  voucher: Uint8Array,
  keys: KnownKeys,
): void {
  const crypto = createNativeCrypto();
  if (options.out === undefined) {
    const recipe = opensslRecipe(crypto, file, voucher, keys.jwkSet);
    printAnswer(context, options, recipe, () => recipe.script.trimEnd());
    return;
  }
  const recipe = opensslRecipe(crypto, 'voucher', voucher, keys.jwkSet);
  mkdirSync(options.out, { recursive: true });
  const script = `#!/bin/sh\nset -e\ncd "$(dirname "$0")"\n\n${recipe.script}`;
  const written = { voucher, 'jwks.json': `${JSON.stringify(keys.jwkSet, null, 2)}\n`, 'verify.sh': script };
  for (const [name, content] of Object.entries(written)) {
    writeFileWhole(join(options.out, name), content, {
      mode: name === 'verify.sh' ? 0o755 : 0o644,
      replace: false,
    });
  }
  const { out } = options;
  printAnswer(context, options, { ...recipe, out, files: Object.keys(written) }, () =>
    [
      `${recipe.script}`,
      `These commands, the voucher and the keys are in ${out}: sh ${join(out, 'verify.sh')}`,
    ].join('\n'),
  );
}

export async function voucherVerify(context: CommandContext, options: Options, file: string): Promise<void> {
  if (options.out !== undefined && !options.openssl) {
    throw usageError('--out belongs to --openssl.', 'Add --openssl, or leave --out away.');
  }
  const { otherForm, offerVersion } = options;
  if (options.openssl && (otherForm !== undefined || offerVersion !== undefined)) {
    throw usageError(
      '--other-form and --offer-version do not go with --openssl.',
      'Leave --openssl away; docs/verify.md has the commands for the offer version.',
    );
  }
  const voucher = readFileBounded(file, VOUCHER_FILE_BYTES_MAX, 'a voucher');
  const evidence = {
    voucher,
    ...(otherForm === undefined
      ? {}
      : { otherForm: readFileBounded(otherForm, VOUCHER_FILE_BYTES_MAX, 'a voucher') }),
    ...(offerVersion === undefined
      ? {}
      : { offerText: readFileBounded(offerVersion, OFFER_TEXT_BYTES_MAX, 'the text of an offer version') }),
  };
  const keys = await findKeys(context, options);
  if (options.openssl) {
    printRecipe(context, options, file, voucher, keys);
    return;
  }
  const { error, ...verdict } = await checkVoucher(createNativeCrypto(), evidence, keys.jwkSet);
  const answer = {
    valid: verdict.valid,
    ...(error === undefined ? {} : { code: error.code }),
    checks: verdict.checks,
    keys: keys.source,
    ...(verdict.voucher === undefined ? {} : { voucher: verdict.voucher }),
  };
  printAnswer(context, options, answer, () => renderVerdict(context, keys, verdict));
  if (error !== undefined) throw problemError(error.code, error.detail ?? file, adviceFor(error.code));
}

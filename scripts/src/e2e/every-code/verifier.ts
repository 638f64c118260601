/** How to provoke every code of the verifier: `tapseal voucher verify` with public keys alone, and the function beneath it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandContext, TextSink } from '@tapseal/cert-server/cli/command-context';
import { runCommand } from '@tapseal/cert-server/cli/run-command';
import { bytesToBase64url, utf8 } from '@tapseal/shared/bytes';
import { encodeJwk } from '@tapseal/shared/jwk';
import { isTapsealError } from '@tapseal/shared/tapseal-error';
import { fixedOfferText, fixedParties, fixedTap } from '@tapseal/shared/vectors/fixed-parties';
import { verifyVoucherFile } from '@tapseal/shared/verify-voucher-file';
import { signVoucherJws, voucherClaims } from '@tapseal/shared/voucher-jws';
import { crypto, filesOf } from './bench-box.js';
import { withFolder } from './program-sighting.js';
import { type Scenario, type Scenarios, told } from './scenario.js';

const parties = fixedParties(crypto);
const tap = fixedTap(parties);
const jwkSet = { keys: [encodeJwk(crypto, parties.voucherKey.publicKey.bytes)] };
const jws = signVoucherJws(crypto, voucherClaims(tap.voucher, tap.grounds), parties.voucherSigner);

/** The command itself, with a home of its own. @returns the problem that it prints */
async function verifyOnCommandLine(
  home: string,
  file: string,
  keys: string,
  ...more: readonly string[]
): Promise<Record<string, unknown>> {
  let printed = '';
  const nowhere: TextSink = { write: () => true };
  const context: CommandContext = {
    env: { HOME: home },
    stdout: nowhere,
    stderr: {
      write: (text: string | Uint8Array) => {
        printed += String(text);
        return true;
      },
    },
    now: () => 0,
    onStop: () => {},
  };
  const args = ['voucher', 'verify', file, '--jwks', keys, '--json', ...more];
  const exitCode = await runCommand(context, args, '0');
  if (exitCode === 0) throw new Error('the voucher passed');
  return JSON.parse(printed);
}

/** Both ways have to agree on the code. The verifier keeps nothing but its files. */
const verifying =
  (voucher: Uint8Array): Scenario =>
  () =>
    withFolder(async (folder) => {
      const [file, keys] = [join(folder, 'voucher'), join(folder, 'jwks.json')];
      writeFileSync(file, voucher);
      writeFileSync(keys, JSON.stringify(jwkSet));
      const before = filesOf(folder);
      const problem = await verifyOnCommandLine(folder, file, keys);
      const thrown: unknown = await verifyVoucherFile(crypto, voucher, jwkSet).catch(
        (error: unknown) => error,
      );
      if (!isTapsealError(thrown) || thrown.code !== problem.code)
        throw new Error(`verifyVoucherFile says otherwise: ${String(thrown)}`);
      return { code: String(problem.code), ...told(problem), before, after: filesOf(folder) };
    });

/** A good voucher, and the text of another version of its offer. */
const verifyingWithOtherVersion: Scenario = () =>
  withFolder(async (folder) => {
    const [file, keys, text] = [join(folder, 'voucher'), join(folder, 'jwks.json'), join(folder, 'offer')];
    writeFileSync(file, tap.signedVoucher);
    writeFileSync(keys, JSON.stringify(jwkSet));
    writeFileSync(text, fixedOfferText.replace('"version":3', '"version":4'));
    const before = filesOf(folder);
    const problem = await verifyOnCommandLine(folder, file, keys, '--offer-version', text);
    return { code: String(problem.code), ...told(problem), before, after: filesOf(folder) };
  });

const withHeader = (alg: string): Uint8Array => {
  const [, ...rest] = jws.split('.');
  return utf8([bytesToBase64url(utf8(JSON.stringify({ alg }))), ...rest].join('.'));
};

const forged = Uint8Array.from(tap.signedVoucher);
forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;

export const verifierScenarios: Scenarios<'verifier'> = {
  message_malformed: verifying(tap.signedVoucher.subarray(0, -1)),
  message_too_long: verifying(utf8(jws + 'A'.repeat(2_000))),
  suite_unsupported: verifying(withHeader('none')),
  voucher_signature_invalid: verifying(forged),
  voucher_mismatch: verifyingWithOtherVersion,
};

/** Checks a voucher with openssl and the tools of every Unix, by the commands that `tapseal voucher verify --openssl` prints. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Venue } from './venue.js';

function sh(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', [script], { timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(`the commands failed: ${stderr || error.message}`));
    });
  });
}

/** @returns the commands, and what openssl said. @throws Error unless the signature holds, or if it holds for an altered voucher */
export async function verifyWithOpenssl(
  venue: Venue,
  transactionId: string,
): Promise<{ script: string; output: string }> {
  const voucherFile = join(venue.folder, 'voucher.jws');
  const checkFolder = join(venue.folder, 'check');
  await venue.tapseal('voucher', 'show', transactionId, '--out', voucherFile);
  await venue.tapseal('voucher', 'verify', voucherFile, '--openssl', '--out', checkFolder);
  const scriptFile = join(checkFolder, 'verify.sh');
  const output = await sh(scriptFile);
  return { script: readFileSync(scriptFile, 'utf8').trim(), output: output.split('\n').at(-1) ?? '' };
}

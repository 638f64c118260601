/** Where the enrolment code comes from: a file, the environment or a prompt. Never an argument, which everyone could read. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { type EnrolmentCode, parseEnrolmentCode } from '@tapseal/shared/enrolment';
import { TapsealError } from '@tapseal/shared/tapseal-error';

/** @throws TapsealError usage_invalid */
export async function readEnrolmentCode(
  codeFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<EnrolmentCode> {
  const code = parseEnrolmentCode(await readText(codeFile, environment.TAPSEAL_ENROLMENT_CODE));
  // Without its text: most of a mistyped code is still the secret.
  if (code === undefined) throw new TapsealError('usage_invalid', 'the enrolment code is not one');
  return code;
}

async function readText(codeFile: string | undefined, fromEnvironment: string | undefined): Promise<string> {
  if (codeFile !== undefined) {
    try {
      return readFileSync(codeFile, 'utf8').trim();
    } catch (cause) {
      throw new TapsealError('usage_invalid', `--code-file ${codeFile} cannot be read`, { cause });
    }
  }
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (!process.stdin.isTTY)
    throw new TapsealError('usage_invalid', 'no enrolment code: use --code-file or TAPSEAL_ENROLMENT_CODE');
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await prompt.question('Enrolment code: ');
  } finally {
    prompt.close();
  }
}

/** `tapseal-beacon enroll`: over the network, or by two files carried on a stick. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, utf8 } from '@tapseal/shared/bytes';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { CryptoPort } from '@tapseal/shared/crypto-port';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { findConfig, stateDirectory } from '../config/config-file.js';
import { installBox, isEnrolled, type NewBox } from '../enrol/box-directory.js';
import { checkEnrolmentAnswer, parseEnrolmentAnswer } from '../enrol/enrolment-answer.js';
import { readEnrolmentCode } from '../enrol/enrolment-code.js';
import { decodeDraft, draftEnrolment, encodeDraft } from '../enrol/enrolment-draft.js';
import { parseServerUrl, postEnrolment } from '../enrol/post-enrolment.js';
import { replaceFile } from '../store/disk.js';
import { NodeDisk } from '../store/node-disk.js';
import { lockState } from '../store/state-lock.js';
import type { CommandOptions } from './command-options.js';
import { EXIT_OK } from './exit-codes.js';

export type EnrollOptions = CommandOptions & {
  readonly server?: string;
  readonly codeFile?: string;
  readonly ca?: string;
  readonly requestOut?: string;
  readonly responseIn?: string;
  readonly replace?: boolean;
};

const DRAFT_FILE = 'enrolment-draft.json';

/** @throws TapsealError usage_invalid, already_enrolled, state_in_use, and what the ways of enrolment throw */
export async function commandEnroll(options: EnrollOptions): Promise<number> {
  const ways = [options.server, options.requestOut, options.responseIn].filter((way) => way !== undefined);
  if (ways.length !== 1)
    throw new TapsealError('usage_invalid', 'give one of --server, --request-out and --response-in');
  const configured = findConfig(options.config, process.env)?.config.stateDirectory;
  const directory = stateDirectory(options.stateDir ?? configured, process.env);
  if (isEnrolled(directory) && options.replace !== true)
    throw new TapsealError('already_enrolled', directory);
  makeStateDirectory(directory);
  const lock = await lockState(directory);
  try {
    const crypto = createNativeCrypto();
    if (options.requestOut !== undefined)
      return await writeRequest(crypto, options, options.requestOut, directory);
    const box =
      options.responseIn === undefined
        ? await enrolOverNetwork(crypto, options)
        : enrolFromFile(crypto, options.responseIn, directory);
    installBox(directory, box);
    rmSync(join(directory, DRAFT_FILE), { force: true });
    print(options, enrolledLine(box));
    return EXIT_OK;
  } finally {
    lock.release();
  }
}

async function enrolOverNetwork(crypto: CryptoPort, options: EnrollOptions): Promise<NewBox> {
  const server = parseServerUrl(options.server ?? '');
  const code = await readEnrolmentCode(options.codeFile, process.env);
  const { draft, request } = await draftEnrolment(crypto, code);
  const trust = { rootFingerprint: code.rootFingerprint, caFile: options.ca };
  return checkEnrolmentAnswer(crypto, await postEnrolment(crypto, server, trust, request), draft);
}

async function writeRequest(
  crypto: CryptoPort,
  options: EnrollOptions,
  file: string,
  directory: string,
): Promise<number> {
  const code = await readEnrolmentCode(options.codeFile, process.env);
  const { draft, request } = await draftEnrolment(crypto, code);
  const disk = new NodeDisk(directory);
  replaceFile(disk, DRAFT_FILE, utf8(encodeDraft(draft)));
  disk.close();
  try {
    // It holds the code: nobody else on this machine is to read it.
    writeFileSync(file, `${JSON.stringify(request, undefined, 2)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new TapsealError('usage_invalid', `--request-out ${file} cannot be written`, { cause });
  }
  print(options, {
    json: { event: 'requested', request: file },
    text: `Wrote ${file}. On the server: tapseal touchpoint enroll-file ${file} --out RESPONSE\nThen here: tapseal-beacon enroll --response-in RESPONSE`,
  });
  return EXIT_OK;
}

function enrolFromFile(crypto: CryptoPort, file: string, directory: string): NewBox {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TapsealError('usage_invalid', `--response-in ${file} cannot be read`, { cause });
  }
  const draft = new NodeDisk(directory).read(DRAFT_FILE);
  if (draft === undefined)
    throw new TapsealError('usage_invalid', 'this box has made no request: use --request-out first');
  return checkEnrolmentAnswer(
    crypto,
    parseEnrolmentAnswer(text),
    decodeDraft(new TextDecoder().decode(draft)),
  );
}

function makeStateDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TapsealError('storage_failed', cause instanceof Error ? cause.message : undefined, { cause });
  }
}

type Answer = { readonly json: Readonly<Record<string, unknown>>; readonly text: string };

function enrolledLine({ identity }: NewBox): Answer {
  const { name, programme } = identity;
  const touchpointId = bytesToHex(identity.touchpointId);
  return {
    json: { event: 'enrolled', name, programme, touchpointId },
    text: `Enrolled as ${name} (${touchpointId}) of ${programme}. Start it with: tapseal-beacon run`,
  };
}

function print(options: EnrollOptions, answer: Answer): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(answer.json)}\n` : `${answer.text}\n`);
}

/**
 * Whether the table of codes (docs/errors.md) tells the truth: parties raise what it says they raise, and what its sentences
 * send people to is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from '@tapseal/cert-server/cli/command-context';
import { buildProgram } from '@tapseal/cert-server/cli/program';
import {
  BOX_NONCE_TTL_MS,
  ENROLMENT_CODE_TTL_MS,
  HTTP_BODY_BYTES_MAX,
  PROTOCOL_VERSION,
  SERVER_NONCE_TTL_MS,
  SUITE,
  TRANSACTION_ID_BYTES,
} from '@tapseal/shared/bounds';
import { type ErrorCode, errorCodes, errorTable, isErrorCode } from '@tapseal/shared/error-codes';
import { expect, test } from 'vitest';
import type { Program } from '../fleet/package-bin.js';
import { runProgram } from '../fleet/run-program.js';
import type { Party } from './every-code/scenario.js';

const root = resolve(fileURLToPath(new URL('../../..', import.meta.url)));

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** What ships, below a folder: not the tests, nor what they stand on. */
function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ts$/.test(name) && !/\.(test|contract)\.ts$|(^|\/)testing\//.test(name))
    .map((name) => join(folder, name));
}

/** Deeper folders first: a source belongs to the first one that it is in. */
const owners: readonly (readonly [folder: string, parties: readonly Party[]])[] = [
  ['cert-server/src/cli', ['operator', 'verifier']],
  // `tapseal init` and `tapseal serve` call these, and so an operator sees what they throw.
  ['cert-server/src/server', ['server', 'operator']],
  // A store is opened by commands as well.
  ['cert-server/src/store', ['server', 'operator']],
  ['cert-server/src', ['server']],
  ['beacon/src', ['touchpoint']],
  ['mobile-sdk/src', ['phone']],
];

test('no party raises a code that the table does not give it', () => {
  const faults: string[] = [];
  for (const file of owners.flatMap(([folder]) => sourcesOf(folder))) {
    const [, parties = []] = owners.find(([folder]) => file.startsWith(`${folder}/`)) ?? [];
    for (const [, code = ''] of read(file).matchAll(/(?:TapsealError|problemError)\(\s*'([a-z_]+)'/g)) {
      const raisedBy: readonly Party[] = isErrorCode(code) ? errorTable[code].by : [];
      if (!parties.some((party) => raisedBy.includes(party))) faults.push(`${file}: ${code}`);
    }
  }
  expect([...new Set(faults)]).toEqual([]);
});

const context: CommandContext = {
  env: {},
  stdout: { write: () => true },
  stderr: { write: () => true },
  now: () => 0,
  onStop: () => {},
};

/** The help of the command that these words lead to; undefined where one of them is no command. */
async function helpOf(program: Program, words: readonly string[]): Promise<string | undefined> {
  if (program !== 'tapseal') {
    const { exitCode, stdout } = await runProgram(program, [...words, '--help']);
    const isOfCommand = stdout.startsWith(`Usage: ${[program, ...words].join(' ')} `);
    return exitCode === 0 && isOfCommand ? stdout : undefined;
  }
  let command = await buildProgram(context, '0', words);
  for (const word of words) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) return undefined;
    command = next;
  }
  return command.helpInformation();
}

const programs: readonly string[] = ['tapseal', 'tapseal-beacon', 'tapseal-shopper'] satisfies Program[];

const spellings = [
  // In backquotes, as `tapseal offer show` or `tapseal-beacon enroll --request-out FILE`.
  /`(tapseal(?:-beacon|-shopper)?(?: [^`$\n]*)?)`/g,
  // In what is printed: after a colon, or indented as a line of its own.
  /(?::|['`]) +(?:sudo -u tapseal )?(tapseal(?:-beacon|-shopper)? [a-z][^'`\\\n]*)/g,
];

/** Every command of ours that a text names. */
function commandsIn(text: string): string[] {
  return spellings.flatMap((spelling) => [...text.matchAll(spelling)].map(([, command = '']) => command));
}

async function faultOf(command: string): Promise<string | undefined> {
  const [program = '', ...rest] = command.split(' ');
  if (!programs.includes(program)) return `${command}: no such program`;
  const firstArgument = rest.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const words = firstArgument < 0 ? rest : rest.slice(0, firstArgument);
  const help = await helpOf(program as Program, words);
  if (help === undefined) return `${command}: no such command`;
  const missing = rest.filter((word) => word.startsWith('--') && !help.includes(`${word}`));
  return missing.length === 0 ? undefined : `${command}: no option ${missing.join(', ')}`;
}

const sentences = errorCodes.map((code) => `${errorTable[code].title} ${errorTable[code].advice}`);

test('every command that a sentence names is one of the real programs, with its options', async () => {
  const sources = ['cert-server/src', 'beacon/src', 'mobile-sdk/src', 'shared/src'].flatMap(sourcesOf);
  const texts = [...sentences, ...sources.map(read), read('docs/errors.md')];
  const commands = [...new Set(texts.flatMap(commandsIn))];
  expect(commands.length).toBeGreaterThan(20);
  // What an operator carries to a box.
  expect(commands).toContain('tapseal-beacon enroll --request-out REQUEST');
  expect(commands).toContain('tapseal-beacon enroll --response-in FILE');
  const faults = await Promise.all(commands.map(faultOf));
  expect(faults.filter((fault) => fault !== undefined)).toEqual([]);
});

test('an option that an advice names alone is one of the command that raises the code', async () => {
  const help = await helpOf('tapseal-beacon', ['enroll']);
  expect(errorTable.already_enrolled.advice).toContain('`--replace`');
  expect(help).toContain('--replace');
});

test('every document and section that a sentence names is there', () => {
  const faults: string[] = [];
  for (const sentence of sentences) {
    for (const [, file = '', section] of sentence.matchAll(/(docs\/[a-z-]+\.md)(?: §([\d.]*\d))?/g)) {
      const isThere =
        existsSync(join(root, file)) &&
        (section === undefined ||
          new RegExp(`^##+ ${section.replaceAll('.', '\\.')}\\.? `, 'm').test(read(file)));
      if (!isThere) faults.push(sentence);
    }
  }
  expect(faults).toEqual([]);
  for (const role of ['owner', 'operator', 'auditor', 'app'])
    expect(read('docs/operations.md')).toMatch(new RegExp(`^\\| \`?${role}\`? `, 'm'));
  expect(existsSync(join(root, 'hardware/systemd/tapseal-beacon.service'))).toBe(true);
});

test.each<[ErrorCode, string]>([
  ['nonce_expired', `older than ${SERVER_NONCE_TTL_MS / 1_000} seconds`],
  ['voucher_nonce_unknown', `over ${BOX_NONCE_TTL_MS / 1_000} seconds old`],
  ['enrolment_code_invalid', `older than ${ENROLMENT_CODE_TTL_MS / 60_000} minutes`],
  ['body_too_long', `at most ${HTTP_BODY_BYTES_MAX / 1_024} KiB`],
  ['voucher_unknown', `${TRANSACTION_ID_BYTES * 2} hexadecimal digits`],
  ['version_unsupported', `version ${PROTOCOL_VERSION}.`],
  ['suite_unsupported', `suite ${SUITE} `],
])('the figure in the sentences of %s is that of the bounds', (code, figure) => {
  expect(`${errorTable[code].title} ${errorTable[code].advice}`).toContain(figure);
});

/** The commands that need no radio, on a box that is enrolled by two files. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrolmentSecretHash, formatEnrolmentCode } from '@tapseal/shared/enrolment';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { seededCrypto } from '../testing/seeded-crypto.js';
import { TestAuthority } from '../testing/test-authority.js';
import { commandEnroll } from './command-enroll.js';
import { commandSelfTest } from './command-self-test.js';
import { commandStatus } from './command-status.js';
import { exitCodeOf } from './exit-codes.js';
import { printError } from './print-error.js';

const crypto = seededCrypto(904);
let directory: string;
let printed: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-commands-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true, force: true });
});

function file(name: string, text?: string): string {
  const path = join(directory, name);
  if (text !== undefined) writeFileSync(path, text);
  return path;
}

function options(): { json: true; stateDir: string; config: string } {
  return {
    json: true,
    stateDir: join(directory, 'state'),
    config: file('beacon.toml', '[actions.open]\nactuator = "log"\n'),
  };
}

async function enrol(extra: { replace?: boolean } = {}): Promise<void> {
  const authority = await TestAuthority.make(crypto);
  const code = authority.makeCode();
  const codeFile = file('code', `${formatEnrolmentCode(code).toLowerCase()}\n`);
  const request = join(directory, 'request.json');
  await commandEnroll({ ...options(), ...extra, codeFile, requestOut: request });
  expect(statSync(request).mode & 0o777).toBe(0o600);
  const { response } = await authority.enrol(JSON.parse(readFileSync(request, 'utf8')), {
    secretHash: enrolmentSecretHash(crypto, code.secret),
    touchpointId: crypto.randomBytes(8),
  });
  const responseIn = file('response.json', JSON.stringify(response));
  await commandEnroll({ ...options(), ...extra, responseIn });
  rmSync(request);
}

function lastLine(): unknown {
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '');
}

describe('enroll', () => {
  test('by two files, once; again only with --replace', async () => {
    await enrol();
    expect(lastLine()).toMatchObject({ event: 'enrolled', name: 'lobby-1', programme: 'test' });
    await expect(enrol()).rejects.toMatchObject({ code: 'already_enrolled' });
    await enrol({ replace: true });
  });

  test('keeps nothing of an answer that does not hold', async () => {
    const [first, second] = await Promise.all([TestAuthority.make(crypto), TestAuthority.make(crypto)]);
    const code = first.makeCode();
    const requestOut = join(directory, 'request.json');
    await commandEnroll({ ...options(), codeFile: file('code', formatEnrolmentCode(code)), requestOut });
    const { response } = await second.enrol(JSON.parse(readFileSync(requestOut, 'utf8')), {
      secretHash: enrolmentSecretHash(crypto, code.secret),
      touchpointId: new Uint8Array(8),
    });
    const responseIn = file('response.json', JSON.stringify(response));
    await expect(commandEnroll({ ...options(), responseIn })).rejects.toMatchObject({
      code: 'server_answer_invalid',
    });
    await expect(commandStatus(options())).rejects.toMatchObject({ code: 'not_enrolled' });
  });

  test('never takes a code that is none, nor repeats it', async () => {
    const codeFile = file('code', 'ABCD-EFGH-SECRET');
    await expect(commandEnroll({ ...options(), codeFile, requestOut: '/dev/null' })).rejects.toMatchObject({
      code: 'usage_invalid',
      message: expect.not.stringContaining('SECRET'),
    });
  });

  test('wants one way', async () => {
    await expect(commandEnroll(options())).rejects.toMatchObject({ code: 'usage_invalid' });
    await expect(commandEnroll({ ...options(), server: 'https://a', requestOut: 'x' })).rejects.toMatchObject(
      { code: 'usage_invalid' },
    );
  });
});

test('status says who the box is and what it keeps', async () => {
  await expect(commandStatus(options())).rejects.toMatchObject({ code: 'not_enrolled' });
  await enrol();
  expect(await commandStatus(options())).toBe(0);
  expect(lastLine()).toMatchObject({
    enrolled: true,
    name: 'lobby-1',
    certificateValidTo: '2046-01-01T00:00:00.000Z',
    manifestVersion: 1,
    receiptsUnacknowledged: 0,
    newestServerTime: null,
    store: 'sound',
    journalTornBytes: 0,
  });
});

describe('self-test', () => {
  function checks(): Record<string, boolean> {
    const lines: { check: string; ok: boolean }[] = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return Object.fromEntries(lines.map(({ check, ok }) => [check, ok]));
  }

  test('of a box that is well', async () => {
    await enrol();
    printed = '';
    expect(await commandSelfTest({ ...options(), radio: false, actuate: 'open' })).toBe(0);
    expect(checks()).toEqual({
      configuration: true,
      enrolment: true,
      disk: true,
      key: true,
      store: true,
      manifest: true,
      'actuator open': true,
      'actuate open': true,
    });
  });

  test('goes on after a fault and names each', async () => {
    await enrol();
    printed = '';
    const config = file('broken.toml', '[actions.open]\nactuator = "command"\npath = "/nowhere/open"\n');
    writeFileSync(join(directory, 'state', 'current', 'journal'), 'nonsense');
    expect(await commandSelfTest({ ...options(), config, radio: false })).toBe(1);
    expect(checks()).toMatchObject({ enrolment: true, key: true, store: false, 'actuator open': false });
  });

  test('of an unknown action', async () => {
    await expect(commandSelfTest({ ...options(), radio: false, actuate: 'fly' })).rejects.toMatchObject({
      code: 'usage_invalid',
    });
  });
});

test('an error is told without a stack, whatever it is', () => {
  let text = '';
  const code = printError(new TypeError('boom'), false, (line) => {
    text += line;
  });
  expect(code).toBe(1);
  expect(text).toMatch(/boom/);
  expect(text).not.toMatch(/\n\s+at /);
  const codes = [
    'config_invalid',
    'adapter_missing',
    'adapter_down',
    'adapter_busy',
    'adapter_forbidden',
    'not_enrolled',
  ] as const;
  expect(codes.map(exitCodeOf)).toEqual([2, 6, 7, 8, 9, 4]);
});

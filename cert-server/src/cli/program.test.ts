import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandContext, TextSink } from './command-context.js';
import { buildProgram } from './program.js';
import { runCommand } from './run-command.js';

let directory: string;
let printed: { stdout: string; stderr: string };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-program-'));
  printed = { stdout: '', stderr: '' };
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function contextOf(): CommandContext {
  const sink = (name: 'stdout' | 'stderr'): TextSink => ({
    write: (text: string | Uint8Array) => {
      printed[name] += String(text);
      return true;
    },
  });
  return {
    env: { HOME: directory },
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    now: () => 0,
    onStop: () => undefined,
  };
}

function pathsOf(command: Command, path: readonly string[]): (readonly string[])[] {
  return [path, ...command.commands.flatMap((child) => pathsOf(child, [...path, child.name()]))];
}

async function everyPath(): Promise<(readonly string[])[]> {
  return pathsOf(await buildProgram(contextOf(), '0', ['completion']), []);
}

test('the guide for operators names every command', async () => {
  const guide = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  for (const path of await everyPath()) expect(guide).toContain(['tapseal', ...path].join(' '));
});

test('the help of every command has an example of that command, and does nothing', async () => {
  for (const path of await everyPath()) {
    printed = { stdout: '', stderr: '' };
    expect(await runCommand(contextOf(), [...path, '--help'], '0')).toBe(0);
    expect(printed.stderr).toBe('');
    expect(printed.stdout).toMatch(/^Usage: tapseal/);
    const joined = printed.stdout.replaceAll(/ \\\n +/g, ' ');
    const example = joined.slice(joined.indexOf('\nExample'));
    expect(example).toContain(['tapseal', ...path].join(' '));
    for (const line of printed.stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(readdirSync(directory)).toEqual([]);
  }
});

test('every example is a command line that parses', async () => {
  for (const path of await everyPath()) {
    printed = { stdout: '', stderr: '' };
    await runCommand(contextOf(), [...path, '--help'], '0');
    const joined = printed.stdout.replaceAll(/ \\\n +/g, ' ');
    for (const [, line = ''] of joined.matchAll(/^ {2}\$ (.*)$/gm)) {
      for (const part of line.split(/ \| | && | >> |<\(|\)/)) {
        if (!part.startsWith('tapseal ')) continue;
        const words = [...part.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? '');
        const program = await buildProgram(contextOf(), '0', words);
        silenceActions(program);
        await expect(program.parseAsync(words.slice(1), { from: 'user' }), part).resolves.toBeDefined();
      }
    }
  }
});

test('the groups that nobody names are listed in the help, and not loaded', async () => {
  const program = await buildProgram(contextOf(), '0', ['offer', 'list']);
  const filled = program.commands.filter((command) => command.commands.length > 0);
  expect(filled.map((command) => command.name())).toEqual(['offer']);
  const help = program.helpInformation();
  for (const [name, ...below] of await everyPath()) {
    if (name !== undefined && below.length === 0) expect(help).toContain(`\n  ${name}`);
  }
});

function silenceActions(command: Command): void {
  if (command.commands.length === 0) command.action(() => undefined);
  command.commands.forEach(silenceActions);
}

test('a command that is left out: help on standard error and exit code 2', async () => {
  expect(await runCommand(contextOf(), ['offer'], '0')).toBe(2);
  expect(printed.stdout).toBe('');
  expect(printed.stderr).toContain('create [options] <offer>');
});

test.each([
  [['ofer', 'list'], "Unknown command 'ofer' (Did you mean offer?)"],
  [['offer', 'lsit'], 'Did you mean list?'],
  [['offer', 'list', '--jsno'], 'Did you mean --json?'],
  [['offer', 'show'], "Missing required argument 'offer'."],
  [['offer', 'create', 'x', '--action', 'open'], "Required option '--touchpoint <name>' not specified."],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--max', '0'], 'from 1 to'],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--until', '25:00'], '00:00 to 23:59'],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--until', '12'], 'for example 12:00'],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--amount', '-5'], 'not negative'],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'explode'], 'open, dispense, start'],
  [['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--weekdays', 'mo'], 'mon-fri'],
  [
    ['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--valid-to', '2026-02-30'],
    '2026-05-31',
  ],
  [['offer', 'create', 'Über', '--touchpoint', 'a', '--action', 'open'], 'lower-case letters'],
  [
    ['offer', 'create', 'x', '--touchpoint', 'a', '--action', 'open', '--from', '9:00', '--until', '09:00'],
    'that is no window',
  ],
  [
    [
      'offer',
      'create',
      'x',
      '--touchpoint',
      'a',
      '--action',
      'open',
      '--valid-from',
      '2026-06-01',
      '--valid-to',
      '2026-05-01',
    ],
    'is before --valid-from',
  ],
  [['offer', 'change', 'x', '--limit', '5/week/week'], 'two periods'],
  [['offer', 'change', 'x', '--cooldown', 'soon'], 'for example 30s'],
  [['offer', 'change', 'x', '--except', 'Christmas'], '2026-12-24'],
  [['offer', 'change', 'x', '--spend', 'confirmed:1s'], 'confirmed:24h'],
  [['offer', 'change', 'x', '--key', 'summer'], 'a name and a value'],
  [['offer', 'versions', 'x', '--out', 'file'], '--out belongs to --show'],
  [['offer', 'explain', 'x', '--shopper', 'Ada'], 'the id of a shopper'],
  [['touchpoint', 'set', 'lobby-1'], 'This changes nothing.'],
  [['shopper', 'set', '0f8a5c2e9b7d41360f8a5c2e'], 'This changes nothing.'],
  [['grant', 'release', '12'], '32 hexadecimal digits'],
  [['init', '--time-zone', 'Europe/Atlantis'], 'IANA time zone'],
  [['init', '--currency', 'XYZ1'], 'ISO 4217'],
  [['init', '--programme', 'North Mall'], 'cannot name a programme'],
  [['voucher', 'show', '12'], '32 hexadecimal digits'],
  [['serve', '--tls-cert', 'x'], 'belong together'],
  [['serve', '--port', '70000'], '0 to 65535'],
  [['token', 'create', '--role', 'root'], 'owner, operator, auditor, app'],
  [['offer', 'list'], 'No server is known'],
  [['offer', 'list', '--server', 'ftp://x'], 'is not the address of a server'],
  [['offer', 'list', '--server', 'http://192.0.2.1'], 'plain HTTP on another machine'],
  [['offer', 'list', '--server', 'http://u:p@localhost'], 'is not the address of a server'],
  [['offer', 'list', '--profile', 'nobody'], 'There is no profile "nobody"'],
  [['completion', 'fish'], 'bash or zsh'],
])('wrong usage says what is wrong, changes nothing, exit code 2: %j', async (args, sentence) => {
  expect(await runCommand(contextOf(), args, '0')).toBe(2);
  expect(printed.stdout).toBe('');
  expect(printed.stderr.replaceAll(/\s+/g, ' ')).toContain(sentence);
  expect(printed.stderr).toContain('What to do: ');
  expect(printed.stderr).toContain('Code: usage_invalid');
  expect(readdirSync(directory)).toEqual([]);
});

test('with --json a fault is one problem object on standard error', async () => {
  expect(await runCommand(contextOf(), ['offer', 'show', '--json'], '0')).toBe(2);
  expect(JSON.parse(printed.stderr)).toMatchObject({
    type: 'urn:tapseal:problem:usage_invalid',
    code: 'usage_invalid',
    detail: "Missing required argument 'offer'.",
  });
});

test('a token that is pasted in place of its id is not repeated', async () => {
  const args = ['token', 'revoke', 'tapseal_secret-that-nobody-may-see'];
  expect(await runCommand(contextOf(), args, '0')).toBe(2);
  expect(printed.stderr).toContain('no id of a token');
  expect(printed.stdout + printed.stderr).not.toContain('secret-that');
});

test('the completion knows every command and every option', async () => {
  expect(await runCommand(contextOf(), ['completion', 'bash'], '0')).toBe(0);
  for (const path of await everyPath())
    expect(printed.stdout).toContain(`'${path.map((word) => `/${word}`).join('')}')`);
  expect(printed.stdout).toContain('--per-week');
  expect(printed.stdout).toContain('--no-limits');
  expect(existsSync(join(directory, '.config'))).toBe(false);
});

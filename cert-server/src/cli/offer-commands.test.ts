/** The commands about offers, labels and held places against a real app on loopback, whose clock the test sets. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestBox } from '../testing/test-box.js';
import { TestPhone } from '../testing/test-phone.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';
import { formatInstant } from './format-instant.js';
import { runCommand } from './run-command.js';

let server: TestServer;
let home: string;
let url: string;
let box: TestBox;
let phone: TestPhone;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tapseal-offers-'));
  server = await startTestServer();
  url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  box = await TestBox.enrol(server, 'lobby-1');
  phone = await TestPhone.register(server);
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true });
});

async function run(...args: readonly string[]) {
  const printed = { stdout: '', stderr: '' };
  const sink = (stream: 'stdout' | 'stderr') => ({
    write: (text: string | Uint8Array) => {
      printed[stream] += String(text);
      return true;
    },
  });
  const env = {
    HOME: home,
    TAPSEAL_SERVER: url,
    TAPSEAL_PROGRAMME: 'venue',
    TAPSEAL_TOKEN: server.ownerToken,
  };
  const context = {
    env,
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    now: () => server.nowMs,
    onStop: () => undefined,
  };
  return { code: await runCommand(context, args, '0'), ...printed };
}

/** What it prints for people; it must succeed. */
async function people(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
  return stdout;
}

async function json(...args: readonly string[]) {
  return JSON.parse(await people(...args, '--json'));
}

/** It must fail so, and print nothing but its problem. */
async function fault(code: number, ...args: readonly string[]) {
  const result = await run(...args, '--json');
  expect({ args, code: result.code, stdout: result.stdout }).toEqual({ args, code, stdout: '' });
  return JSON.parse(result.stderr);
}

const here = ['--touchpoint', 'lobby-1', '--action', 'credit'] as const;

describe('offer create', () => {
  test('makes every kind of rule, which show gives back as the options that make it', async () => {
    const options = [
      ...['--limit', '100', '--limit', '500.00/month/touchpoint.merchant/partial'],
      ...['--limit', '3/rolling-7d/shopper', '--limit', '9/2weeks@2026-01-05/key.campaign', '--step', '0.50'],
      ...['--cooldown', '4h', '--cooldown', '30s/touchpoint'],
      ...['--window', 'mon-fri 11:00-14:00', '--window', 'rrule:DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU'],
      ...['--except', '2026-12-24..2027-01-06', '--except', 'holidays:DE-BE'],
      ...['--valid-from', '2026-01-01', '--valid-to', '2036-12-31T18:00', '--spend', 'confirmed:2h'],
    ];
    const more = ['--amount', '8', '--key', 'campaign=summer', '--time-zone', 'Europe/Vienna'];
    const made = await json('offer', 'create', 'all', ...here, ...options, ...more);
    expect(made).toMatchObject({
      amountMinor: 800,
      keys: { campaign: 'summer' },
      timeZone: 'Europe/Vienna',
      rules: {
        limits: [
          { maximum: 100 },
          { maximum: 50_000, of: 'amount', per: ['touchpoint.merchant'], partial: true },
          { maximum: 3, period: { rollingS: 604_800 } },
          { maximum: 9, per: ['key.campaign'], period: { unit: 'week', every: 2, from: '2026-01-05' } },
        ],
        cooldowns: [{ seconds: 14_400 }, { seconds: 30, per: ['touchpoint'] }],
        windows: [{ from: '11:00' }, { recurrence: 'DTSTART:20260104;FREQ=MONTHLY;BYDAY=1SU' }],
        except: [{ from: '2026-12-24', to: '2027-01-06' }, { holidays: { country: 'DE', region: 'BE' } }],
        stepMinor: 50,
        spend: { when: 'confirmed', holdS: 7_200 },
      },
    });
    const shown = (await people('offer', 'show', 'all')).replaceAll(/\s+/g, ' ');
    for (const option of options) expect(shown).toContain(option);
    expect(shown).toContain('keys campaign=summer');
    expect(shown).toContain('created 2026-06-10 10:30:00 +02:00');
    // What show says makes the same rules.
    const text = /as options (.*?) LIMIT/.exec(shown)?.[1] ?? '';
    const words = [...text.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
    const again = await json('offer', 'create', 'again', ...here, ...words, ...more);
    expect(again.rules).toEqual(made.rules);
  });

  test('says what is wrong before it asks the server, and in words what the server refuses', async () => {
    const create = (...options: readonly string[]) => ['offer', 'create', 'x', ...here, ...options];
    expect((await fault(2, ...create('--limit', '1/fortnight'))).detail).toContain('for example 100');
    expect((await fault(2, ...create('--max', '5', '--limit', '7'))).detail).toBe('5 and 7 limit the same.');
    expect((await fault(2, ...create('--window', 'always'))).detail).toContain('mon-fri');
    expect((await fault(2, ...create('--limit', '5.555'))).detail).toBe(
      '5.555 is no limit of an amount in EUR.',
    );
    expect(await fault(1, ...create('--except', 'holidays:XX'))).toMatchObject({ code: 'body_invalid' });
    expect(await fault(4, 'offer', 'show', 'x')).toMatchObject({ code: 'offer_unknown' });
  });
});

describe('offer change', () => {
  beforeAll(() =>
    people('offer', 'create', 'coffee', ...here, '--max', '100', '--per-week', '1', '--until', '12:00'),
  );

  test('replaces what is given, and says before and after', async () => {
    const text = await people('offer', 'change', 'coffee', '--max', '50');
    expect(text).toContain('Changed the offer coffee: version 2 is in force.');
    expect(text).toMatch(
      /^before +lobby-1 gives credit free of charge: at most 100 in all, only until 12:00,/m,
    );
    expect(text).toMatch(/^now +lobby-1 gives credit free of charge: at most 50 in all, only until 12:00,/m);
    const offer = await json('offer', 'change', 'coffee', '--per-week', '2', '--weekdays', 'mon-fri');
    expect(offer).toMatchObject({
      version: 3,
      rules: {
        limits: [{ maximum: 50 }, { maximum: 2, per: ['shopper'], period: { unit: 'week' } }],
        windows: [{ until: '12:00', weekdays: ['mon', 'tue', 'wed', 'thu', 'fri'] }],
      },
    });
  });

  test('takes rules away, and changes everything else', async () => {
    const offer = await json(
      ...['offer', 'change', 'coffee', '--no-limits', '--no-windows', '--max', '7', '--title', 'Coffee'],
      ...[
        '--amount',
        '2.50',
        '--action',
        'dispense',
        '--key',
        'campaign=summer',
        '--time-zone',
        'Asia/Tokyo',
      ],
    );
    expect(offer).toMatchObject({
      title: 'Coffee',
      amountMinor: 250,
      action: 'dispense',
      keys: { campaign: 'summer' },
      timeZone: 'Asia/Tokyo',
    });
    expect(offer.rules).toEqual({ limits: [{ maximum: 7 }] });
    const back = await json('offer', 'change', 'coffee', '--no-time-zone', '--no-keys', '--key', 'site=mall');
    expect(back).toMatchObject({ timeZone: 'Europe/Berlin', keys: { site: 'mall' }, title: 'Coffee' });
  });

  test('of nothing, of what is so already, and of no offer', async () => {
    expect((await fault(2, 'offer', 'change', 'coffee')).detail).toBe('This changes nothing.');
    expect((await fault(2, 'offer', 'change', 'coffee', '--max', '7')).detail).toBe('This changes nothing.');
    expect(await fault(4, 'offer', 'change', 'nothing', '--max', '7')).toMatchObject({
      code: 'offer_unknown',
    });
    expect((await json('offer', 'show', 'coffee')).version).toBe(5);
  });

  test('its versions are listed, and each can be checked against its hash', async () => {
    const { versions } = await json('offer', 'versions', 'coffee');
    expect(versions.map(({ version }: { version: number }) => version)).toEqual([5, 4, 3, 2, 1]);
    expect(await people('offer', 'versions', 'coffee', '--limit', '2')).toContain(
      'More: tapseal offer versions coffee --before 4',
    );
    const out = join(home, 'coffee-1.json');
    const shown = await json('offer', 'versions', 'coffee', '--show', '1', '--out', out);
    const hash = createHash('sha256').update(readFileSync(out)).digest();
    expect(shown.hash).toBe(hash.toString('base64url'));
    expect(await people('offer', 'versions', 'coffee', '--show', '1')).toContain(hash.toString('hex'));
    expect(await fault(4, 'offer', 'versions', 'coffee', '--show', '6')).toMatchObject({
      code: 'offer_unknown',
    });
    expect((await fault(2, 'offer', 'versions', 'coffee', '--out', out)).detail).toContain('--show');
  });
});

describe('labels and zones', () => {
  test('of touchpoints', async () => {
    const added = await json(
      'touchpoint',
      'add',
      'gate-1',
      '--label',
      'merchant=cafe-ada',
      '--label',
      'site=mall',
    );
    expect(added.touchpoint.labels).toEqual({ merchant: 'cafe-ada', site: 'mall' });
    const set = ['touchpoint', 'set', 'gate-1'];
    expect(
      await people(...set, '--label', 'site=airport', '--no-label', 'merchant', '--time-zone', 'Asia/Tokyo'),
    ).toBe('The touchpoint gate-1: labels site=airport; time zone Asia/Tokyo.\n');
    const shown = await people('touchpoint', 'show', 'gate-1');
    expect(shown).toMatch(/^labels +site=airport$/m);
    expect(shown).toMatch(/^added +2026-06-10 17:30:00 \+09:00$/m);
    expect(await json(...set, '--no-time-zone', '--no-label', 'site')).toMatchObject({ labels: {} });
    expect((await fault(2, ...set)).detail).toBe('This changes nothing.');
    expect((await fault(2, ...set, '--label', 'merchant')).detail).toContain('merchant=cafe-ada');
    expect(await fault(4, 'touchpoint', 'set', 'nowhere', '--label', 'a=b')).toMatchObject({
      code: 'touchpoint_unknown',
    });
  });

  test('of shoppers', async () => {
    const { shopper } = phone;
    expect(await json('shopper', 'set', shopper, '--label', 'tier=gold')).toMatchObject({
      labels: { tier: 'gold' },
    });
    expect(await people('shopper', 'show', shopper)).toMatch(/^labels +tier=gold$/m);
    expect(await people('shopper', 'set', shopper, '--no-label', 'tier')).toContain('labels none');
    expect((await fault(2, 'shopper', 'set', shopper)).detail).toBe('This changes nothing.');
    expect(await fault(4, 'shopper', 'show', '0'.repeat(24))).toMatchObject({ code: 'shopper_unknown' });
  });
});

describe('offer explain and dry-run', () => {
  const ask = (command: string, ...options: readonly string[]) => ['offer', command, 'weekly', ...options];

  beforeAll(async () => {
    await people('offer', 'create', 'weekly', ...here, '--max', '4', '--per-week', '1', '--until', '12:00');
    await phone.tap(box, 'weekly');
  });

  test('show every limit with a bar; what is counted apart only for one shopper', async () => {
    const shown = await people('offer', 'show', 'weekly');
    expect(shown).toMatch(/^at most 4 in all +████░░░░░░░░░░░░ +1 +0 +4 +3$/m);
    expect(shown).toMatch(/^once a week for each shopper +each apart +1$/m);
    expect(shown).toContain('1 of 4 granted, 3 left');
    const explained = await people(...ask('explain', '--shopper', phone.shopper));
    expect(explained).toMatch(
      /^weekly, version 1, for [0-9a-f]{24} at lobby-1, 2026-06-10 10:30:00 \+02:00$/m,
    );
    expect(explained).toContain(
      'Refused now: once a week for each shopper, 1 of 1 used. This rule resets at 2026-06-15 00:00:00 +02:00; others may still refuse then.',
    );
    expect(explained).toContain('Open now: only until 12:00 (Europe/Berlin).');
    expect(explained).toMatch(
      /^once a week for each shopper +█{16} +1 +0 +1 +0 +2026-06-15 00:00:00 \+02:00$/m,
    );
    expect(await json(...ask('explain'))).toMatchObject({
      verdict: { granted: true },
      touchpoint: 'lobby-1',
    });
    expect(await fault(4, ...ask('explain', '--shopper', '0'.repeat(24)))).toMatchObject({
      code: 'shopper_unknown',
    });
    expect(await fault(4, ...ask('explain', '--touchpoint', 'nowhere'))).toMatchObject({
      code: 'touchpoint_unknown',
    });
  });

  test('a dry run is an answer and an exit code', async () => {
    const granted = await run(...ask('dry-run', '--touchpoint', 'lobby-1'));
    expect(granted).toMatchObject({ code: 0, stdout: expect.stringContaining('Granted now.'), stderr: '' });
    const refused = await run(...ask('dry-run', '--shopper', phone.shopper));
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('Refused now: once a week') });
    expect(refused.stderr).toContain('Code: limit_reached');
    // Said once: what is wrong there, what to do here.
    expect(refused.stderr).not.toContain('once a week');
    server.nowMs += 4 * 3_600_000;
    const closed = await run(...ask('dry-run'));
    expect(closed.stdout).toContain(
      'Refused now: only until 12:00. It opens next at 2026-06-11 00:00:00 +02:00; limits may still refuse then.',
    );
    expect(await people(...ask('explain'))).toContain(
      'Closed now: only until 12:00 (Europe/Berlin); opens next at 2026-06-11',
    );
    server.nowMs -= 4 * 3_600_000;
  });

  test('sums are told in the currency, parts and holds as well', async () => {
    const budget = ['--amount', '2.50', '--limit', '3.50/partial', '--spend', 'confirmed:1h'];
    await people('offer', 'create', 'budget', ...here, ...budget);
    const tap = async () => phone.redeem(await phone.request(box, 'budget', { amountMinor: 250 }));
    await tap();
    expect(await people('offer', 'dry-run', 'budget')).toContain(
      'Granted now, for 1.00 EUR of 2.50 EUR. Its place would be held until 2026-06-10 11:30:00 +02:00',
    );
    expect(await people('offer', 'show', 'budget')).toMatch(/▒{11}░{5} +0\.00 +2\.50 +3\.50 +1\.00$/m);
    const { transactionId } = (await tap()).body;
    const list = await people('grant', 'list', '--limit', '1');
    const ends = formatInstant('2026-06-10T09:30:00.000Z');
    expect(list).toContain(`granted, 1.00 EUR of 2.50 EUR, held until ${ends}`);
    expect((await run('offer', 'dry-run', 'budget')).stdout).toContain('3.50 of 3.50 EUR used');
    expect(await people('offer', 'show', 'budget')).toMatch(
      /▒{16} +0\.00 +3\.50 +3\.50 +0\.00 +2026-06-10 11:30/m,
    );
    expect(await people('grant', 'release', transactionId)).toContain('budget is free again');
    expect(await people('grant', 'list', '--limit', '1')).toMatch(
      /granted, 1\.00 EUR of 2\.50 EUR, released/,
    );
    expect(await fault(1, 'grant', 'release', transactionId)).toMatchObject({ code: 'hold_settled' });
    expect(await fault(4, 'grant', 'release', '0'.repeat(32))).toMatchObject({ code: 'voucher_unknown' });
  });
});

describe('what is promised', () => {
  test('is the rule that resets, and not that everything is open then', async () => {
    const { shopper } = await TestPhone.register(server);
    const explained = async (offer: string) => people('offer', 'explain', offer, '--shopper', shopper);
    await people('offer', 'create', 'alone', ...here, '--limit', '1/day');
    await phone.tap(box, 'alone');
    expect(await explained('alone')).toMatch(
      /1 of 1 used\. This rule resets at 2026-06-11 00:00:00 \+02:00\.$/m,
    );
    await people('offer', 'create', 'ending', ...here, '--limit', '1/week', '--valid-to', '2026-06-12');
    await phone.tap(box, 'ending');
    expect(await explained('ending')).toMatch(
      /This rule resets at 2026-06-15 00:00:00 \+02:00; others may still refuse then\.$/m,
    );
    await people('offer', 'create', 'evenings', ...here, '--from', '18:00');
    expect(await explained('evenings')).toMatch(/It opens next at 2026-06-10 18:00:00 \+02:00\.$/m);
  });

  test('is in the currency also where the refusal has to shorten its rule', async () => {
    const long = 'x'.repeat(40);
    const per = `touchpoint.${long}/touchpoint.y${long.slice(1)}/touchpoint.z${long.slice(1)}`;
    const limit = ['--amount', '2.50', '--limit', `3.50/month/${per}`];
    await people('offer', 'create', 'long', ...here, ...limit);
    await phone.redeem(await phone.request(box, 'long', { amountMinor: 250 }));
    expect(await people('offer', 'explain', 'long')).toContain(', 2.50 of 3.50 EUR used.');
  });

  test('of a touchpoint without a box is nothing', async () => {
    await people('touchpoint', 'add', 'empty-1');
    await people('offer', 'create', 'nowhere', '--touchpoint', 'empty-1', '--action', 'open');
    expect(await people('offer', 'explain', 'nowhere')).toContain(
      'Refused now: no box is enrolled at this touchpoint yet.',
    );
    const { code, stderr } = await run('offer', 'dry-run', 'nowhere');
    expect(code).not.toBe(0);
    expect(stderr).toContain('Code: touchpoint_unknown');
  });

  test('of an offer that is over already is a warning', async () => {
    const create = (name: string, end: string) =>
      run('offer', 'create', name, ...here, '--valid-to', end, '--time-zone', 'Asia/Tokyo');
    expect(await create('over', '2026-06-09')).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^warning: .*over/),
    });
    // It is half past five in the afternoon there.
    expect((await create('over-too', '2026-06-10T17:30')).stderr).toContain('warning');
    expect(await create('today', '2026-06-10')).toMatchObject({ code: 0, stderr: '' });
  });
});

test('show says how full a limit is in the zone of the touchpoints', async () => {
  await TestBox.enrol(server, 'far-1');
  await people('touchpoint', 'set', 'far-1', '--time-zone', 'Pacific/Kiritimati');
  await people('offer', 'create', 'far', '--touchpoint', 'far-1', '--action', 'open', '--limit', '1/day');
  const shown = await people('offer', 'show', 'far');
  expect(shown).toMatch(/^at its touchpoints +Pacific\/Kiritimati$/m);
  expect(shown).toMatch(/^at most 1 a day .* 2026-06-11 00:00:00 \+14:00$/m);
  await people('offer', 'create', 'two', ...here, '--touchpoint', 'far-1', '--limit', '1/day');
  const both = await people('offer', 'show', 'two');
  expect(both).toMatch(/^at its touchpoints +Europe\/Berlin, Pacific\/Kiritimati$/m);
  expect(both).toMatch(/^at most 1 a day +each apart +1$/m);
  expect(both).toContain('tapseal offer explain two --shopper SHOPPER --touchpoint TOUCHPOINT');
});

test('what contradicts itself is refused, in whatever order', async () => {
  const set = ['touchpoint', 'set', 'lobby-1'];
  const zone = ['--time-zone', 'Asia/Tokyo'];
  const label = ['--label', 'a=b'];
  for (const words of [
    [...set, ...zone, '--no-time-zone'],
    [...set, '--no-time-zone', ...zone],
    [...set, ...label, '--no-label', 'a'],
    [...set, '--no-label', 'a', ...label],
    [...set, ...label, '--label', 'a=c'],
    ['offer', 'change', 'far', ...zone, '--no-time-zone'],
    ['offer', 'change', 'far', '--valid-to', '2036-01-01', '--no-valid-to'],
    ['offer', 'create', 'x', ...here, '--key', 'campaign=summer', '--key', 'campaign=winter'],
  ]) {
    expect(await fault(2, ...words)).toMatchObject({ code: 'usage_invalid' });
  }
  expect(await json(...set, ...label, ...label)).toMatchObject({ labels: { a: 'b' } });
  await people(...set, '--no-label', 'a', '--no-label', 'a');
});

test('of an argument that is very long the beginning is repeated', async () => {
  const long = 'x'.repeat(10_000);
  for (const words of [
    ['offer', 'create', 'x', ...here, '--limit', long],
    ['offer', 'create', 'x', ...here, '--title', `${'many words '.repeat(900)}`],
    ['offer', long],
    ['offer', 'show', long],
    ['offer', 'show', 'far', long],
    ['offer', 'show', 'far', `--${long}`],
    [long],
    ['init', '--programme', long],
  ]) {
    const { detail } = await fault(2, ...words);
    expect(detail.length, words.slice(0, 3).join(' ').slice(0, 80)).toBeLessThan(600);
  }
});

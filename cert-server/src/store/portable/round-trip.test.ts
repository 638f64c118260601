/** A programme goes from SQLite to PostgreSQL and back: no row is lost, and its limits hold on wherever it is. */
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import { decodeVoucher } from '@tapseal/shared/voucher';
import Sqlite from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadAuthority } from '../../authority/authority.js';
import { authorityFiles } from '../../authority/key-files.js';
import { WholeFileWriter } from '../../cli/whole-file-writer.js';
import { assertOwnManifest } from '../../server/check-keys.js';
import { assertOwnSecret } from '../../server/check-secret.js';
import { askCopy, type FilledVenue, fillVenue } from '../../testing/filled-venue.js';
import { bytesOfText } from '../../testing/test-phone.js';
import { startTestPostgres, type TestPostgres } from '../../testing/test-postgres.js';
import { crypto } from '../../testing/test-server.js';
import { migrateStore, openStore } from '../open-store.js';
import { DATABASE_FILE, type StoreLocation } from '../store-location.js';
import { exportProgramme } from './export-programme.js';
import { importProgramme } from './import-programme.js';
import { openSink, openSource } from './open-portable.js';
import { openPortableFile } from './portable-file.js';
import { portableTables } from './portable-tables.js';

const exportedAt = '2026-06-10T09:00:00.000Z';
const nowMs = Date.parse(exportedAt);

let directory: string;
let postgres: TestPostgres;
let venue: FilledVenue;
let original: StoreLocation;
let exported: string;
let files = 0;

const at = (name: string): string => join(directory, name);

async function exportTo(location: StoreLocation, file: string): Promise<Readonly<Record<string, number>>> {
  const source = await openSource(location, 'venue');
  const writer = new WholeFileWriter(file, 0o600);
  try {
    const { rows } = await exportProgramme(source, {
      programme: 'venue',
      exportedAt,
      write: (lines) => writer.write(lines),
    });
    writer.finish();
    return rows;
  } finally {
    writer.close();
    await source.close();
  }
}

async function importFrom(
  path: string,
  location: StoreLocation,
  authority = venue.server.authority,
): Promise<Readonly<Record<string, number>>> {
  const file = openPortableFile(path);
  try {
    const sink = await openSink(location, file.header.programme);
    try {
      const { rows } = await importProgramme(file, sink, {
        assertManifest: (bytes) => assertOwnManifest(crypto, authority, 'venue', bytes),
        assertPhones: (phones) => assertOwnSecret(authority, 'venue', phones),
      });
      return rows;
    } finally {
      await sink.close();
    }
  } finally {
    file.close();
  }
}

async function emptySqlite(): Promise<StoreLocation> {
  files += 1;
  const location = { kind: 'sqlite', file: at(`${files}.sqlite`) } as const;
  await migrateStore(location, nowMs);
  return location;
}

async function emptyPostgres(): Promise<StoreLocation> {
  const location = { kind: 'postgres', url: await postgres.createDatabase() } as const;
  await migrateStore(location, nowMs);
  return location;
}

/** Nothing of the programme: not in one table. */
async function isWithoutVenue(location: StoreLocation): Promise<boolean> {
  const source = await openSource(location, 'venue');
  try {
    for (const table of portableTables) if ((await source.count(table)) > 0) return false;
    return true;
  } finally {
    await source.close();
  }
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tapseal-portable-'));
  postgres = await startTestPostgres();
  venue = await fillVenue();
  original = { kind: 'sqlite', file: join(venue.server.directory, DATABASE_FILE) };
  exported = at('exported');
  const rows = await exportTo(original, exported);
  // Every table is tried, or the test would say nothing about it.
  expect(Object.entries(rows).filter(([, count]) => count === 0)).toEqual([]);
});
afterAll(async () => {
  await venue.server.close();
  await postgres.stop();
  rmSync(directory, { recursive: true });
});

test('a database file belongs to its import alone: nobody opens it meanwhile, and afterwards everybody can', async () => {
  const location = await emptySqlite();
  const sink = await openSink(location, 'venue');
  const refused = { code: 'database_unavailable', detail: expect.stringContaining('another program') };
  await expect(openSink(location, 'venue')).rejects.toMatchObject(refused);
  await expect(openStore(location, nowMs)).rejects.toMatchObject(refused);
  await sink.close();
  const store = await openStore(location, nowMs);
  await expect(openSink(location, 'venue')).rejects.toMatchObject(refused);
  await store.close();
  await (await openSink(location, 'venue')).close();
});

test('SQLite → PostgreSQL → SQLite: three exports, the same to the byte', async () => {
  const there = await emptyPostgres();
  await importFrom(exported, there);
  await exportTo(there, at('from-postgres'));
  expect(readFileSync(at('from-postgres'), 'utf8')).toBe(readFileSync(exported, 'utf8'));
  const back = await emptySqlite();
  await importFrom(at('from-postgres'), back);
  await exportTo(back, at('back'));
  expect(readFileSync(at('back'), 'utf8')).toBe(readFileSync(exported, 'utf8'));
});

test('what is read is one moment, though the server goes on', async () => {
  const source = await openSource(original, 'venue');
  const before = await source.hasProgramme();
  const { second, box } = venue;
  await second.redeem(await second.request(box, 'total'));
  const lines: string[] = [];
  await exportProgramme(source, { programme: 'venue', exportedAt, write: (line) => lines.push(line) });
  await source.close();
  expect(before).toBe(true);
  expect(lines.join('')).toBe(readFileSync(exported, 'utf8'));
});

test('more rows than a page: each once, in the order of the key', async () => {
  const from = await emptySqlite();
  await importFrom(exported, from);
  if (from.kind !== 'sqlite') throw new Error('SQLite');
  const database = new Sqlite(from.file);
  const insert = database.prepare('INSERT INTO counter VALUES (?, ?, ?, 0, NULL, 0)');
  // Orders by bytes are not those of any language: capitals, accents, digits, and a sign past the first plane.
  const event = database.prepare('INSERT INTO counter_event VALUES (?, ?, 7, ?, 1, 8)');
  const names = ['a', 'B', 'ä', 'Z', '10', '9', '\u{1F600}', '\uFFEE', '|', 'é'];
  database.transaction(() => {
    for (let i = 0; i < 2_500; i++) insert.run('venue', `${names[i % names.length]}${i}`, i);
    // Running totals go on for ever, also where JavaScript rounds: around 2^53, and the last one.
    const past = [2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    for (const used of past) {
      insert.run('venue', `past-${used}`, used);
      event.run('venue', 'past', used);
    }
  })();
  database.close();
  const there = await emptyPostgres();
  expect((await exportTo(from, at('many'))).counter).toBeGreaterThan(2_500);
  expect(readFileSync(at('many'), 'utf8')).toContain('["counter_event","past",7,"9007199254740993",1,8]');
  await importFrom(at('many'), there);
  await exportTo(there, at('many-again'));
  expect(readFileSync(at('many-again'), 'utf8') === readFileSync(at('many'), 'utf8')).toBe(true);
});

describe.each<[string, () => Promise<StoreLocation>]>([
  ['SQLite', emptySqlite],
  ['PostgreSQL', emptyPostgres],
])('a copy in %s', (_name, empty) => {
  let location: StoreLocation;
  beforeEach(async () => {
    location = await empty();
  });

  test('refuses where a limit was full, and grants when there is room again', async () => {
    await importFrom(exported, location);
    const store = await openStore(location, nowMs);
    const { first, second, box, granted, server } = venue;
    await askCopy(venue, store, async (copy) => {
      for (const [offer, { request, answer }] of granted) {
        expect(await copy.redeem(request), 'the first answer again').toMatchObject({
          status: 200,
          body: answer,
        });
        const refused = await copy.redeem(await first.request(box, offer));
        expect({ offer, code: refused.body.code }).toEqual({ offer, code: 'limit_reached' });
      }
      const held = await store.findDecision('venue', transactionOf(granted.get('held')?.answer.voucher));
      expect(held?.hold).toBe('held');
      // The box could not act: the place is free again.
      const failed = box.receipt(bytesOfText(granted.get('held')?.answer.voucher ?? ''), 'failed');
      expect((await copy.receipt(failed)).results).toMatchObject([{ stored: true }]);
      expect((await copy.redeem(await second.request(box, 'held'))).status).toBe(200);
      // An hour later the rolling hour is another one.
      const before = server.nowMs;
      server.nowMs += 3_600_000;
      expect((await copy.redeem(await second.request(box, 'rolling'))).status).toBe(200);
      expect((await copy.redeem(await second.request(box, 'held-rolling'))).status).toBe(403);
      expect((await copy.redeem(await second.request(box, 'total'))).status).toBe(403);
      server.nowMs = before;
      const sequences = await store.listDecisions('venue', {
        after: 0,
        countMax: 100,
        refusals: true,
        newestFirst: false,
      });
      expect(sequences.map(({ sequence }) => sequence)).toEqual(sequences.map((_, index) => index + 1));
    });
    await store.close();
  });

  test('is refused where the programme is there already, and stays as it is', async () => {
    await importFrom(exported, location);
    await expect(importFrom(exported, location)).rejects.toMatchObject({ code: 'name_taken' });
    await exportTo(location, at(`twice-${location.kind}`));
    expect(readFileSync(at(`twice-${location.kind}`), 'utf8')).toBe(readFileSync(exported, 'utf8'));
  });

  test('of other keys is refused, and leaves nothing behind', async () => {
    const foreign = await fillVenue();
    const source = { kind: 'sqlite', file: join(foreign.server.directory, DATABASE_FILE) } as const;
    const file = at(`foreign-${location.kind}`);
    await exportTo(source, file);
    await foreign.server.close();
    await expect(importFrom(file, location)).rejects.toMatchObject({ code: 'keys_mismatch' });
    expect(await isWithoutVenue(location)).toBe(true);
  });

  test('under another secret, which would forget who its shoppers are, is refused as well', async () => {
    const copy = at(`secret-${location.kind}`);
    cpSync(venue.server.directory, copy, { recursive: true });
    writeFileSync(join(copy, authorityFiles.secret), bytesToBase64url(new Uint8Array(32)));
    const authority = await loadAuthority(crypto, copy);
    await expect(importFrom(exported, location, authority)).rejects.toMatchObject({
      code: 'keys_mismatch',
      detail: expect.stringContaining(authorityFiles.secret),
    });
    expect(await isWithoutVenue(location)).toBe(true);
  });

  test('that fails at its end leaves nothing behind', async () => {
    const file = openPortableFile(exported);
    const lastTable = portableTables.at(-1)?.name;
    const sink = await openSink(location, 'venue');
    const failing = {
      ...sink,
      insert: async (...[table, rows]: Parameters<typeof sink.insert>) => {
        await sink.insert(table, rows);
        if (table.name === lastTable) throw new Error('the disk is full');
      },
    };
    await expect(
      importProgramme(file, failing, { assertManifest: () => {}, assertPhones: () => {} }),
    ).rejects.toThrow('the disk is full');
    await sink.close();
    file.close();
    expect(await isWithoutVenue(location)).toBe(true);
  });
});

function transactionOf(voucher = ''): Uint8Array {
  return decodeVoucher(bytesOfText(voucher)).voucher.transactionId;
}

describe('a file that is not whole', () => {
  const lines = (): string[] => readFileSync(exported, 'utf8').split('\n').slice(0, -1);
  const rejoin = (kept: readonly string[]): string => `${kept.join('\n')}\n`;
  const withHash = (kept: readonly string[]): string => {
    const body = rejoin(kept.slice(0, -1));
    const trailer = JSON.parse(kept.at(-1) ?? '');
    const sha256 = bytesToHex(crypto.sha256(new TextEncoder().encode(body)));
    return `${body}${JSON.stringify({ ...trailer, sha256 })}\n`;
  };
  const swapped = (from: RegExp, to: string): string =>
    withHash(lines().map((line) => line.replace(from, to)));

  test.each<[string, () => string]>([
    ['empty', () => ''],
    ['something else', () => 'hello\nworld\n'],
    ['cut in a line', () => readFileSync(exported, 'utf8').slice(0, -20)],
    ['cut after a line', () => rejoin(lines().slice(0, -1))],
    ['cut in the middle', () => rejoin(lines().slice(0, 20))],
    [
      'one digit altered',
      () =>
        readFileSync(exported, 'utf8').replace(
          '"counter","offer/total|grants",1',
          '"counter","offer/total|grants",0',
        ),
    ],
    ['one row missing', () => withHash(lines().filter((line) => !line.startsWith('["box_nonce"')))],
    [
      'one row twice',
      () => withHash(lines().flatMap((line) => (line.startsWith('["audit",1,') ? [line, line] : [line]))),
    ],
    [
      'its counts are those of other tables',
      () => {
        const [first = '', ...rest] = lines();
        const header = JSON.parse(first);
        const trailer = JSON.parse(rest.pop() ?? '');
        const [one, two] = ['decision', 'receipt'];
        const countOf = (name = ''): { rows: number } =>
          header.tables.find((table: { name: string }) => table.name === name);
        [countOf(one).rows, countOf(two).rows] = [countOf(two).rows, countOf(one).rows];
        const rows = { ...trailer.rows, decision: countOf(one).rows, receipt: countOf(two).rows };
        return withHash([JSON.stringify(header), ...rest, JSON.stringify({ ...trailer, rows })]);
      },
    ],
    ['of a later version', () => swapped(/"version":1,"programme"/, '"version":2,"programme"')],
    ['with other columns', () => swapped(/"columns":\["key","used"/, '"columns":["key","use"')],
    [
      'a row with a number that is text',
      () => swapped(/^\["counter","offer\/total\|grants",1/, '["counter","offer/total|grants","1"'),
    ],
    ['a row with bytes that are none', () => swapped(/^\["rotating_id","/, '["rotating_id","!')],
    ['a text with NUL', () => swapped(/^\["programme","[^"]*/, '["programme","Ve\\u0000nue')],
    ['a text that is no Unicode', () => swapped(/^\["programme","[^"]*/, '["programme","Ve\\ud800nue')],
    ['a row of no table', () => swapped(/^\["hold",/, '["sqlite_schema",')],
    [
      'rows in another order',
      () => withHash([...lines().slice(0, 1), ...lines().slice(1, -1).reverse(), ...lines().slice(-1)]),
    ],
  ])('is refused: %s; it leaves nothing behind', async (_what, damaged) => {
    const path = at('damaged');
    writeFileSync(path, damaged());
    const location = await emptySqlite();
    await expect(importFrom(path, location)).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(await isWithoutVenue(location)).toBe(true);
  });

  test('or that somebody appended to', async () => {
    writeFileSync(at('longer'), readFileSync(exported));
    appendFileSync(at('longer'), '\n');
    expect(() => openPortableFile(at('longer'))).toThrow();
  });
});

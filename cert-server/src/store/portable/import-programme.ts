/** Import: reads what `exportProgramme` wrote into one transaction, which commits after the last line has been checked. */
import { TapsealError } from '@tapseal/shared/tapseal-error';
import type { PhoneRecord } from '../records.js';
import type { ExportHeader } from './export-programme.js';
import type { PortableFile } from './portable-file.js';
import { decodeRow } from './portable-row.js';
import { type PortableSink, ROWS_AT_ONCE } from './portable-store.js';
import { columnsOf, type PortableRow, portableTables } from './portable-tables.js';

type SealedPhone = Pick<PhoneRecord, 'id' | 'certificate' | 'certificateFacts'>;

export type ImportOptions = {
  /** Throws where the newest manifest was not signed with the keys at hand. */
  readonly assertManifest: (bytes: Uint8Array) => void;
  /** Throws where phones were not registered under the secret at hand; told of some of them. */
  readonly assertPhones: (phones: readonly SealedPhone[]) => void;
  readonly onProgress?: (done: number, total: number) => void;
};

export type ImportSummary = {
  readonly programme: string;
  readonly exportedAt: string;
  readonly rows: Readonly<Record<string, number>>;
};

function fault(what: string): TapsealError {
  return new TapsealError('usage_invalid', `the export ${what}: take an undamaged copy`);
}

const manifestTable = portableTables.findIndex(({ name }) => name === 'manifest');
const phoneColumns = portableTables.filter(({ name }) => name === 'phone').flatMap(columnsOf);

/** @param row that decodeRow has checked */
function sealedPhoneOf(row: PortableRow): SealedPhone {
  const at = (column: string) => row[phoneColumns.indexOf(column)];
  const facts = at('certificate_facts') as Uint8Array | null;
  return {
    id: at('id') as Uint8Array,
    certificate: at('certificate') as Uint8Array,
    certificateFacts: facts ?? undefined,
  };
}

/** Rows of one table at a time, in the order of the tables. */
class Insertion {
  readonly rows: Record<string, number> = Object.fromEntries(portableTables.map(({ name }) => [name, 0]));
  readonly #sink: PortableSink;
  readonly #assert: Pick<ImportOptions, 'assertManifest' | 'assertPhones'>;
  #index = 0;
  #pending: PortableRow[] = [];
  #newestManifest: Uint8Array | undefined;

  constructor(sink: PortableSink, assert: Pick<ImportOptions, 'assertManifest' | 'assertPhones'>) {
    this.#sink = sink;
    this.#assert = assert;
  }

  async add(name: string, values: readonly unknown[]): Promise<void> {
    const index = portableTables.findIndex((table) => table.name === name);
    if (index < this.#index) throw fault(`has a row of "${name}" where none can stand`);
    if (index > this.#index) await this.#moveTo(index);
    const table = portableTables[index];
    if (table === undefined) return;
    const row = decodeRow(table, values);
    // In the order of the key: the last one is the newest.
    if (index === manifestTable && row[1] instanceof Uint8Array) this.#newestManifest = row[1];
    this.#pending.push(row);
    this.rows[name] = (this.rows[name] ?? 0) + 1;
    if (this.#pending.length === ROWS_AT_ONCE) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#moveTo(portableTables.length);
  }

  async #moveTo(index: number): Promise<void> {
    await this.#flush();
    // Before the many rows, so that nobody waits for a refusal.
    if (this.#index <= manifestTable && index > manifestTable) {
      if (this.#newestManifest === undefined) throw fault('has no manifest');
      this.#assert.assertManifest(this.#newestManifest);
    }
    this.#index = index;
  }

  async #flush(): Promise<void> {
    const table = portableTables[this.#index];
    if (this.#pending.length === 0 || table === undefined) return;
    const isFirst = this.rows[table.name] === this.#pending.length;
    if (isFirst && table.name === 'phone') this.#assert.assertPhones(this.#pending.map(sealedPhoneOf));
    await this.#sink.insert(table, this.#pending);
    this.#pending = [];
  }
}

function assertCounts(rows: Readonly<Record<string, number>>, header: ExportHeader): void {
  for (const table of header.tables) {
    if (rows[table.name] !== table.rows) {
      throw fault(`has ${rows[table.name]} rows of "${table.name}", and says ${table.rows}`);
    }
  }
}

/**
 * The sink is left open: who opened it closes it, which undoes everything unless this returned.
 * @param file checked from its first byte to its last
 * @throws TapsealError usage_invalid, name_taken, and what `assertManifest` and `assertPhones` throw
 */
export async function importProgramme(
  file: PortableFile,
  sink: PortableSink,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { header } = file;
  if (await sink.hasProgramme()) throw new TapsealError('name_taken', header.programme);
  const total = header.tables.reduce((sum, { rows }) => sum + rows, 0);
  const insertion = new Insertion(sink, options);
  let done = 0;
  for (const lines of file.rows()) {
    for (const [name, ...values] of lines) await insertion.add(String(name), values);
    done += lines.length;
    options.onProgress?.(done, total);
  }
  await insertion.end();
  assertCounts(insertion.rows, header);
  if (insertion.rows.programme !== 1) throw fault('holds no programme');
  await sink.commit();
  return { programme: header.programme, exportedAt: header.exportedAt, rows: insertion.rows };
}

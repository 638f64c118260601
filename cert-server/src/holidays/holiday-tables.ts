/**
 * The tables of `date-holidays`: data, and nothing that changes. They weigh some 25 MB, so they are loaded with the first offer
 * that names holidays, when it is checked or when a store reads it: a decision finds them in memory.
 */
import { createRequire } from 'node:module';
import type Tables from 'date-holidays';

const load = createRequire(import.meta.url);
let tables: typeof Tables | undefined;

export function holidayTables(): typeof Tables {
  tables ??= load('date-holidays') as typeof Tables;
  return tables;
}

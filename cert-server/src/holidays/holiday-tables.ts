/**
 * The tables of `date-holidays`: data, and nothing that changes. They weigh some 25 MB, so they are loaded when the first offer
 * asks for them, and at once, since a decision does not wait. Outside of decision/, which loads nothing by itself.
 */
import { createRequire } from 'node:module';
import type Tables from 'date-holidays';

const load = createRequire(import.meta.url);
let tables: typeof Tables | undefined;

export function holidayTables(): typeof Tables {
  tables ??= load('date-holidays') as typeof Tables;
  return tables;
}

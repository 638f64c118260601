/** Where a server keeps its data: in a file of its data directory, or in a PostgreSQL database. */
import { join } from 'node:path';

/** In the data directory. */
export const DATABASE_FILE = 'tapseal.sqlite';

export type StoreLocation =
  | { readonly kind: 'sqlite'; readonly file: string }
  /** `url` may hold a password: it is shown to nobody. */
  | { readonly kind: 'postgres'; readonly url: string };

/** @param database address of a PostgreSQL database; undefined for the one in `directory` */
export function storeLocation(directory: string, database: string | undefined): StoreLocation {
  return database === undefined
    ? { kind: 'sqlite', file: join(directory, DATABASE_FILE) }
    : { kind: 'postgres', url: database };
}

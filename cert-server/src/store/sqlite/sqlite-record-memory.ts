/**
 * Records that every tap looks up and that hardly ever change – programmes, phones, boxes – stay in memory until somebody writes.
 * What another process writes shows in `PRAGMA data_version`, which each turn of reads asks once; what this one writes is
 * forgotten by whoever writes it. So a record is never older than the turn that reads it: a phone that is revoked is refused by the
 * next request, with or without this.
 */
import type { Database } from 'better-sqlite3';
import { BoundedMap } from '../bounded-map.js';

export type RememberedRecords<Id, Found> = {
  /** The same object for as long as nothing was written: it must not be changed. */
  find(programme: string, id: Id): Found | undefined;
  /** To be called inside the transaction that changes the record. */
  forget(programme: string, id: Id): void;
};

export type RecordMemory = {
  /** To be called inside each read transaction, before its first `find`. */
  renew(): void;
  /** To be called inside a transaction that may change any record. */
  forgetAll(): void;
  /**
   * @param idOf a text for each id, different for different ones
   * @param countMax records kept; the oldest go
   */
  records<Id, Found extends object>(
    find: (programme: string, id: Id) => Found | undefined,
    options: { readonly idOf: (id: Id) => string; readonly countMax: number },
  ): RememberedRecords<Id, Found>;
};

export function sqliteRecordMemory(database: Database): RecordMemory {
  const dataVersion = database.prepare('PRAGMA data_version').pluck();
  const forgets: (() => void)[] = [];
  const forgetAll = (): void => {
    for (const forget of forgets) forget();
  };
  let versionSeen: unknown;
  return {
    renew: () => {
      const version = dataVersion.get();
      if (version === versionSeen) return;
      versionSeen = version;
      forgetAll();
    },
    forgetAll,
    records: (find, { idOf, countMax }) => {
      const kept = new BoundedMap<string, NonNullable<ReturnType<typeof find>>>(countMax);
      forgets.push(() => kept.clear());
      const keyOf = (programme: string, id: Parameters<typeof find>[1]): string => `${programme}/${idOf(id)}`;
      return {
        find: (programme, id) => {
          const key = keyOf(programme, id);
          const known = kept.get(key);
          if (known !== undefined) return known;
          const found = find(programme, id);
          // What is not there is looked for each time: else whoever invents ids would push out those that are.
          if (found !== undefined) kept.set(key, found);
          return found;
        },
        forget: (programme, id) => kept.delete(keyOf(programme, id)),
      };
    },
  };
}

/**
 * What a programme consists of, table by table, for export and import (docs/operations.md, "Move a programme"). Both stores
 * have these tables with these columns; a test holds the list against both schemas, so that no migration forgets it. A change
 * here is a new version of the file format.
 */

export const PORTABLE_FORMAT = 'tapseal-programme';
export const PORTABLE_VERSION = 1;

/** `integer` is safe in JavaScript; `long` is a running total of 64 bits, which may go past that. */
export type ColumnType = 'text' | 'integer' | 'long' | 'bytes';

export type PortableColumn = {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
};

export type PortableTable = {
  readonly name: string;
  /** The column with the id of the programme. It stands in the header of a file and in none of its rows. */
  readonly programmeColumn: string;
  /** The rest of the primary key: rows are in its order, text by its bytes. */
  readonly key: readonly string[];
  /** Without the column of the programme. */
  readonly columns: readonly PortableColumn[];
};

/** Text, a safe integer, a long that is no safe integer, bytes. */
export type PortableValue = string | number | bigint | Uint8Array | null;
export type PortableRow = readonly PortableValue[];

/** Columns as `name:type`, with a question mark where it may be NULL. */
function table(name: string, key: string, columns: string, programmeColumn = 'programme'): PortableTable {
  return {
    name,
    programmeColumn,
    key: key.split(' ').filter(Boolean),
    columns: columns
      .trim()
      .split(/\s+/)
      .map((column) => {
        const [columnName = '', type = ''] = column.split(':');
        return {
          name: columnName,
          type: type.replace('?', '') as ColumnType,
          nullable: type.endsWith('?'),
        };
      }),
  };
}

/** In an order in which every row follows those that it refers to. */
export const portableTables: readonly PortableTable[] = [
  table('programme', '', 'title:text time_zone:text currency:text created_at_ms:integer', 'id'),
  table('manifest', 'version', 'version:integer bytes:bytes'),
  table(
    'touchpoint',
    'name',
    'name:text title:text place:text labels:text time_zone:text? created_at_ms:integer',
  ),
  table(
    'box',
    'id',
    `id:bytes name:text certificate:bytes enrolled_at_ms:integer revoked_at_ms:integer? revoked_reason:text?
     forked:integer boot_counter:integer manifest_version:integer receipts_through:integer epoch:integer
     advert_key:bytes counter_s:integer seen_at_ms:integer refresh_at_ms:integer?`,
  ),
  table('rotating_id', 'rotating_id', 'rotating_id:bytes box:bytes epoch:integer advert_key:bytes'),
  table(
    'enrolment_code',
    'secret_hash',
    'secret_hash:bytes name:text expires_at_ms:integer used_at_ms:integer?',
  ),
  table('shopper', 'id', 'id:text reference:bytes? labels:text created_at_ms:integer'),
  table(
    'phone',
    'id',
    `id:bytes shopper:text algorithm:text certificate:bytes certificate_facts:bytes? registered_at_ms:integer revoked_at_ms:integer?
     revoked_reason:text?`,
  ),
  table('offer', 'id', 'id:text version:integer paused:integer created_at_ms:integer'),
  table(
    'offer_version',
    'offer version',
    'offer:text version:integer body:text hash:bytes created_at_ms:integer',
  ),
  table('offer_touchpoint', 'touchpoint offer', 'touchpoint:text offer:text'),
  table('counter', 'key', 'key:text used:long held:integer resets_at_ms:integer? last_at_ms:integer'),
  table(
    'counter_event',
    'key at_ms running',
    'key:text at_ms:integer running:long amount:integer expires_at_ms:integer',
  ),
  table(
    'decision',
    'sequence',
    `sequence:integer transaction_id:bytes granted:integer request_hash:bytes phone:bytes shopper:text box:bytes
     touchpoint:text box_nonce:bytes offer:text offer_version:integer offer_hash:bytes? amount_minor:integer
     awarded_minor:integer? hold_ends_at_ms:integer? decided_at_ms:integer manifest_version:integer
     receipts_through:integer box_manifest_version:integer voucher_key_id:bytes action:text? code:text? rule:text?
     used:integer? maximum:integer? resets_at_ms:integer?`,
  ),
  table(
    'hold',
    'transaction_id key',
    `transaction_id:bytes key:text amount:integer window_ms:integer? resets_at_ms:integer? ends_at_ms:integer
     state:text`,
  ),
  table('box_nonce', 'box nonce', 'box:bytes nonce:bytes transaction_id:bytes used_at_ms:integer'),
  table(
    'receipt',
    'box counter',
    `box:bytes counter:integer transaction_id:bytes outcome:text bytes:bytes hash:bytes previous_hash:bytes
     received_at_ms:integer`,
  ),
  table(
    'token',
    'id',
    `id:text role:text label:text secret_hash:bytes created_at_ms:integer expires_at_ms:integer?
     revoked_at_ms:integer?`,
  ),
  table('audit', 'sequence', 'sequence:integer at_ms:integer token:text act:text object:text'),
];

export function columnsOf(portable: PortableTable): readonly string[] {
  return portable.columns.map(({ name }) => name);
}

/** Where the parts of the key stand in a row. */
export function keyPositionsOf(portable: PortableTable): readonly number[] {
  return portable.key.map((name) => portable.columns.findIndex((column) => column.name === name));
}

/** The programme in the address of a route. */
import { Name } from '@tapseal/shared/http-api';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { Type } from '@tapseal/shared/type-builder';
import type { ProgrammeRecord } from '../store/records.js';
import type { ProgrammeStore } from '../store/store-port.js';

export const PROGRAMME_PATH = '/v1/programmes/:programme';

export const ProgrammeParams = Type.Object({ programme: Name });

/** @throws TapsealError programme_unknown */
export async function requireProgramme(
  store: Pick<ProgrammeStore, 'findProgramme'>,
  id: string,
): Promise<ProgrammeRecord> {
  const programme = await store.findProgramme(id);
  if (programme === undefined) throw new TapsealError('programme_unknown');
  return programme;
}

/** Bytes of a field whose schema has bounded its text. @throws TapsealError message_malformed */
export function requireBytes(bytes: Uint8Array | undefined, field: string): Uint8Array {
  if (bytes === undefined) throw new TapsealError('message_malformed', field);
  return bytes;
}

/** The outbox as one small file for each entry in a folder. See write-durable for what a power cut leaves. */
import { readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Outbox, OutboxEntry } from '../../core/ports.js';
import { flushFolder, makeFolder, writeDurable } from './write-durable.js';

const FILE_NAME = /^(transaction|receipt)-([0-9a-f]{32,64})\.json$/;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Reads what this file wrote; undefined for anything else, which is left where it is for inspection. */
function parseEntry(kind: string, id: string, text: string): OutboxEntry | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof json !== 'object' || json === null) return undefined;
  const { programme, offer, touchpointName, request, receipt } = json as Record<string, unknown>;
  if (typeof programme !== 'string') return undefined;
  if (kind === 'receipt') {
    return typeof receipt === 'string' ? { kind: 'receipt', id, programme, receipt } : undefined;
  }
  if (typeof offer !== 'string' || typeof touchpointName !== 'string' || typeof request !== 'string')
    return undefined;
  return { kind: 'transaction', id, programme, offer, touchpointName, request };
}

export async function openFileOutbox(folder: string): Promise<Outbox> {
  await makeFolder(folder);
  const pathOf = (kind: string, id: string): string => {
    const name = `${kind}-${id}.json`;
    if (!FILE_NAME.test(name)) throw new RangeError('an outbox id is hexadecimal');
    return join(folder, name);
  };
  return {
    put: (entry) => writeDurable(pathOf(entry.kind, entry.id), JSON.stringify(entry)),
    list: async () => {
      const entries: OutboxEntry[] = [];
      for (const name of (await readdir(folder)).sort()) {
        const [, kind, id] = FILE_NAME.exec(name) ?? [];
        if (kind === undefined || id === undefined) continue;
        try {
          const entry = parseEntry(kind, id, await readFile(join(folder, name), 'utf8'));
          if (entry !== undefined) entries.push(entry);
        } catch (error) {
          // Deleted since the folder was read.
          if (!isMissing(error)) throw error;
        }
      }
      return entries;
    },
    delete: async (kind, id) => {
      try {
        await unlink(pathOf(kind, id));
      } catch (error) {
        if (isMissing(error)) return;
        throw error;
      }
      await flushFolder(folder);
    },
  };
}

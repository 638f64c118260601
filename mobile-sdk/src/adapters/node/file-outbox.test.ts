import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboxEntry } from '../../core/ports.js';
import { openFileOutbox } from './file-outbox.js';

let folder: string;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tapseal-outbox-')), 'outbox');
});

afterEach(() => {
  rmSync(join(folder, '..'), { recursive: true });
});

const transaction: OutboxEntry = {
  kind: 'transaction',
  id: 'ab'.repeat(16),
  programme: 'demo',
  offer: 'free-coffee',
  touchpointName: 'lobby-1',
  request: 'AAAA',
};
const receipt: OutboxEntry = { kind: 'receipt', id: 'cd'.repeat(32), programme: 'demo', receipt: 'BBBB' };

describe('openFileOutbox', () => {
  it('keeps entries over a restart, until they are deleted', async () => {
    const outbox = await openFileOutbox(folder);
    await outbox.put(transaction);
    await outbox.put(receipt);
    const later = await openFileOutbox(folder);
    expect(await later.list()).toEqual([receipt, transaction]);
    await later.delete('receipt', receipt.id);
    await later.delete('receipt', receipt.id);
    expect(await (await openFileOutbox(folder)).list()).toEqual([transaction]);
  });

  it('replaces an entry that is put again, also at once', async () => {
    const outbox = await openFileOutbox(folder);
    await Promise.all([outbox.put(transaction), outbox.put({ ...transaction, offer: 'tea' })]);
    expect(await outbox.list()).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('passes over what a power cut or a stranger left, and keeps it', async () => {
    const outbox = await openFileOutbox(folder);
    await outbox.put(transaction);
    writeFileSync(join(folder, `receipt-${'ef'.repeat(32)}.json`), '{"programme":');
    writeFileSync(join(folder, `receipt-${receipt.id}.json.1-1.tmp`), '{}');
    writeFileSync(join(folder, 'notes.txt'), 'x');
    expect(await outbox.list()).toEqual([transaction]);
    expect(readdirSync(folder)).toHaveLength(4);
  });

  it('is not held up by what an earlier process of the same id left half written', async () => {
    const outbox = await openFileOutbox(folder);
    const path = join(folder, `receipt-${receipt.id}.json`);
    for (let n = 1; n <= 50; n++) writeFileSync(`${path}.${process.pid}-${n}.tmp`, '{');
    await outbox.put(receipt);
    expect(await outbox.list()).toEqual([receipt]);
  });

  it('leaves nothing half written behind where it fails', async () => {
    const outbox = await openFileOutbox(folder);
    mkdirSync(join(folder, `receipt-${receipt.id}.json`));
    await expect(outbox.put(receipt)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual([`receipt-${receipt.id}.json`]);
  });

  it('lets no id leave its folder', async () => {
    const outbox = await openFileOutbox(folder);
    expect(() => outbox.put({ ...receipt, id: '../../escape' })).toThrow(RangeError);
  });

  it('is readable by its owner only', async () => {
    const outbox = await openFileOutbox(folder);
    await outbox.put(receipt);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, `receipt-${receipt.id}.json`)).mode & 0o777).toBe(0o600);
  });
});

/** Property 19: a stolen box keeps its earlier rotating IDs secret. */
import { makeAdvert } from '@tapseal/shared/advert';
import { bytesToHex } from '@tapseal/shared/bytes';
import { expect, test } from 'vitest';
import { enrolledBench } from '../testing/box-bench.js';

const EPOCH_MS = 1_024_000;

function idOf(scanResponse: Uint8Array): string {
  // Length, type, company id, version; then the rotating ID.
  return bytesToHex(scanResponse.subarray(5, 13));
}

test('property 19: every epoch has an ID of its own, also over boots, and no file has an earlier key', async () => {
  const box = await enrolledBench({ seed: 191 });
  const keys: string[] = [];
  for (let boot = 0; boot < 3; boot++) {
    if (boot > 0) box.boot();
    for (let epoch = 0; epoch < 4; epoch++) {
      keys.push(bytesToHex(box.store.state.advertKey));
      box.advance(EPOCH_MS);
    }
  }
  const ids = box.adverts.map(idOf);
  expect(new Set(ids).size).toBe(15);
  // An ID that was left never comes back.
  expect(ids.filter((id, i) => id !== ids[i - 1])).toHaveLength(15);
  const files = box.disk.names().map((name) => bytesToHex(box.disk.read(name) ?? new Uint8Array()));
  for (const key of keys) for (const file of files) expect(file).not.toContain(key);
});

test('the advert has a new nonce whenever advertising starts, and once a minute', async () => {
  const box = await enrolledBench({ seed: 192 });
  box.open(1);
  box.close(1);
  box.advance(180_000);
  const adverts = box.adverts.map((advert) => bytesToHex(advert));
  expect(adverts).toHaveLength(5);
  expect(new Set(adverts).size).toBe(5);
  const key = box.store.state.advertKey;
  const [advert] = box.adverts;
  const nonce = advert?.slice(13, 21) ?? new Uint8Array();
  expect(bytesToHex(advert?.slice(5, 29) ?? new Uint8Array())).toBe(
    Object.values(makeAdvert(box.crypto, key, nonce))
      .map(bytesToHex)
      .join(''),
  );
});

test('a box that serves a phone does not advertise, nor does a faulty one', async () => {
  const box = await enrolledBench({ seed: 193 });
  box.open(1);
  box.greet(1);
  const count = box.adverts.length;
  box.advance(14_000);
  expect(box.adverts).toHaveLength(count);
  const voucher = box.authority.voucher(box.greet(1));
  box.store.persist = () => {
    throw new Error('read-only file system');
  };
  box.write(1, 'voucher', voucher);
  box.close(1);
  box.advance(200_000);
  expect(box.adverts).toHaveLength(count);
});

test('the counter goes on over a boot from the start of the next epoch', async () => {
  const box = await enrolledBench({ seed: 194 });
  box.open(1);
  expect(box.greet(1)).toMatchObject({ bootCounter: 1, counterS: 1_024 });
  box.close(1);
  box.advance(EPOCH_MS + 5_000);
  box.open(2);
  expect(box.greet(2).counterS).toBe(2_053);
  box.boot();
  box.open(3);
  expect(box.greet(3)).toMatchObject({ bootCounter: 2, counterS: 3 * 1_024 });
});

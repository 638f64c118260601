/**
 * Makes redemption requests beforehand, on as many threads as the machine has processors. Nonces come from the server over
 * HTTP, as phones get them, just before: they are good for 120 seconds.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SERVER_NONCE_BYTES, TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { base64urlToBytes } from '@tapseal/shared/bytes';
import type { SeededRandom } from '@tapseal/virtual-radio/seeded-random';
import { type Crowd, PROGRAMME } from './crowd.js';
import type { InstallationFacts } from './installation.js';
import type { LoadGenerator } from './load-generator.js';
import { encodeHttpRequest, type RequestBatch, repeatRequest } from './request-batch.js';
import type { MadeRequests, MakeTask } from './request-task.js';

const MAKER_FILE = new URL('./request-worker.js', import.meta.url);

export type PreparedTaps = {
  readonly batch: RequestBatch;
  /** 16 bytes each. */
  readonly transactionIds: Uint8Array;
};

/** Who taps where. */
export type TapPlan = { readonly phones: Uint32Array; readonly boxes: Uint32Array };

/** Any phone at any box, evenly. */
export function randomTaps(random: SeededRandom, crowd: Crowd, count: number): TapPlan {
  const draw = (end: number) => Uint32Array.from({ length: count }, () => Math.floor(random.unit() * end));
  return { phones: draw(crowd.phones), boxes: draw(crowd.boxes) };
}

/** Each phone once: after it the server has seen them all. */
export function everyPhoneOnce(crowd: Crowd): TapPlan {
  return {
    phones: Uint32Array.from({ length: crowd.phones }, (_, index) => index),
    boxes: Uint32Array.from({ length: crowd.phones }, (_, index) => index % crowd.boxes),
  };
}

async function fetchNonces(generator: LoadGenerator, count: number): Promise<Uint8Array> {
  const path = `/v1/programmes/${PROGRAMME}/nonces`;
  const { bodies } = await generator.closedLoop(repeatRequest(encodeHttpRequest('POST', path), count));
  const nonces = new Uint8Array(count * SERVER_NONCE_BYTES);
  for (const [index, body] of bodies.entries()) {
    const { nonce = '' } = JSON.parse(Buffer.from(body).toString('utf8')) as { nonce?: string };
    const bytes = base64urlToBytes(nonce, SERVER_NONCE_BYTES);
    if (bytes?.length !== SERVER_NONCE_BYTES)
      throw new Error(`no nonce: ${Buffer.from(body).toString('utf8')}`);
    nonces.set(bytes, index * SERVER_NONCE_BYTES);
  }
  return nonces;
}

function runTask(worker: Worker, task: MakeTask): Promise<MadeRequests> {
  return new Promise((resolve, reject) => {
    const onError = (error: unknown): void => reject(error);
    worker.once('error', onError);
    worker.once('message', (made: MadeRequests) => {
      worker.off('error', onError);
      resolve(made);
    });
    worker.postMessage(task);
  });
}

export class RequestMaker {
  readonly #workers: readonly Worker[];

  constructor({ crowd, ownerToken, manifestVersion, sealKey }: InstallationFacts) {
    const workerData: InstallationFacts = { crowd, ownerToken, manifestVersion, sealKey };
    this.#workers = Array.from(
      { length: availableParallelism() },
      () => new Worker(MAKER_FILE, { workerData }),
    );
  }

  async make(generator: LoadGenerator, plan: TapPlan): Promise<PreparedTaps> {
    const count = plan.phones.length;
    const nonces = await fetchNonces(generator, count);
    const share = Math.ceil(count / this.#workers.length);
    const parts = await Promise.all(
      this.#workers.map((worker, index) => {
        const [from, to] = [Math.min(index * share, count), Math.min((index + 1) * share, count)];
        return runTask(worker, {
          phones: plan.phones.slice(from, to),
          boxes: plan.boxes.slice(from, to),
          nonces: nonces.slice(from * SERVER_NONCE_BYTES, to * SERVER_NONCE_BYTES),
        });
      }),
    );
    return joinParts(parts, count);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

function joinParts(parts: readonly MadeRequests[], count: number): PreparedTaps {
  const bytes = Buffer.concat(parts.map((part) => part.bytes));
  const transactionIds = new Uint8Array(count * TRANSACTION_ID_BYTES);
  const offsets = new Uint32Array(count + 1);
  let index = 0;
  let at = 0;
  for (const part of parts) {
    transactionIds.set(part.transactionIds, index * TRANSACTION_ID_BYTES);
    for (const end of part.offsets.subarray(1)) offsets[++index] = at + end;
    at += part.bytes.length;
  }
  return { batch: { bytes, offsets }, transactionIds };
}

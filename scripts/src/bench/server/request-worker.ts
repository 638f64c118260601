/** A thread that makes requests as phones make them: a hello signed by the box and sealed, a request signed by the phone. */
import { parentPort, workerData } from 'node:worker_threads';
import { SERVER_NONCE_BYTES, TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToBase64url, hexToBytes } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import type { Signer } from '@tapseal/shared/crypto-port';
import { sealHello, signHello } from '@tapseal/shared/hello';
import { phoneIdOf } from '@tapseal/shared/key-id';
import { signRequest } from '@tapseal/shared/request';
import { boxId, boxSigner, OFFER, PROGRAMME, phoneSigner } from './crowd.js';
import type { InstallationFacts } from './installation.js';
import { encodeHttpRequest, joinRequests } from './request-batch.js';
import type { MadeRequests, MakeTask } from './request-task.js';

type PhoneKey = { readonly signer: Signer; readonly id: Uint8Array };
type BoxKey = { readonly signer: Signer; readonly id: Uint8Array };

const PATH = `/v1/programmes/${PROGRAMME}/redemptions`;

class RequestForge {
  readonly #crypto = createNativeCrypto();
  readonly #facts: InstallationFacts;
  readonly #sealKey: Uint8Array;
  readonly #phones = new Map<number, PhoneKey>();
  readonly #boxes = new Map<number, BoxKey>();

  constructor(facts: InstallationFacts) {
    this.#facts = facts;
    const sealKey = hexToBytes(facts.sealKey, 32);
    if (sealKey === undefined) throw new Error('the seal key is not 32 bytes');
    this.#sealKey = sealKey;
  }

  #phone(index: number): PhoneKey {
    const known = this.#phones.get(index);
    if (known !== undefined) return known;
    const signer = phoneSigner(this.#crypto, this.#facts.crowd, index);
    const key = { signer, id: phoneIdOf(this.#crypto, signer.publicKey) };
    this.#phones.set(index, key);
    return key;
  }

  #box(index: number): BoxKey {
    const known = this.#boxes.get(index);
    if (known !== undefined) return known;
    const { crowd } = this.#facts;
    const key = { signer: boxSigner(this.#crypto, crowd, index), id: boxId(this.#crypto, crowd, index) };
    this.#boxes.set(index, key);
    return key;
  }

  async #request(phone: PhoneKey, box: BoxKey, serverNonce: Uint8Array, transactionId: Uint8Array) {
    const hello = signHello(
      {
        touchpointId: box.id,
        boxNonce: this.#crypto.randomBytes(16),
        challenge: challengeOf(this.#crypto, serverNonce, phone.id, transactionId),
        bootCounter: 1,
        counterS: 1,
        manifestVersion: this.#facts.manifestVersion,
      },
      box.signer,
    );
    return signRequest(
      {
        programme: PROGRAMME,
        serverNonce,
        transactionId,
        phoneId: phone.id,
        offer: OFFER,
        amountMinor: 0,
        sealedHello: sealHello(this.#crypto, this.#sealKey, hello),
      },
      phone.signer,
    );
  }

  async make({ phones, boxes, nonces }: MakeTask): Promise<MadeRequests> {
    const transactionIds = this.#crypto.randomBytes(phones.length * TRANSACTION_ID_BYTES);
    const requests: string[] = [];
    for (const [index, phone] of phones.entries()) {
      const request = await this.#request(
        this.#phone(phone),
        this.#box(boxes[index] ?? 0),
        nonces.subarray(index * SERVER_NONCE_BYTES, (index + 1) * SERVER_NONCE_BYTES),
        transactionIds.subarray(index * TRANSACTION_ID_BYTES, (index + 1) * TRANSACTION_ID_BYTES),
      );
      requests.push(encodeHttpRequest('POST', PATH, JSON.stringify({ request: bytesToBase64url(request) })));
    }
    const { bytes, offsets } = joinRequests(requests);
    return { bytes, offsets, transactionIds };
  }
}

const forge = new RequestForge(workerData as InstallationFacts);
parentPort?.on('message', (task: MakeTask) => {
  forge.make(task).then(
    (made) => parentPort?.postMessage(made),
    (error: unknown) => {
      throw error;
    },
  );
});

/** What phones and the operator say to the servers of a venue, and what lies in its data. */
import assert from 'node:assert/strict';
import type { OfferBody } from '@tapseal/cert-server/http/offer-schemas';
import { storeLocation } from '@tapseal/cert-server/store/store-location';
import { bytesToBase64url, bytesToHex } from '@tapseal/shared/bytes';
import type { ReceiptsAnswer } from '@tapseal/shared/http-api';
import { readData, type StoredData } from './data-reader.js';
import { ConnectionLost, type HttpAnswer, HttpClient } from './http-client.js';
import type { Prepared } from './limits-phone.js';
import type { LimitsVenue } from './limits-venue.js';
import { PROGRAMME } from './programme.js';
import { type Outcome, readOutcome } from './read-outcome.js';

/** To each server. */
const CONNECTIONS = 128;
const BUSY = 503;

export class ServerDesk {
  readonly #venue: LimitsVenue;
  readonly #client = new HttpClient(CONNECTIONS);
  /** Of the servers that run; requests are spread over them. */
  urls: readonly string[];
  #turn = 0;

  constructor(venue: LimitsVenue, urls: readonly string[]) {
    this.#venue = venue;
    this.urls = urls;
  }

  #next(path: string): string {
    this.#turn += 1;
    const url = this.urls[this.#turn % this.urls.length];
    if (url === undefined) throw new Error('no server runs');
    return `${url}/v1/programmes/${PROGRAMME}${path}`;
  }

  async addOffer(offer: OfferBody): Promise<void> {
    const answer = await this.#client.send(
      'POST',
      this.#next('/offers'),
      JSON.stringify(offer),
      this.#venue.ownerToken,
    );
    assert.equal(answer.status, 201, answer.text);
  }

  /** @returns undefined where the connection was lost, or the server was too busy to decide */
  async redeem(prepared: Prepared): Promise<Outcome | undefined> {
    const answer = await this.#try(this.#next('/redemptions'), prepared.body);
    return answer && readOutcome(prepared, answer, this.#venue.voucherKeys);
  }

  async #try(url: string, body: string): Promise<HttpAnswer | undefined> {
    try {
      const answer = await this.#client.send('POST', url, body);
      return answer.status === BUSY ? undefined : answer;
    } catch (error) {
      if (error instanceof ConnectionLost) return undefined;
      throw error;
    }
  }

  /** All at once. */
  async redeemAll(prepared: readonly Prepared[]): Promise<Outcome[]> {
    // Answers are read when all of them are there: checking signatures would hold the other requests up.
    const answers = await Promise.all(
      prepared.map((one) => this.#client.send('POST', this.#next('/redemptions'), one.body)),
    );
    const outcomes: Outcome[] = [];
    for (const [i, one] of prepared.entries()) {
      const answer = answers[i];
      if (answer !== undefined) outcomes.push(await readOutcome(one, answer, this.#venue.voucherKeys));
    }
    return outcomes;
  }

  /** @returns false where nobody answered; that they are on record otherwise is checked */
  async postReceipts(receipts: readonly Uint8Array[]): Promise<boolean> {
    const body = JSON.stringify({ receipts: receipts.map(bytesToBase64url) });
    const answer = await this.#try(this.#next('/receipts'), body);
    if (answer === undefined) return false;
    assert.equal(answer.status, 200, answer.text);
    const { results } = JSON.parse(answer.text) as ReceiptsAnswer;
    assert.deepEqual(
      results,
      receipts.map(() => ({ stored: true })),
    );
    return true;
  }

  async release(transactionId: Uint8Array): Promise<void> {
    const path = `/grants/${bytesToHex(transactionId)}/release`;
    const answer = await this.#client.send('POST', this.#next(path), undefined, this.#venue.ownerToken);
    assert.equal(answer.status, 200, answer.text);
  }

  data(): Promise<StoredData> {
    const location = storeLocation(this.#venue.directory, this.#venue.database);
    return readData(location.kind === 'sqlite' ? { file: location.file } : { url: location.url });
  }

  close(): void {
    this.#client.close();
  }
}

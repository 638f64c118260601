/**
 * A real server on the bench: its data directory, its app on a port of loopback, a clock that the test sets, and a box and a
 * phone with real keys. The bad request goes through real HTTP.
 */
import { join } from 'node:path';
import type { RateLimitOptions } from '@tapseal/cert-server/http/rate-limits';
import { DATABASE_FILE } from '@tapseal/cert-server/store/store-location';
import { TestBox } from '@tapseal/cert-server/testing/test-box';
import { TestPhone } from '@tapseal/cert-server/testing/test-phone';
import { type Method, startTestServer, type TestServer } from '@tapseal/cert-server/testing/test-server';
import { bytesToBase64url } from '@tapseal/shared/bytes';
import { challengeOf } from '@tapseal/shared/challenge';
import type { Hello } from '@tapseal/shared/hello';
import type { Request } from '@tapseal/shared/request';
import Sqlite from 'better-sqlite3';
import { crypto } from './bench-box.js';
import { type Scenario, type Sighting, told } from './scenario.js';

export const programme = '/v1/programmes/venue';
const PROBLEM_MEDIA_TYPE = 'application/problem+json';

type Rows = Record<string, unknown[]>;

export type Ask = {
  readonly method?: Method;
  readonly path: string;
  /** Sent as JSON; as it is where it is text. */
  readonly body?: object | string;
  readonly mediaType?: string;
  readonly token?: string;
};

/** Every row of every table. */
function dump(server: TestServer): Rows {
  const database = new Sqlite(join(server.directory, DATABASE_FILE), { readonly: true });
  try {
    const tables = database
      .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    return Object.fromEntries(
      tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]),
    );
  } finally {
    database.close();
  }
}

export class BenchServer {
  readonly server: TestServer;
  readonly url: string;
  readonly box: TestBox;
  readonly phone: TestPhone;

  private constructor(server: TestServer, url: string, box: TestBox, phone: TestPhone) {
    this.server = server;
    this.url = url;
    this.box = box;
    this.phone = phone;
  }

  static async start(rateLimits: RateLimitOptions = {}): Promise<BenchServer> {
    const server = await startTestServer({ rateLimits });
    const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
    const box = await TestBox.enrol(server, 'lobby-1');
    return new BenchServer(server, url, box, await TestPhone.register(server));
  }

  async offer(id: string, changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const body = { id, touchpoints: [this.box.name], action: 'dispense', rules: {}, ...changes };
    const { status } = await this.server.admin('POST', '/offers', body);
    if (status !== 201) throw new Error(`no offer was made: ${status}`);
  }

  /** A request whose hello has a fault of its own. */
  async requestWithHello(
    offer: string,
    changes: Partial<Hello>,
    signer = this.box.signer,
  ): Promise<Uint8Array> {
    const serverNonce = await this.phone.nonce();
    const transactionId = crypto.randomBytes(16);
    const challenge = challengeOf(crypto, serverNonce, this.phone.id, transactionId);
    const sealedHello = this.box.hello(challenge, changes, signer);
    return this.phone.request(this.box, offer, { serverNonce, transactionId, sealedHello });
  }

  /** A good request with these changes. */
  request(changes: Partial<Request> = {}, signer = this.phone.signer): Promise<Uint8Array> {
    return this.phone.request(this.box, 'coffee', changes, signer);
  }

  async send(
    { method = 'POST', path, body, mediaType = 'application/json', token }: Ask,
    url = this.url,
  ): Promise<Response> {
    return fetch(new URL(path, url), {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': mediaType }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /**
   * Asks for what is refused.
   * @param changing tables that a refusal may legitimately touch; they are left out of the comparison
   */
  async provoke(ask: Ask, changing: readonly string[] = [], url = this.url): Promise<Sighting> {
    const before = this.#kept(changing);
    const answer = await this.send(ask, url);
    const mediaType = answer.headers.get('content-type') ?? '';
    if (!mediaType.startsWith(PROBLEM_MEDIA_TYPE))
      throw new Error(`the answer is ${mediaType}: ${await answer.text()}`);
    const problem = (await answer.json()) as Record<string, unknown>;
    if (problem.type !== `urn:tapseal:problem:${problem.code}` || problem.status !== answer.status)
      throw new Error(`type or status differ: ${JSON.stringify(problem)}`);
    if ((answer.status === 429 || answer.status === 503) && !(Number(answer.headers.get('retry-after')) > 0))
      throw new Error('nothing says when to come back');
    const after = this.#kept(changing);
    return { code: String(problem.code), http: answer.status, ...told(problem), before, after };
  }

  redeem(request: Uint8Array): Promise<Sighting> {
    return this.provoke(redemption(request));
  }

  /**
   * A refusal by the rules of an offer. It is itself a decision: recorded, signed, and the answer to every retry. So one row
   * appears among the decisions, without a grant, and the box has been heard; no counter moves and no nonce is used up.
   */
  async refuse(request: Uint8Array): Promise<Sighting> {
    const before = dump(this.server);
    const sighting = await this.provoke(redemption(request), ['decision', 'box', 'rotating_id']);
    const added = (dump(this.server).decision ?? []).slice() as { granted: number; code: string }[];
    const refusals = added.filter((row) => row.granted === 0 && row.code === sighting.code);
    if (refusals.length !== 1 || added.length !== (before.decision?.length ?? 0) + 1)
      throw new Error('a refusal is to be recorded once, and as a refusal');
    return sighting;
  }

  /** Hands one receipt in: its verdict stands in the list of results, because it must not hold up the receipts beside it. */
  async handIn(receipt: Uint8Array, changing: readonly string[] = []): Promise<Sighting> {
    const before = this.#kept(changing);
    const answer = await this.send({
      path: `${programme}/receipts`,
      body: { receipts: [bytesToBase64url(receipt)] },
    });
    const { results } = (await answer.json()) as { results: { stored: boolean; code?: string }[] };
    const [result] = results;
    if (answer.status !== 200 || result?.stored !== false) throw new Error('the receipt was taken');
    return { code: String(result.code), before, after: this.#kept(changing) };
  }

  async redeemWell(request: Uint8Array): Promise<void> {
    const { status, body } = await this.phone.redeem(request);
    if (status !== 200) throw new Error(`not granted: ${JSON.stringify(body)}`);
  }

  /** As an operator with an SQLite shell would. */
  execute(sql: string): void {
    const database = new Sqlite(join(this.server.directory, DATABASE_FILE));
    try {
      database.exec(sql);
    } finally {
      database.close();
    }
  }

  pass(ms: number): void {
    this.server.nowMs += ms;
  }

  #kept(changing: readonly string[]): Rows {
    const rows = dump(this.server);
    for (const table of changing) delete rows[table];
    return rows;
  }
}

export function redemption(request: Uint8Array): Ask {
  return { path: `${programme}/redemptions`, body: { request: bytesToBase64url(request) } };
}

export const withServer =
  (play: (bench: BenchServer) => Promise<Sighting>, rateLimits: RateLimitOptions = {}): Scenario =>
  async () => {
    const bench = await BenchServer.start(rateLimits);
    try {
      await bench.offer('coffee');
      return await play(bench);
    } finally {
      await bench.server.close();
    }
  };

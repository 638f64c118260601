/** For tests only: a venue at work (a server, the box at lobby-1, a phone), and what its operator does most. */
import type { TokenCreated, TokenRole } from '../http/admin-schemas.js';
import type { OfferAdminView } from '../http/offer-schemas.js';
import { TestBox } from './test-box.js';
import { TestPhone } from './test-phone.js';
import { type Answer, startTestServer, type TestServer } from './test-server.js';

export type TestVenue = { readonly server: TestServer; readonly box: TestBox; readonly phone: TestPhone };

/** @param options as for the server */
export async function startTestVenue(
  options: Parameters<typeof startTestServer>[0] = {},
): Promise<TestVenue> {
  const server = await startTestServer(options);
  const box = await TestBox.enrol(server, 'lobby-1');
  return { server, box, phone: await TestPhone.register(server) };
}

/** An offer at lobby-1, which opens and is free, unless `more` says otherwise. */
export function postOffer(
  server: TestServer,
  id: string,
  rules: object,
  more: object = {},
): Promise<Answer<OfferAdminView>> {
  const offer = { id, touchpoints: ['lobby-1'], action: 'open', rules, ...more };
  return server.admin<OfferAdminView>('POST', '/offers', offer);
}

export async function addToken(
  server: TestServer,
  role: TokenRole,
  more: object = {},
): Promise<TokenCreated> {
  return (await server.admin<TokenCreated>('POST', '/tokens', { role, ...more })).body;
}

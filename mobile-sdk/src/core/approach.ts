/** Fetches a hello over an open link: challenge out, hello in (docs/protocol.md §6.2, §6.3). The phone cannot read the hello. */
import { TRANSACTION_ID_BYTES } from '@tapseal/shared/bounds';
import { bytesToHex } from '@tapseal/shared/bytes';
import { challengeOf, encodeChallenge } from '@tapseal/shared/challenge';
import type { Message } from '@tapseal/shared/frame';
import { decodeStatus } from '@tapseal/shared/status';
import { TapsealError } from '@tapseal/shared/tapseal-error';
import { HELLO_MS_MAX, RESOLVE_MS_MAX } from './limits.js';
import type { Link } from './link.js';
import type { NoncePool } from './nonce-pool.js';
import type { Clock, PhoneCrypto } from './ports.js';
import type { Identity } from './register.js';
import { withNetworkRetries } from './retry.js';
import type { Scope } from './scope.js';

/** A hello and what it answers. It fits one transaction, at one box, for 60 s. */
export type HeldHello = {
  readonly transactionId: Uint8Array;
  readonly transactionIdHex: string;
  readonly serverNonce: Uint8Array;
  readonly sealedHello: Uint8Array;
  /** When its challenge was sent: the box made its nonce later, so the hello is younger than this says. */
  readonly askedAtMs: number;
};

export type ApproachDeps = {
  readonly clock: Clock;
  readonly crypto: PhoneCrypto;
  readonly noncePool: NoncePool;
  readonly identity: Identity;
};

/** A transaction that has a nonce and waits for a link. */
export type Prepared = Pick<HeldHello, 'transactionId' | 'transactionIdHex' | 'serverNonce'>;

/** Runs while the radio connects. @throws TapsealError network_unavailable */
export async function prepare(deps: ApproachDeps, scope: Scope): Promise<Prepared> {
  const { clock, crypto, noncePool } = deps;
  const serverNonce = await withNetworkRetries(clock, scope, RESOLVE_MS_MAX, () => noncePool.take());
  const transactionId = crypto.randomBytes(TRANSACTION_ID_BYTES);
  return { transactionId, transactionIdHex: bytesToHex(transactionId), serverNonce };
}

/** @throws TapsealError link_lost, message_unexpected, or the code of the box's status */
export async function fetchHello(
  deps: ApproachDeps,
  scope: Scope,
  link: Link,
  prepared: Prepared,
): Promise<HeldHello> {
  const { clock, crypto, identity } = deps;
  const challenge = challengeOf(crypto, prepared.serverNonce, identity.phoneId, prepared.transactionId);
  const askedAtMs = clock.nowMs();
  await scope.within(
    link.send({ type: 'challenge', body: encodeChallenge(challenge) }),
    HELLO_MS_MAX,
    'link_lost',
  );
  const answer = await scope.within(link.receive(), HELLO_MS_MAX, 'link_lost');
  throwIfStatus(answer);
  if (answer.type !== 'hello') throw new TapsealError('message_unexpected', answer.type);
  return { ...prepared, sealedHello: answer.body, askedAtMs };
}

/** @throws TapsealError the code of a status, where the message is one */
export function throwIfStatus(message: Message): void {
  if (message.type !== 'status') return;
  const status = decodeStatus(message.body);
  if (status !== 'manifest_installed') throw new TapsealError(status, 'status of the touchpoint');
  throw new TapsealError('message_unexpected', 'status');
}

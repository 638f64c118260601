/**
 * The vectors of the layer `state`, replayed against a real touchpoint: truly signed messages that it refuses for what it
 * is, has or has seen. A box that differs in that one thing takes the same bytes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hexToBytes } from '@tapseal/shared/bytes';
import { encodeChallenge } from '@tapseal/shared/challenge';
import { createNativeCrypto } from '@tapseal/shared/crypto-native';
import { encodeFrames, FrameReader, type MessageType } from '@tapseal/shared/frame';
import { signManifest } from '@tapseal/shared/manifest';
import { decodeStatus } from '@tapseal/shared/status';
import { fixedParties, fixedTap } from '@tapseal/shared/vectors/fixed-parties';
import type { Vector } from '@tapseal/shared/vectors/vector';
import { describe, expect, test } from 'vitest';
import { DurableState } from './durable-state.js';
import type { Input } from './step.js';
import { Touchpoint } from './touchpoint.js';

const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url));
const vectors = readdirSync(folder)
  .map((file): Vector => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')))
  .filter(({ expect: wanted }) => 'layer' in wanted && wanted.layer === 'state');

const crypto = createNativeCrypto();
const parties = fixedParties(crypto);
const tap = fixedTap(parties);
const LINK = 1;
const MTU = 185;
const NOW_MS = 1_000;

function hex(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? hexToBytes(text, text.length / 2) : undefined;
  if (bytes === undefined) throw new TypeError('a vector must have hexadecimal here');
  return bytes;
}

/** What a box is, has and has seen when the message comes. */
type Circumstances = {
  readonly touchpointId: Uint8Array;
  readonly programme: string;
  readonly heldVersion: number;
  readonly newestServerTimeS: number;
};

/** As a box would be that takes the messages of every vector. */
const agreeable: Circumstances = {
  touchpointId: parties.touchpointId,
  programme: tap.manifest.programme,
  heldVersion: tap.manifest.version - 1,
  newestServerTimeS: 0,
};

function circumstancesOf({ given }: Vector): Circumstances {
  return {
    touchpointId: given.ownTouchpointId === undefined ? agreeable.touchpointId : hex(given.ownTouchpointId),
    programme: String(given.ownProgramme ?? agreeable.programme),
    heldVersion: Number(given.heldVersion ?? agreeable.heldVersion),
    newestServerTimeS: Number(given.newestServerTimeS ?? agreeable.newestServerTimeS),
  };
}

/** Says a hello with the nonce that the vouchers answer, then takes the message. @returns what the phone and the world see */
function replay(vector: Vector, circumstances: Circumstances): string[] {
  const { touchpointId, programme, heldVersion, newestServerTimeS } = circumstances;
  const state = new DurableState();
  state.apply({ kind: 'epoch', epoch: 0, advertKey: new Uint8Array(32) });
  const held = {
    ...tap.manifest,
    programme,
    version: heldVersion,
    revokedTouchpoints: [],
    revokedVoucherKeys: [],
  };
  state.apply({ kind: 'manifest', manifest: signManifest(held, parties.root) });
  state.serverTimeS = newestServerTimeS;
  const box = new Touchpoint(
    {
      crypto: {
        ...crypto,
        randomBytes: (length) => parties.boxNonce.slice(0, length),
      },
      signer: parties.touchpoint,
      touchpointId,
      programme,
      rootKey: parties.root.publicKey,
      allows: () => true,
      holdMs: 15_000,
      state,
    },
    NOW_MS,
  );
  const reader = new FrameReader();
  const seen: string[] = [];
  const feed = (input: Input): void => {
    for (const output of box.handle(input, NOW_MS)) {
      if (output.kind === 'persist') feed({ kind: 'persisted', write: output.write, ok: true });
      if (output.kind === 'actuate') seen.push(`actuates ${output.order.action}`);
      const message = output.kind === 'notify' ? reader.push(output.packet) : undefined;
      if (message !== undefined)
        seen.push(message.type === 'status' ? decodeStatus(message.body) : message.type);
    }
  };
  const write = (type: MessageType, body: Uint8Array): void => {
    for (const packet of encodeFrames({ type, body }, MTU))
      feed({ kind: 'packetReceived', link: LINK, packet });
  };
  feed({ kind: 'started' });
  feed({ kind: 'linkOpened', link: LINK });
  feed({ kind: 'mtuChanged', link: LINK, mtu: MTU });
  feed({ kind: 'subscribed', link: LINK });
  write('challenge', encodeChallenge(tap.hello.challenge));
  write(vector.reader === 'manifest' ? 'manifest' : 'voucher', hex(vector.message));
  return seen;
}

test('the vectors of the layer are those that a touchpoint refuses', () => {
  expect(vectors.map(({ name }) => name).sort()).toEqual([
    'manifest-older',
    'manifest-other-programme',
    'manifest-same',
    'voucher-other-touchpoint',
    'voucher-time-older',
  ]);
});

describe.each(vectors)('$name', (vector) => {
  test('is refused by the box that it names', () => {
    const code = 'code' in vector.expect ? vector.expect.code : undefined;
    expect(replay(vector, circumstancesOf(vector))).toEqual(['hello', code]);
  });

  test('is taken by a box for which it is right', () => {
    const taken = vector.reader === 'manifest' ? 'manifest_installed' : 'actuates dispense';
    expect(replay(vector, agreeable)).toEqual(['hello', taken]);
  });
});

test('a server time 180 seconds older than the newest is not refused yet', () => {
  const [vector] = vectors.filter(({ name }) => name === 'voucher-time-older');
  if (vector === undefined) throw new Error('no such vector');
  const circumstances = circumstancesOf(vector);
  const newestServerTimeS = circumstances.newestServerTimeS - 1;
  expect(replay(vector, { ...circumstances, newestServerTimeS })).toEqual(['hello', 'actuates dispense']);
});

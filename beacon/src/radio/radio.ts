/** The radio as the box uses it: one service, one characteristic, links by number. */
import type { TapsealError } from '@tapseal/shared/tapseal-error';
import type { LinkId } from '../core/step.js';

export type RadioEvents = {
  readonly linkOpened: (link: LinkId) => void;
  readonly mtuChanged: (link: LinkId, mtu: number) => void;
  readonly subscribed: (link: LinkId) => void;
  readonly packetReceived: (link: LinkId, packet: Uint8Array) => void;
  readonly linkClosed: (link: LinkId) => void;
  /**
   * The adapter is gone, switched off or mute, or refuses to advertise, and nothing more will come: adapter_missing,
   * adapter_down, adapter_busy, adapter_forbidden. At most once.
   */
  readonly failed: (error: TapsealError) => void;
  readonly warned: (warning: string) => void;
};

export interface Radio {
  /** Starts or renews advertising: 31 bytes at most each. */
  advertise(advertisingData: Uint8Array, scanResponse: Uint8Array): void;
  /** Resolves once the adapter has said that it advertises. @throws TapsealError as `failed` */
  advertising(): Promise<void>;
  notify(link: LinkId, packet: Uint8Array): void;
  drop(link: LinkId): void;
  stop(): Promise<void>;
}

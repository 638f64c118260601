/** Every bound of the phone in one place: how long a stage may take, how old a thing may be, how much is kept. */
import { BOX_NONCE_TTL_MS, SERVER_NONCE_TTL_MS } from '@tapseal/shared/bounds';

/** Connect, discover, subscribe. A box that serves another phone does not advertise, so this is also the wait for it. */
export const CONNECT_MS_MAX = 5_000;
/** From the challenge to the hello. The box drops silent links after 5 s; it never takes long to answer. */
export const HELLO_MS_MAX = 3_000;
export const MANIFEST_STATUS_MS_MAX = 3_000;
/** From the voucher to the receipt: the box acts first, and pulses for a coin input can take seconds. */
export const RECEIPT_MS_MAX = 15_000;
/** How long the phone waits for another rider's receipt, after its own and after each. */
export const RIDER_MS_MAX = 300;

export const CONNECT_ATTEMPTS_MAX = 4;
export const LINK_RETRY_MS = 100;

/** How long one approval tries to reach the server, with the same bytes. */
export const REDEEM_MS_MAX = 30_000;
/** How long a tap tries to reach the server before the approval. */
export const RESOLVE_MS_MAX = 15_000;
/** One attempt of a request, whatever the http port does. */
export const HTTP_MS_MAX = 12_000;
export const NETWORK_RETRY_MS_MIN = 250;
export const NETWORK_RETRY_MS_MAX = 4_000;

/** Deliveries in the background: the first retry, and the longest wait between two. */
export const BACKGROUND_RETRY_MS_MIN = 2_000;
export const BACKGROUND_RETRY_MS_MAX = 60_000;

/** A hello younger than this may still be redeemed: the rest of its 60 s is for the round trip and a new link. */
export const HELLO_REDEEM_AGE_MS_MAX = BOX_NONCE_TTL_MS - 15_000;
/** A voucher is carried while the hello is younger than this on our clock, which may drift from that of the box. */
export const HELLO_DELIVER_AGE_MS_MAX = BOX_NONCE_TTL_MS - 1_000;
/** A nonce may be this old when its challenge is made: hello and redemption must still fit into its life. */
export const NONCE_AGE_MS_MAX = SERVER_NONCE_TTL_MS - HELLO_REDEEM_AGE_MS_MAX - REDEEM_MS_MAX - 15_000;

/** Below this a touchpoint is shown, but not connected to by itself. */
export const RSSI_FLOOR_DBM_DEFAULT = -80;
/** Another touchpoint must be this much stronger to be connected to instead. */
export const RSSI_SWITCH_DB = 10;
/** A change that is worth an event. */
export const RSSI_STEP_DB = 6;
/** Silence after which a touchpoint counts as gone. */
export const LOST_MS = 8_000;
export const SWEEP_MS = 2_000;
/** Touchpoints in sight that are kept; further ones are ignored until some are gone. */
export const TOUCHPOINTS_MAX = 64;
/** An answer of resolve is asked for again when it is older: offers open and close. */
export const RESOLVED_AGE_MS_MAX = 60_000;
/** After an error other than advert_unknown, sightings ask no sooner than this. */
export const RESOLVE_PAUSE_MS = 5_000;

/** Events that wait for a slow reader of the stream; the oldest is dropped. */
export const EVENTS_QUEUED_MAX = 1_024;

/** Of the server's answers. */
export const OFFERS_MAX = 100;
export const TEXT_CHARS_MAX = 500;
export const CERTIFICATE_CHARS_MAX = 4_096;
export const CERTIFICATES_MAX = 4;
export const JWS_CHARS_MAX = 2_048;

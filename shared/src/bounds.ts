/**
 * Every bound of the protocol in one place (docs/protocol.md §2). A parser checks a length against this file
 * before it allocates; `bounds.test.ts` asserts the relations between them.
 */

/** Version that opens every challenge and every advert. A lower one is refused, never negotiated. */
export const PROTOCOL_VERSION = 1;

/** Suite 1: Ed25519 or P-256 for phones, Ed25519 for everyone else, X25519 sealed boxes, SHA-256. */
export const SUITE = 1;

export const ID_BYTES = 8;
export const TRANSACTION_ID_BYTES = 16;
export const PHONE_ID_BYTES = 16;
export const VOUCHER_KEY_ID_BYTES = 4;
export const HASH_BYTES = 32;
/** What a voucher carries of a hash (truncated-hash.ts). */
export const TRUNCATED_HASH_BYTES = 16;
export const SIGNATURE_BYTES = 64;
export const ED25519_KEY_BYTES = 32;
/** Uncompressed point: 0x04 ‖ x ‖ y. */
export const P256_KEY_BYTES = 65;
export const X25519_KEY_BYTES = 32;

export const ROTATING_ID_BYTES = 8;
export const ADVERT_NONCE_BYTES = 8;
export const ADVERT_MAC_BYTES = 8;
export const ADVERT_BYTES = ROTATING_ID_BYTES + ADVERT_NONCE_BYTES + ADVERT_MAC_BYTES;

export const SERVER_NONCE_BYTES = 40;
export const SERVER_NONCE_TTL_MS = 120_000;

export const CHALLENGE_BYTES = 16;
export const CHALLENGE_MESSAGE_BYTES = 2 + CHALLENGE_BYTES;
export const BOX_NONCE_BYTES = 16;
/** A voucher must reach the box within this span of the hello it answers, on the box's monotonic clock. */
export const BOX_NONCE_TTL_MS = 60_000;

/** Sealed box of libsodium: ephemeral X25519 key (32) and Poly1305 tag (16). */
export const SEAL_OVERHEAD_BYTES = 48;

/** ATT payload at MTU 185, the smallest that today's phones negotiate. Hello, voucher, receipt must fit with their frame byte. */
export const ONE_PACKET_BYTES = 182;
export const ATT_MTU_MIN = 23;
export const ATT_HEADER_BYTES = 3;
/** The longest value of a characteristic (Bluetooth Core, Vol 3, Part F, §3.2.9), however large the MTU. */
export const ATT_VALUE_BYTES_MAX = 512;

export const HELLO_BYTES_MAX = ONE_PACKET_BYTES - 1 - SEAL_OVERHEAD_BYTES;
export const SEALED_HELLO_BYTES_MAX = ONE_PACKET_BYTES - 1;
export const VOUCHER_BYTES_MAX = ONE_PACKET_BYTES - 1;
export const RECEIPT_BYTES_MAX = ONE_PACKET_BYTES - 1;
export const REQUEST_BYTES_MAX = 640;
export const REFUSAL_BYTES_MAX = 512;
export const REGISTRATION_BYTES_MAX = 384;
export const ENROLMENT_BINDING_BYTES_MAX = 320;
export const MANIFEST_BYTES_MAX = 8_192;

/** Longest message that is carried over Bluetooth in fragments: the manifest. */
export const MESSAGE_BYTES_MAX = MANIFEST_BYTES_MAX;

export const MANIFEST_VOUCHER_KEYS_MAX = 8;
export const MANIFEST_REVOKED_MAX = 256;

/** Texts of a refusal, in bytes of UTF-8. */
export const REFUSAL_CODE_BYTES_MAX = 40;
export const REFUSAL_RULE_BYTES_MAX = 120;

export const UINT16_MAX = 0xffff;
export const UINT32_MAX = 0xffff_ffff;
/** Amounts are minor units of the programme's currency and fit an unsigned 32-bit integer. */
export const AMOUNT_MINOR_MAX = UINT32_MAX;

/** Programme, offer and touchpoint names: lower-case letters, digits and hyphens. */
export const NAME_CHARS_MAX = 40;
export const NAME_PATTERN = '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$';

/**
 * Free text (titles, places, reasons, references): no control characters (C0, DEL, C1) and no half of a surrogate pair, which not
 * every store and terminal can keep apart from something else. To be read with the flag `u`, as JSON Schema does.
 */
export const TEXT_PATTERN = '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]*$';

export const ROTATION_PERIOD_S = 1_024;

/** Silence after which the box drops a link: before a challenge, or inside a message. */
export const LINK_SILENCE_MS_MAX = 5_000;
/** How long a phone may hold the link after its hello while its owner reads; operators may lower it to 0. */
export const LINK_HOLD_MS_DEFAULT = 15_000;
/** Receipts the box keeps for the next phones, and how many of them one phone is asked to carry. */
export const RECEIPTS_KEPT_MAX = 4_096;
export const RECEIPTS_CARRIED_MAX = 8;
/** A voucher may be this much older than the newest server time the box has seen (§7.3). */
export const SERVER_TIME_SLACK_S = 180;

export const VOUCHER_JWS_CHARS_MAX = 2_048;
export const JWK_SET_KEYS_MAX = 64;
/** An app's own reference of its shopper, as it hands it in at registration. */
export const SHOPPER_REFERENCE_CHARS_MAX = 128;

export const HTTP_BODY_BYTES_MAX = 16_384;
export const RECEIPTS_POSTED_MAX = 16;

export const ENROLMENT_CODE_TTL_MS = 15 * 60_000;

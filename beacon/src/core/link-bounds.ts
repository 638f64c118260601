/** Bounds of the box alone; those that two sides share are in shared/src/bounds.ts. docs/protocol.md §4.3, §7. */

/** Outstanding hellos that can still be answered by a voucher; a further one makes the box forget the oldest. */
export const BOX_NONCES_MAX = 16;

/** Hellos on one link: enough for a retry, too few to keep the box signing. */
export const HELLOS_PER_LINK_MAX = 3;

/** Transactions that the box remembers as used. Older ones are refused by their nonce. */
export const USED_TRANSACTIONS_MAX = 10_000;

/** A message of several packets must be whole within this time, however steadily its packets come. */
export const MESSAGE_MS_MAX = 15_000;

/**
 * A controller may discard what it has not sent yet when it is told to disconnect. So the box leaves this time between its
 * answer and dropping the link; it is also what a hold time of 0 comes to.
 */
export const DELIVERY_MS = 1_000;

/** How often answers may put off the end of a link by DELIVERY_MS: challenge, manifest, voucher, and one to spare. */
export const ANSWER_EXTENSIONS_MAX = 4;

/** While nobody connects, the advert gets a new nonce at least this often. */
export const ADVERT_NONCE_MS_MAX = 60_000;

/** A link that did not end when told to is told again after this time. */
export const DROP_REPEAT_MS = 2_000;

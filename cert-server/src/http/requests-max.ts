/** By itself, so that the command line can name it without loading the server. */

/** Requests held at once. At 3,000 answers a second the last of them waits two thirds of a second. */
export const REQUESTS_MAX_DEFAULT = 2_000;

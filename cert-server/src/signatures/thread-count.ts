/** How many threads share the signatures with the main one. */
import { availableParallelism } from 'node:os';

export const SIGNATURE_THREADS_MAX = 16;

/** One, where there is a second processor; more pay only where more cores are idle (docs/decisions/015). */
export const SIGNATURE_THREADS_DEFAULT = Math.min(1, availableParallelism() - 1);

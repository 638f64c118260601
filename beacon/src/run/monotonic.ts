/** Milliseconds of CLOCK_MONOTONIC: the same for all processes of a machine, and untouched by its clock being set. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000n) / 1_000;
}

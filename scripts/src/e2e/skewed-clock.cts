/**
 * For `node --require`: a machine whose clocks are wrong. TAPSEAL_TEST_WALL_SHIFT_MS moves the clock of the wall (property 6);
 * each SIGUSR2 moves the monotonic clock on by TAPSEAL_TEST_MONOTONIC_STEP_MS, as a long wait would (property 5).
 */
const wallShiftMs = Number(process.env.TAPSEAL_TEST_WALL_SHIFT_MS ?? '0');
const stepNs = BigInt(process.env.TAPSEAL_TEST_MONOTONIC_STEP_MS ?? '0') * 1_000_000n;

if (wallShiftMs !== 0) {
  const RealDate = Date;
  class SkewedDate extends RealDate {
    constructor(...args: ConstructorParameters<typeof Date> | []) {
      if (args.length === 0) super(RealDate.now() + wallShiftMs);
      else super(...args);
    }
    static override now(): number {
      return RealDate.now() + wallShiftMs;
    }
  }
  globalThis.Date = SkewedDate as DateConstructor;
}

if (stepNs !== 0n) {
  let offsetNs = 0n;
  const realTime = process.hrtime.bigint.bind(process.hrtime);
  process.hrtime.bigint = () => realTime() + offsetNs;
  process.on('SIGUSR2', () => {
    offsetNs += stepNs;
    process.stdout.write(`${JSON.stringify({ event: 'clock_moved' })}\n`);
  });
}

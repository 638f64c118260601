/** When rolling windows have room: what both stores tell of one in the same way, whatever their events lie in. */
import type { CounterUsage, WindowRoom } from '../decision/counter-usage.js';

/**
 * @param leavesAtMs when the events of the window, which are more than `sum`, are down to it; undefined where nobody knows yet
 * @returns of each sum that is exceeded
 */
export function windowRooms(
  sums: readonly number[],
  { used, held }: Pick<CounterUsage, 'used' | 'held'>,
  leavesAtMs: (sum: number) => number | undefined,
): Pick<CounterUsage, 'rooms'> {
  const rooms = new Map<number, WindowRoom>();
  for (const sum of sums) {
    if (used + held <= sum) continue;
    const withHeldAtMs = held <= sum ? leavesAtMs(sum - held) : undefined;
    const withoutHeldAtMs = used <= sum ? undefined : held === 0 ? withHeldAtMs : leavesAtMs(sum);
    rooms.set(sum, {
      ...(withHeldAtMs === undefined ? {} : { withHeldAtMs }),
      ...(withoutHeldAtMs === undefined ? {} : { withoutHeldAtMs }),
    });
  }
  return rooms.size === 0 ? {} : { rooms };
}

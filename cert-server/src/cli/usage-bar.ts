/** How full something is, for people who would rather look than read. */
const CELLS = 16;

/** `██████▒▒░░░░░░░░`: used, held, left. What is used at all shows, and a bar is full only where nothing is left. */
export function usageBar(used: number, held: number, maximum: number): string {
  const share = (count: number): number => {
    if (count <= 0) return 0;
    if (count >= maximum) return CELLS;
    return Math.min(CELLS - 1, Math.max(1, Math.round((count / maximum) * CELLS)));
  };
  const taken = share(used + held);
  const counted = held === 0 ? taken : Math.min(share(used), taken - 1);
  return '█'.repeat(counted) + '▒'.repeat(taken - counted) + '░'.repeat(CELLS - taken);
}

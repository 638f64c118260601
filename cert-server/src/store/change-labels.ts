/** What both stores do with a change of labels. */
import { LABELS_MAX, type Labels } from '../decision/labels.js';

/**
 * The labels of before with those of `change` added; `null` takes one away. Keys come sorted, so that equal labels are equal
 * text. Undefined where there would be more than LABELS_MAX.
 */
export function changeLabels(
  before: Labels,
  change: Readonly<Record<string, string | null>>,
): Labels | undefined {
  const labels = new Map<string, string>(Object.entries(before));
  for (const [label, value] of Object.entries(change)) {
    if (value === null) labels.delete(label);
    else labels.set(label, value);
  }
  if (labels.size > LABELS_MAX) return undefined;
  return Object.fromEntries([...labels].sort(([a], [b]) => (a < b ? -1 : 1)));
}

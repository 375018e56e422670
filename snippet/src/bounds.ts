/** A whole number within what the wire carries as px: from `least` to 1,000,000. */
export function toWhole(value: number, least = -1e6): number {
  return Math.max(least, Math.min(1e6, Math.round(value)));
}

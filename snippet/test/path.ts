/** The path that kept points stand for: straight lines at constant speed between neighbours. */
export interface Point {
  at: number;
  x: number;
  y: number;
}

/** How far the path is from a sample at the sample's time. Where it is at several places at that time, the nearest counts. */
export function distanceAt(path: readonly Point[], sample: Point): number {
  let low = 0;
  let high = path.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (path[middle]!.at < sample.at) low = middle + 1;
    else high = middle;
  }
  const after = path[low];
  if (!after) return Infinity;
  if (after.at > sample.at) {
    const before = path[low - 1];
    if (!before) return Infinity;
    const share = (sample.at - before.at) / (after.at - before.at);
    return Math.hypot(before.x + share * (after.x - before.x) - sample.x, before.y + share * (after.y - before.y) - sample.y);
  }
  let nearest = Math.hypot(after.x - sample.x, after.y - sample.y);
  for (let i = low; path[i + 1]?.at === sample.at; i++) nearest = Math.min(nearest, distanceToLine(path[i]!, path[i + 1]!, sample));
  return nearest;
}

function distanceToLine(a: Point, b: Point, { x, y }: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const share = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(a.x + share * dx - x, a.y + share * dy - y);
}

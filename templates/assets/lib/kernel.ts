// The Gaussian that spreads cells, one axis after the other.

import type { Grid } from "./heat";

/** The weights of a Gaussian of `sigma` cells, cut at three of them. The middle one stands at `reach`. */
export function kernel(sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  return Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
}

/** The same amounts spread by a Gaussian of `sigma` CSS px. The sum stays the same: what would fall over the edge stays on the page. */
export function smooth(grid: Grid, sigma: number): Grid {
  if (sigma <= 0) return grid;
  const { columns, rows, px, values } = grid;
  const weights = kernel(sigma / px);
  const across = new Float32Array(values.length);
  const both = new Float32Array(values.length);
  const byColumn = totals(weights, columns);
  const byRow = totals(weights, rows);
  for (let row = 0; row < rows; row++) {
    const begin = row * columns;
    for (let from = 0; from < columns; from++) {
      const amount = values[begin + from]!;
      if (amount !== 0) spread(across, begin, from, columns, amount, weights, byColumn[from]!);
    }
  }
  // Row after row again, so that memory is read in its order.
  for (let row = 0; row < rows; row++) {
    const [reach, total] = [weights.length >> 1, byRow[row]!];
    const [first, last] = [Math.max(0, row - reach), Math.min(rows - 1, row + reach)];
    const [left, right] = ends(across, row * columns, columns);
    for (let to = first; to <= last && left <= right; to++) {
      const weight = weights[to + reach - row]!;
      const [source, target] = [row * columns, to * columns];
      for (let column = left; column <= right; column++) both[target + column]! += Math.fround((across[source + column]! * weight) / total);
    }
  }
  return { columns, rows, px, values: both };
}

/** For each place, how much of the kernel lies inside. */
function totals(weights: Float64Array, count: number): Float64Array {
  const reach = weights.length >> 1;
  return Float64Array.from({ length: count }, (_, from) => {
    let total = 0;
    for (let to = Math.max(0, from - reach); to <= Math.min(count - 1, from + reach); to++) total += weights[to + reach - from]!;
    return total;
  });
}

function spread(into: Float32Array, begin: number, from: number, count: number, amount: number, weights: Float64Array, total: number): void {
  const reach = weights.length >> 1;
  const last = Math.min(count - 1, from + reach);
  for (let to = Math.max(0, from - reach); to <= last; to++) into[begin + to]! += Math.fround((amount * weights[to + reach - from]!) / total);
}

/** First and last place of a row that holds something; the first after the last where none does. */
function ends(values: Float32Array, begin: number, count: number): [number, number] {
  let [left, right] = [0, count - 1];
  while (left < count && values[begin + left] === 0) left += 1;
  while (right >= left && values[begin + right] === 0) right -= 1;
  return [left, right];
}

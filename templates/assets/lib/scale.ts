// From a cell's value to a place on the ramp, 0 to 1, and back for the legend.

import { most as largest } from "./heat";

export type How = "log" | "linear" | "percentile";

export interface Scale {
  place(value: number): number;
  /** The value at a place: what the legend prints. */
  value(place: number): number;
}

/** One scale for all that is given: maps that are compared share it. */
export function scale(how: How, ...maps: Float32Array[]): Scale {
  const most = Math.max(...maps.map(largest)) || 1;
  if (how === "linear") return { place: (v) => v / most, value: (p) => p * most };
  if (how === "percentile") {
    const full = sorted(maps);
    const rank = (v: number) => {
      let [low, high] = [0, full.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (full[middle]! < v) low = middle + 1;
        else high = middle;
      }
      return low / Math.max(1, full.length - 1);
    };
    return { place: (v) => (v <= 0 ? 0 : Math.min(1, rank(v))), value: (p) => (p <= 0 ? 0 : full[Math.round(p * (full.length - 1))] ?? 0) };
  }
  // log(1 + v/k): linear near zero, logarithmic above. k is a fiftieth of the largest value.
  const k = most / 50;
  const whole = Math.log1p(most / k);
  return { place: (v) => Math.log1p(v / k) / whole, value: (p) => k * Math.expm1(p * whole) };
}

/** All values above zero, in their order. */
function sorted(maps: Float32Array[]): Float32Array {
  const parts = maps.map((values) => values.filter((value) => value > 0));
  const full = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  let begin = 0;
  for (const part of parts) {
    full.set(part, begin);
    begin += part.length;
  }
  return full.sort();
}

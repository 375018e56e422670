// From cells to pixels: bilinear in floats, then the ramp. Coloured pixels are never blurred.

import { type Grid, most } from "./heat";
import type { Scale } from "./scale";

/** Steps of the table between value and colour. */
const STEPS = 4096;

/** What pixels are painted from: made once, used for every tile. */
export interface Paint {
  grid: Grid;
  /** Colours as 32-bit words, by the square root of the value's share of the largest: small values need the finer steps. */
  table: Uint32Array;
  /** The value at the end of the table. */
  most: number;
  /** First and last column of each row that hold something. */
  left: Int32Array;
  right: Int32Array;
}

/** The part of the page that pixels show: left upper corner and px of the page a pixel. */
export interface Window {
  x: number;
  y: number;
  step: number;
}

/** The scale is looked up, not computed, for each of a million pixels. `top`: the largest value where other maps share the scale. */
export function prepare(grid: Grid, scale: Scale, colours: Uint8ClampedArray, top = most(grid.values)): Paint {
  const words = new Uint32Array(colours.buffer.slice(0));
  const end = top || 1;
  const table = Uint32Array.from({ length: STEPS }, (_, i) => words[Math.round(255 * Math.min(1, scale.place((i / (STEPS - 1)) ** 2 * end)))]!);
  const left = new Int32Array(grid.rows);
  const right = new Int32Array(grid.rows);
  for (let row = 0; row < grid.rows; row++) {
    const begin = row * grid.columns;
    let [first, last] = [0, grid.columns - 1];
    while (first <= last && grid.values[begin + first] === 0) first += 1;
    while (last >= first && grid.values[begin + last] === 0) last -= 1;
    left[row] = first;
    right[row] = last;
  }
  return { grid, table, most: end, left, right };
}

/** Fills pixels, row after row, with what a window onto the page shows. They must be clear. */
export function fill(pixels: Uint32Array, width: number, height: number, { grid, table, most, left, right }: Paint, { x: beginX, y: beginY, step }: Window): void {
  const { columns, rows, px, values } = grid;
  const line = new Float32Array(columns);
  const factor = (STEPS - 1) / Math.sqrt(most);
  const rest = step / px;
  for (let y = 0; y < height; y++) {
    const at = clamp((beginY + (y + 0.5) * step) / px - 0.5, rows - 1);
    const above = Math.min(Math.floor(at), Math.max(0, rows - 2));
    const below = Math.min(rows - 1, above + 1);
    const [first, last] = [Math.min(left[above]!, left[below]!), Math.max(right[above]!, right[below]!)];
    if (first > last) continue;
    const v = at - above;
    for (let i = Math.max(0, first - 1); i <= Math.min(columns - 1, last + 1); i++) line[i] = values[above * columns + i]! * (1 - v) + values[below * columns + i]! * v;
    const begin = y * width;
    if (columns === 1) {
      if (line[0]! > 0) pixels.fill(table[Math.min(STEPS - 1, Math.round(factor * Math.sqrt(line[0]!)))]!, begin, begin + width);
      continue;
    }
    // Pixels between the middles of the cells around the ones that hold something.
    const from = Math.max(0, Math.floor(((first - 0.5) * px - beginX) / step));
    const to = Math.min(width, Math.ceil(((last + 1.5) * px - beginX) / step));
    let place = (beginX + (from + 0.5) * step) / px - 0.5;
    for (let x = from; x < to; x++, place += rest) {
      const held = place < 0 ? 0 : place > columns - 1 ? columns - 1 : place;
      let i = held | 0;
      if (i > columns - 2) i = columns - 2;
      const a = line[i]!;
      const value = a + (line[i + 1]! - a) * (held - i);
      if (value > 0) pixels[begin + x] = table[Math.min(STEPS - 1, (factor * Math.sqrt(value) + 0.5) | 0)]!;
    }
  }
}

/** Blocks of a difference: signed values, no blending, and nothing where there is no number. */
export function fillBlocks(pixels: Uint32Array, width: number, height: number, grid: Grid, most: number, colours: Uint8ClampedArray, { x: beginX, y: beginY, step }: Window): void {
  const words = new Uint32Array(colours.buffer.slice(0));
  for (let y = 0; y < height; y++) {
    const row = Math.floor((beginY + (y + 0.5) * step) / grid.px);
    if (row >= grid.rows) break;
    for (let x = 0; x < width; x++) {
      const column = grid.columns === 1 ? 0 : Math.min(grid.columns - 1, Math.floor((beginX + (x + 0.5) * step) / grid.px));
      const value = grid.values[row * grid.columns + column]!;
      if (value !== 0 && value === value) pixels[y * width + x] = words[place(value, most)]!;
    }
  }
}

/** Place of a difference on the ramp, 0 to 255: none stands in the middle. The square root keeps small ones apart. */
export function place(value: number, most: number): number {
  return Math.round(127.5 + 127.5 * Math.sign(value) * Math.sqrt(Math.min(1, Math.abs(value) / (most || 1))));
}

function clamp(value: number, most: number): number {
  return value < 0 ? 0 : value > most ? most : value;
}

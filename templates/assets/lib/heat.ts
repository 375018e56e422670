// Cells of heat, and how they get onto canvases: bilinear in floats, then the ramp. Coloured pixels are never blurred.

import type { Scale } from "./scale";

/** A dense grid of values. */
export interface Grid {
  columns: number;
  rows: number;
  /** Side of a cell, CSS px of the page. */
  px: number;
  values: Float32Array;
}

/** Height of one canvas, CSS px: browsers refuse much larger ones. */
const SLICE = 4096;

/** Fills the grid from index differences and thousandths. */
export function grid(columns: number, rows: number, px: number, at: number[], value: number[]): Grid {
  const values = new Float32Array(columns * rows);
  let index = 0;
  at.forEach((step, i) => {
    index += step;
    values[index] = (value[i] ?? 0) / 1000;
  });
  return { columns, rows, px, values };
}

/** Value at a place of the page, between the middles of the four cells around it. */
export function sample(grid: Grid, x: number, y: number): number {
  const { columns, rows, px, values } = grid;
  const fx = clamp(x / px - 0.5, columns - 1);
  const fy = clamp(y / px - 0.5, rows - 1);
  const [i, j] = [Math.min(Math.floor(fx), Math.max(0, columns - 2)), Math.min(Math.floor(fy), Math.max(0, rows - 2))];
  const [u, v] = [fx - i, fy - j];
  const n = j * columns + i;
  const right = columns > 1 ? 1 : 0;
  const below = rows > 1 ? columns : 0;
  return (values[n]! * (1 - u) + values[n + right]! * u) * (1 - v) + (values[n + below]! * (1 - u) + values[n + below + right]! * u) * v;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

/** Canvases that cover `height` page px, one above the other. */
export function slices(height: number): { from: number; height: number }[] {
  const out = [];
  for (let from = 0; from < height; from += SLICE) out.push({ from, height: Math.min(SLICE, height - from) });
  return out;
}

/** Paints page px `from` to `from + height` at `zoom` canvas px a page px. */
export function paint(canvas: HTMLCanvasElement, grid: Grid, scale: Scale, colours: Uint8ClampedArray, pageW: number, from: number, height: number, zoom: number): void {
  const [w, h] = [Math.max(1, Math.round(pageW * zoom)), Math.max(1, Math.round(height * zoom))];
  canvas.width = w;
  canvas.height = h;
  const g = canvas.getContext("2d")!;
  const image = g.createImageData(w, h);
  // The scale is looked up, not computed, for each of a million pixels.
  const most = grid.values.reduce((a, b) => Math.max(a, b), 0) || 1;
  const table = Uint8Array.from({ length: 4096 }, (_, i) => Math.round(255 * Math.min(1, scale.place((i / 4095) ** 2 * most))));
  for (let y = 0; y < h; y++) {
    const py = from + (y + 0.5) / zoom;
    if (!hasHeat(grid, py)) continue;
    for (let x = 0; x < w; x++) {
      const value = sample(grid, (x + 0.5) / zoom, py);
      if (value <= 0) continue;
      const k = table[Math.round(4095 * Math.sqrt(value / most))]! * 4;
      const o = (y * w + x) * 4;
      image.data[o] = colours[k]!;
      image.data[o + 1] = colours[k + 1]!;
      image.data[o + 2] = colours[k + 2]!;
      image.data[o + 3] = colours[k + 3]!;
    }
  }
  g.putImageData(image, 0, 0);
}

/** Is there anything in the rows around this height? Most of a long page is empty. */
function hasHeat(grid: Grid, y: number): boolean {
  const row = Math.floor(y / grid.px - 0.5);
  for (let j = Math.max(0, row); j <= Math.min(grid.rows - 1, row + 1); j++) {
    const begin = j * grid.columns;
    for (let i = begin; i < begin + grid.columns; i++) if (grid.values[i]! > 0) return true;
  }
  return false;
}

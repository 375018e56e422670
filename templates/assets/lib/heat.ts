// Cells of heat in the unit that is shown. The PNG of the collector is made the same way, step by step.

import type { Heatmap } from "./answer";

/** A dense grid of values. */
export interface Grid {
  columns: number;
  rows: number;
  /** Side of a cell, CSS px of the page. */
  px: number;
  values: Float32Array;
}

/** Side of the square that values are given for, CSS px. */
const UNIT_PX = 16;

type Amounts = Pick<Heatmap, "kind" | "by_row" | "per_unit" | "sessions" | "views" | "columns" | "rows" | "cell_px" | "at" | "value">;

/** Puts the amounts where the index differences lead, in the unit that is shown: a hundred sessions and 16 x 16 px, or a session, or a share. */
export function grid(map: Amounts): Grid {
  const { columns, rows, cell_px: px } = map;
  const values = new Float32Array(columns * rows);
  const [sessions, share] = [Math.max(1, map.sessions), (px / UNIT_PX) ** 2];
  let index = 0;
  if (map.kind === "reach") {
    map.at.forEach((step, i) => (values[(index += step)] = (map.value[i] ?? 0) / map.per_unit));
    cumulate(values, Math.max(1, map.views));
  } else {
    const shown = map.by_row ? (amount: number) => amount / map.per_unit / sessions : (amount: number) => ((amount / map.per_unit) * 100) / sessions / share;
    map.at.forEach((step, i) => (values[(index += step)] = shown(map.value[i] ?? 0)));
  }
  return { columns, rows, px, values };
}

/** From how many page views ended in a row to the share of those that got at least there. */
function cumulate(values: Float32Array, views: number): void {
  let sum = 0;
  for (let row = values.length - 1; row >= 0; row--) {
    sum += values[row]!;
    values[row] = sum / views;
  }
}

/** Height down to which a share of the page views came; 0 where none did. */
export function reached(grid: Grid, share: number): number {
  for (let row = grid.rows - 1; row >= 0; row--) if (grid.values[row]! >= share) return (row + 1) * grid.px;
  return 0;
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

/** Value of the cell itself. */
export function cell(grid: Grid, x: number, y: number): number {
  const column = grid.columns === 1 ? 0 : Math.floor(x / grid.px);
  const row = Math.floor(y / grid.px);
  return column < 0 || row < 0 || column >= grid.columns || row >= grid.rows ? 0 : grid.values[row * grid.columns + column]!;
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value));
}

/** The largest value. */
export function most(values: Float32Array): number {
  let most = 0;
  // By index: the iterator costs ten times as much for a million cells.
  for (let i = 0; i < values.length; i++) if (values[i]! > most) most = values[i]!;
  return most;
}

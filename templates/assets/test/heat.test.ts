import { expect, test } from "vitest";
import { cell, grid, most, reached, sample } from "../lib/heat";

const base = { kind: "movement", by_row: false, per_unit: 16_000, sessions: 50, views: 80, columns: 3, rows: 2, cell_px: 8 } as const;
/** A grid of values as they are. */
const plain = (columns: number, rows: number, px: number, values: number[]) => ({ columns, rows, px, values: Float32Array.from(values) });

test("amounts are put where the steps between them lead, in seconds of a hundred sessions and 16 x 16 px", () => {
  const cells = grid({ ...base, at: [1, 3, 1], value: [16_000, 8_000, 160] });
  // A second of 50 sessions in a quarter of the square: 1 * 100 / 50 * 4.
  expect([...cells.values]).toEqual([0, 8, 0, 0, 4, Math.fround(0.08)]);
});

test("clicks are counted whole, and attention in seconds a session", () => {
  expect([...grid({ ...base, kind: "click", per_unit: 1, cell_px: 16, at: [0], value: [3] }).values].slice(0, 2)).toEqual([6, 0]);
  expect([...grid({ ...base, kind: "attention", by_row: true, columns: 1, at: [0, 1], value: [800_000, 16_000] }).values]).toEqual([1, Math.fround(0.02)]);
});

test("reach is the share of page views that got at least this far", () => {
  const cells = grid({ ...base, kind: "reach", by_row: true, per_unit: 1, columns: 1, rows: 5, at: [1, 2, 1], value: [20, 40, 20] });
  expect([...cells.values]).toEqual([1, 1, 0.75, 0.75, 0.25]);
  expect([1, 0.75, 0.5, 0.25, 0.1].map((share) => reached(cells, share))).toEqual([16, 32, 32, 40, 40]);
  expect(reached(grid({ ...base, kind: "reach", by_row: true, columns: 1, at: [], value: [] }), 0.5)).toBe(0);
});

test("a map of no session is empty and no error", () => {
  expect([...grid({ ...base, sessions: 0, views: 0, at: [], value: [] }).values]).toEqual([0, 0, 0, 0, 0, 0]);
});

test("a value is read between the middles of the four cells around it", () => {
  const cells = plain(2, 2, 10, [1, 3, 5, 7]);
  expect(sample(cells, 5, 5)).toBe(1);
  expect(sample(cells, 10, 5)).toBe(2);
  expect(sample(cells, 10, 10)).toBe(4);
  expect(sample(cells, 15, 10)).toBe(5);
  // Beyond the outer middles it stays as it is.
  expect([sample(cells, -40, 0), sample(cells, 99, 99)]).toEqual([1, 7]);
  expect([cell(cells, 9, 9), cell(cells, 10, 9), cell(cells, 20, 0), cell(cells, 0, -1)]).toEqual([1, 3, 0, 0]);
});

test("a grid of one cell, one of rows, and one without any heat", () => {
  expect(sample(plain(1, 1, 8, [0.5]), 100, 100)).toBe(0.5);
  expect(sample(plain(1, 2, 8, [1, 2]), 700, 8)).toBe(1.5);
  expect(cell(plain(1, 2, 8, [1, 2]), 700, 8)).toBe(2);
  expect(sample(plain(4, 1, 8, [0, 0, 0, 0]), 9, 3)).toBe(0);
  expect(most(new Float32Array(3))).toBe(0);
});

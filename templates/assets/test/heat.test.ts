import { expect, test } from "vitest";
import { grid, sample, slices } from "../lib/heat";

test("cells are put where the steps between them lead", () => {
  const cells = grid(3, 2, 8, [1, 3, 1], [1_500, 250, 2]);
  expect([...cells.values]).toEqual([0, 1.5, 0, 0, 0.25, Math.fround(0.002)]);
});

test("a value is read between the middles of the four cells around it", () => {
  const cells = grid(2, 2, 10, [0, 1, 1, 1], [1_000, 3_000, 5_000, 7_000]);
  expect(sample(cells, 5, 5)).toBe(1);
  expect(sample(cells, 10, 5)).toBe(2);
  expect(sample(cells, 10, 10)).toBe(4);
  expect(sample(cells, 15, 10)).toBe(5);
  // Beyond the outer middles it stays as it is.
  expect([sample(cells, -40, 0), sample(cells, 99, 99)]).toEqual([1, 7]);
});

test("a grid of one cell, and one without any heat", () => {
  expect(sample(grid(1, 1, 8, [0], [500]), 100, 100)).toBe(0.5);
  expect(sample(grid(4, 1, 8, [], []), 9, 3)).toBe(0);
});

test("a long page takes several canvases without a seam", () => {
  expect(slices(4_096)).toEqual([{ from: 0, height: 4_096 }]);
  const parts = slices(10_000);
  expect(parts).toEqual([{ from: 0, height: 4_096 }, { from: 4_096, height: 4_096 }, { from: 8_192, height: 1_808 }]);
});

import { expect, test } from "vitest";
import { scale } from "../lib/scale";

const values = Float32Array.from([0, 4, 1, 2, 8, 0, 100]);

test("linear: half of the largest value stands in the middle", () => {
  const linear = scale("linear", values);
  expect([0, 25, 50, 100].map(linear.place)).toEqual([0, 0.25, 0.5, 1]);
  expect([0, 0.25, 0.5, 1].map(linear.value)).toEqual([0, 25, 50, 100]);
});

test("log: a fiftieth of the largest value stands at log 2 / log 51", () => {
  const log = scale("log", values);
  expect(log.place(2)).toBeCloseTo(0.17629, 5);
  expect(log.place(0)).toBe(0);
  expect(log.place(100)).toBeCloseTo(1, 12);
  // sqrt(51) - 1 fiftieths.
  expect(log.value(0.5)).toBeCloseTo(12.28286, 5);
});

test("percentile: the rank among the cells that hold something", () => {
  const percentile = scale("percentile", values);
  expect([0, 1, 2, 4, 8, 100].map(percentile.place)).toEqual([0, 0, 0.25, 0.5, 0.75, 1]);
  expect(percentile.place(3)).toBe(0.5);
  expect([0, 0.25, 0.5, 0.75, 1].map(percentile.value)).toEqual([0, 2, 4, 8, 100]);
});

test.each(["linear", "log", "percentile"] as const)("%s: places rise with the value, the legend says what lies there, and nothing leaves 0 to 1", (how) => {
  const it = scale(how, values);
  const places = [0, 0.5, 1, 2, 3, 4, 8, 99, 100].map(it.place);
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(Math.min(...places)).toBe(0);
  expect(Math.max(...places)).toBeCloseTo(1, 12);
  for (const place of [0.25, 0.5, 0.75, 1]) expect(it.place(it.value(place))).toBeCloseTo(place, 9);
});

test.each(["linear", "log", "percentile"] as const)("%s: a map without any heat is no error", (how) => {
  const it = scale(how, new Float32Array(4));
  expect(it.place(0)).toBe(0);
  for (const place of [0, 0.25, 0.5, 0.75, 1]) expect(it.value(place)).toBeGreaterThanOrEqual(0);
});

test("maps that are compared share one scale", () => {
  const it = scale("linear", Float32Array.from([1, 2]), Float32Array.from([8]));
  expect([it.place(2), it.value(1)]).toEqual([0.25, 8]);
  expect(scale("percentile", Float32Array.from([5, 1]), Float32Array.from([3, 0])).place(3)).toBe(0.5);
});

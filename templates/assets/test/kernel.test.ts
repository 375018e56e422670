import fc from "fast-check";
import { expect, test } from "vitest";
import type { Grid } from "../lib/heat";
import { kernel, smooth } from "../lib/kernel";

const PX = 8;
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Each cell spread over the page by the Gaussian itself, cut to the same square, in one step. */
function naive({ columns, values }: Grid, sigma: number): number[] {
  const out = new Array<number>(values.length).fill(0);
  const reach = Math.ceil((3 * sigma) / PX);
  values.forEach((amount, from) => {
    const [x, y] = [from % columns, Math.floor(from / columns)];
    const around: [number, number][] = [];
    for (let to = 0; to < values.length; to++) {
      const [dx, dy] = [(to % columns) - x, Math.floor(to / columns) - y];
      if (Math.abs(dx) <= reach && Math.abs(dy) <= reach) around.push([to, Math.exp((-0.5 * (dx * dx + dy * dy) * PX * PX) / sigma ** 2)]);
    }
    const whole = sum(around.map(([, weight]) => weight));
    for (const [to, weight] of around) out[to]! += (amount * weight) / whole;
  });
  return out;
}

const grids = fc.record({ columns: fc.integer({ min: 1, max: 20 }), rows: fc.integer({ min: 1, max: 20 }) }).chain(({ columns, rows }) =>
  fc.array(fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 9_999 }) }), { minLength: columns * rows, maxLength: columns * rows }).map((values) => ({ columns, rows, px: PX, values: Float32Array.from(values) })),
);
const sigmas = fc.constantFrom(8, 16, 32);

test("smoothing keeps the sum, in the corners too", () => {
  fc.assert(
    fc.property(grids, sigmas, (cells, sigma) => {
      const before = sum(cells.values);
      expect(Math.abs(sum(smooth(cells, sigma).values) - before)).toBeLessThanOrEqual(1e-5 * before);
    }),
  );
});

test("one axis after the other is the same as the Gaussian itself", () => {
  fc.assert(
    fc.property(grids, sigmas, (cells, sigma) => {
      const [is, should] = [smooth(cells, sigma).values, naive(cells, sigma)];
      const top = Math.max(...should, 1e-9);
      should.forEach((value, i) => expect(Math.abs(is[i]! - value)).toBeLessThan(1e-5 * top));
    }),
    { numRuns: 60 },
  );
});

test("the kernel is cut at three sigma and falls to both sides alike", () => {
  const weights = kernel(2);
  expect(weights.length).toBe(13);
  expect(weights[6]).toBe(1);
  expect(weights[8]).toBeCloseTo(Math.exp(-0.5), 12);
  expect([...weights]).toEqual([...weights].reverse());
});

test("no smoothing is no change", () => {
  const cells = { columns: 2, rows: 1, px: PX, values: Float32Array.from([1, 2]) };
  expect(smooth(cells, 0)).toBe(cells);
});

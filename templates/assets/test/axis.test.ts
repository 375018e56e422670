import fc from "fast-check";
import { expect, test } from "vitest";
import { axis } from "../lib/axis";

test("without gaps, place and time are in proportion", () => {
  const it = axis(10_000, []);
  expect([0, 2_500, 10_000].map(it.place)).toEqual([0, 0.25, 1]);
  expect([0, 0.25, 1].map(it.time)).toEqual([0, 2_500, 10_000]);
});

test("a gap keeps 6 s of room at most, or 8 % of the time with events", () => {
  // 24 s with events, and a minute without any: it takes 6 of 30 s.
  const short = axis(84_000, [[12_000, 72_000]]);
  expect(short.place(12_000)).toBeCloseTo(0.4, 12);
  expect(short.place(72_000)).toBeCloseTo(0.6, 12);
  expect(short.place(42_000)).toBeCloseTo(0.5, 12);
  expect(short.time(0.5)).toBeCloseTo(42_000, 6);
  // 300 s with events: 24 of 324 s.
  const long = axis(1_300_000, [[100_000, 1_100_000]]);
  expect(long.place(1_100_000) - long.place(100_000)).toBeCloseTo(24 / 324, 12);
});

test("a gap that is shorter keeps its length", () => {
  const it = axis(20_000, [[5_000, 8_000]]);
  expect(it.place(8_000)).toBeCloseTo(0.4, 12);
});

test("gaps at the begin, at the end, and nothing but a gap", () => {
  expect(axis(70_000, [[0, 60_000]]).place(60_000)).toBeCloseTo(6 / 16, 12);
  expect(axis(70_000, [[10_000, 70_000]]).time(1)).toBe(70_000);
  const nothing = axis(60_000, [[0, 60_000]]);
  expect([nothing.place(0), nothing.place(30_000), nothing.place(60_000)]).toEqual([0, 0.5, 1]);
});

const axes = fc
  .array(fc.integer({ min: 1, max: 600_000 }), { minLength: 2, maxLength: 21 })
  .map((lengths) => {
    // Stretches with and without events take turns.
    let at = 0;
    const gaps: [number, number][] = [];
    lengths.forEach((length, i) => {
      if (i % 2 === 1) gaps.push([at, at + length]);
      at += length;
    });
    return { duration: at, gaps };
  });

test("there and back again is the same time, and later stays later", () => {
  fc.assert(
    fc.property(axes, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 20 }), ({ duration, gaps }, shares) => {
      const it = axis(duration, gaps);
      const times = shares.map((share) => share * duration).sort((a, b) => a - b);
      let last = 0;
      for (const t of times) {
        const place = it.place(t);
        expect(place).toBeGreaterThanOrEqual(last - 1e-12);
        expect(place).toBeLessThanOrEqual(1 + 1e-12);
        expect(Math.abs(it.time(place) - t)).toBeLessThanOrEqual(1e-6 * duration + 1e-6);
        last = place;
      }
    }),
  );
});

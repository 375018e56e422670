import fc from "fast-check";
import { expect, test } from "vitest";
import { REST_END_MS, REST_MS } from "../src/config";
import { createTrack } from "../src/track";
import { distanceAt, type Point } from "./path";
import { check } from "./property";

function run(samples: readonly Point[], tolerance = 2) {
  const path: Point[] = [];
  const track = createTrack<null>(() => tolerance, () => {}, (at, x, y) => path.push({ at, x, y }));
  for (const { at, x, y } of samples) track.sample(at, x, y, null);
  track.flush();
  return { path, track };
}

test("a rest stays a rest: the path doesn't leave the place before the movement begins", () => {
  const gap = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: REST_MS + 1, max: 60_000 }));
  const place = fc.double({ min: 0, max: 2_000, noNaN: true });
  check(
    fc.property(fc.array(fc.tuple(gap, place, place), { minLength: 2, maxLength: 60 }), (steps) => {
      let at = 0;
      const samples = steps.map(([gap, x, y]) => ({ at: (at += gap), x, y }));
      const { path } = run(samples);
      samples.forEach((sample, i) => {
        expect(distanceAt(path, sample)).toBeLessThanOrEqual(2 + 1e-9);
        const next = samples[i + 1];
        if (!next || next.at - sample.at <= REST_MS) return;
        for (const share of [0.25, 0.5, 1]) {
          const resting = { ...sample, at: Math.floor(sample.at + share * (next.at - REST_END_MS - sample.at)) };
          if (resting.at > sample.at) expect(distanceAt(path, resting)).toBeLessThanOrEqual(2 + 1e-9);
        }
      });
    }),
  );
});

test("a rest costs two points", () => {
  const { path } = run([{ at: 0, x: 0, y: 0 }, { at: 10, x: 50, y: 0 }, { at: 9_000, x: 60, y: 0 }]);
  expect(path).toEqual([{ at: 0, x: 0, y: 0 }, { at: 10, x: 50, y: 0 }, { at: 9_000 - REST_END_MS, x: 50, y: 0 }, { at: 9_000, x: 60, y: 0 }]);
});

test("a clock that runs backwards stands still instead", () => {
  const { path, track } = run([{ at: 20, x: 0, y: 0 }, { at: 10, x: 30, y: 0 }]);
  expect(path).toEqual([{ at: 20, x: 0, y: 0 }, { at: 20, x: 30, y: 0 }]);
  expect(track.exact(15, 40, 0, null)).toBe(20);
});

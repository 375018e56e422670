import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createThinner } from "../src/thin";
import { distanceAt, type Point } from "./path";
import { check } from "./property";

type Step =
  | { does: "sample"; dt: number; x: number; y: number }
  | { does: "exact"; dt: number; x: number; y: number }
  | { does: "flush" }
  | { does: "tolerance"; px: number };

/** Runs the steps; gives the kept path, and the samples with the tolerance that held for each. */
function run(steps: Step[]) {
  const path: Point[] = [];
  const samples: (Point & { tolerance: number })[] = [];
  let tolerance = 2;
  let at = 0;
  const thinner = createThinner<null>(() => tolerance, (at, x, y) => path.push({ at, x, y }));
  for (const step of steps) {
    if (step.does === "flush") thinner.flush();
    else if (step.does === "tolerance") tolerance = step.px;
    else {
      at += step.dt;
      samples.push({ at, x: step.x, y: step.y, tolerance });
      if (step.does === "sample") thinner.sample(at, step.x, step.y, null);
      else {
        thinner.exact(at, step.x, step.y);
        path.push({ at, x: Math.round(step.x), y: Math.round(step.y) });
      }
    }
  }
  thinner.flush();
  return { path, samples };
}

function expectFaithful({ path, samples }: ReturnType<typeof run>) {
  for (const sample of samples) expect(distanceAt(path, sample)).toBeLessThanOrEqual(sample.tolerance + 1e-9);
}

const dt = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 8, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.integer({ min: 100, max: 9_000 }));
const coordinate = fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -30_000, max: 30_000, noNaN: true }));
const tolerance = fc.record({ does: fc.constant("tolerance" as const), px: fc.constantFrom(1, 2, 4, 8, 32) });
const others = [
  fc.record({ does: fc.constant("exact" as const), dt, x: coordinate, y: coordinate }),
  fc.record({ does: fc.constant("flush" as const) }),
  tolerance,
];

describe("the thinner", () => {
  test("keeps every sample within the tolerance of the path, whatever the samples", () => {
    const sample = fc.record({ does: fc.constant("sample" as const), dt, x: coordinate, y: coordinate });
    const step = fc.oneof({ weight: 12, arbitrary: sample }, ...others);
    check(fc.property(fc.array(step, { maxLength: 300 }), (steps) => expectFaithful(run(steps))), 400);
  });

  test("keeps every sample of smooth movement within the tolerance", () => {
    const wave = fc.record({
      hz: fc.double({ min: 0.1, max: 6, noNaN: true }),
      px: fc.double({ min: 0, max: 600, noNaN: true }),
      phase: fc.double({ min: 0, max: 7, noNaN: true }),
    });
    const waves = fc.array(wave, { minLength: 1, maxLength: 4 });
    const gaps = fc.array(fc.integer({ min: 0, max: 17 }), { minLength: 20, maxLength: 600 });
    check(
      fc.property(waves, waves, gaps, fc.constantFrom(1, 2, 4), (inX, inY, gaps, px) => {
        let at = 0;
        const along = (waves: typeof inX) => waves.reduce((sum, { hz, px, phase }) => sum + px * Math.sin((at / 1000) * hz * 6.28 + phase), 400);
        const steps = gaps.map((dt): Step => ({ does: "sample", dt, x: ((at += dt), along(inX)), y: along(inY) }));
        const result = run([{ does: "tolerance", px }, ...steps]);
        expectFaithful(result);
        expect(result.path.length).toBeLessThanOrEqual(gaps.length);
      }),
    );
  });

  test("keeps exact points exactly, and gives times that never fall", () => {
    const step = fc.oneof({ weight: 4, arbitrary: fc.record({ does: fc.constant("sample" as const), dt, x: coordinate, y: coordinate }) }, ...others);
    check(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const { path } = run(steps);
        path.forEach(({ at, x, y }, i) => {
          expect(at).toBeGreaterThanOrEqual(path[i - 1]?.at ?? 0);
          expect([x, y].every(Number.isInteger)).toBe(true);
        });
      }),
    );
  });

  test("keeps two points of a straight line at constant speed", () => {
    const { path } = run(Array.from({ length: 500 }, (_, i) => ({ does: "sample", dt: i ? 2 : 0, x: 0.7 * i, y: 100 - 0.3 * i })));
    expect(path).toEqual([{ at: 0, x: 0, y: 100 }, { at: 998, x: 349, y: -50 }]);
  });

  test("drops at most what the circle allows: a step of four times the tolerance is kept", () => {
    const steps: Step[] = [0, 0, 0, 8, 8, 8].map((x, i) => ({ does: "sample", dt: i ? 10 : 0, x, y: 0 }));
    expect(run(steps).path.map(({ x }) => x)).toEqual([0, 0, 8, 8]);
  });

  test("keeps both of two distant samples in one millisecond", () => {
    const { path } = run([{ does: "sample", dt: 5, x: 0, y: 0 }, { does: "sample", dt: 0, x: 50, y: 0 }]);
    expect(path).toEqual([{ at: 5, x: 0, y: 0 }, { at: 5, x: 50, y: 0 }]);
  });
});

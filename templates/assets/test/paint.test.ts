import { expect, test } from "vitest";
import { sample } from "../lib/heat";
import { smooth } from "../lib/kernel";
import { fill, fillBlocks, place, prepare } from "../lib/paint";
import { diverging, ramp } from "../lib/ramp";
import { scale } from "../lib/scale";

const colours = ramp("inferno");
const words = new Uint32Array(colours.buffer);

/** A page of 160 x 240 px with some hot cells. */
function page() {
  const values = new Float32Array(20 * 30);
  [[3, 4, 90], [12, 20, 400], [19, 29, 50], [0, 0, 7]].forEach(([x, y, value]) => (values[y! * 20 + x!] = value!));
  return smooth({ columns: 20, rows: 30, px: 8, values }, 16);
}

test.each(["log", "linear", "percentile"] as const)("%s: each pixel has the colour of its place on the page, to one step of the ramp", (how) => {
  const cells = page();
  const it = scale(how, cells.values);
  const paint = prepare(cells, it, colours);
  for (const [width, step, y] of [[160, 1, 40], [113, 160 / 113, 0], [80, 2, 100]] as const) {
    const height = 60;
    const pixels = new Uint32Array(width * height);
    fill(pixels, width, height, paint, { x: 0, y, step });
    let worst = 0;
    for (let i = 0; i < pixels.length; i++) {
      const value = sample(cells, ((i % width) + 0.5) * step, y + (Math.floor(i / width) + 0.5) * step);
      const should = Math.round(255 * Math.min(1, it.place(value)));
      worst = Math.max(worst, Math.min(...[0, -1, 1].map((off) => Math.abs(words.indexOf(pixels[i]!) - should - off))));
    }
    // Ranks jump where many cells are alike, so a step of the table can be several of the ramp.
    expect(worst).toBeLessThanOrEqual(how === "percentile" ? 8 : 0);
  }
});

test("tiles meet without a seam: two halves are the whole", () => {
  const cells = page();
  const paint = prepare(cells, scale("log", cells.values), colours);
  const whole = new Uint32Array(160 * 240);
  fill(whole, 160, 240, paint, { x: 0, y: 0, step: 1 });
  const halves = new Uint32Array(160 * 240);
  fill(halves.subarray(0, 160 * 100), 160, 100, paint, { x: 0, y: 0, step: 1 });
  fill(halves.subarray(160 * 100), 160, 140, paint, { x: 0, y: 100, step: 1 });
  expect(halves).toEqual(whole);
});

test("what is by row covers the row, and an empty page stays clear", () => {
  const rows = { columns: 1, rows: 3, px: 10, values: Float32Array.from([1, 1, 0]) };
  const pixels = new Uint32Array(4 * 30);
  fill(pixels, 4, 30, prepare(rows, scale("linear", rows.values), colours), { x: 0, y: 0, step: 1 });
  expect(new Set(pixels.subarray(0, 4 * 15))).toEqual(new Set([words[255]]));
  expect(pixels[4 * 29]).toBe(0);
  const empty = { columns: 4, rows: 4, px: 8, values: new Float32Array(16) };
  const clear = new Uint32Array(64);
  fill(clear, 8, 8, prepare(empty, scale("log", empty.values), colours), { x: 0, y: 0, step: 1 });
  expect(new Set(clear)).toEqual(new Set([0]));
});

test("maps that share a scale have the same colour for the same value", () => {
  const [a, b] = [1, 100].map((top) => ({ columns: 2, rows: 1, px: 8, values: Float32Array.from([1, top]) }));
  const it = scale("log", a!.values, b!.values);
  const [left, right] = [a!, b!].map((cells) => {
    const pixels = new Uint32Array(1);
    fill(pixels, 1, 1, prepare(cells, it, colours, 100), { x: 3.5, y: 0, step: 1 });
    return pixels[0];
  });
  expect(left).toBe(right);
});

test("a difference: more is orange, less is blue, and what is blank stays clear", () => {
  const two = diverging();
  const cells = { columns: 3, rows: 1, px: 32, values: Float32Array.from([-4, 0, 2]) };
  const pixels = new Uint32Array(96);
  fillBlocks(pixels, 96, 1, cells, 4, two, { x: 0, y: 0, step: 1 });
  const at = (x: number) => [...new Uint8Array(pixels.buffer, x * 4, 4)];
  expect(at(0)).toEqual([...two.slice(0, 4)]);
  expect(at(31)).toEqual(at(0));
  expect(at(40)).toEqual([0, 0, 0, 0]);
  expect(at(70)[0]).toBeGreaterThan(at(70)[2]!);
  expect([place(0, 4), place(4, 4), place(-4, 4), place(1, 4), place(-9, 4)]).toEqual([128, 255, 0, 191, 0]);
});

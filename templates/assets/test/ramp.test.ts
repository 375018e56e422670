import { expect, test } from "vitest";
import { type Palette, diverging, ramp } from "../lib/ramp";

const palettes: Palette[] = ["inferno", "viridis", "cividis", "grey"];

/** Relative luminance of an sRGB colour (WCAG 2). */
function luminance(r: number, g: number, b: number): number {
  const linear = (v: number) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

test.each(palettes)("%s gets brighter with every step that can be told apart, for eyes that see no colour", (palette) => {
  const colours = ramp(palette);
  expect(colours.length).toBe(1024);
  const at = (i: number) => luminance(colours[i * 4]!, colours[i * 4 + 1]!, colours[i * 4 + 2]!);
  for (let i = 8; i < 256; i += 8) expect(at(i)).toBeGreaterThan(at(i - 8));
  expect(at(255)).toBeGreaterThan(0.6);
});

test.each(palettes)("%s: nothing is clear, little is faint, and a third covers as much as all", (palette) => {
  const alpha = Array.from({ length: 256 }, (_, i) => ramp(palette)[i * 4 + 3]!);
  expect(alpha[0]).toBe(0);
  // 240 * (17 / 85) ^ 0.8
  expect(alpha[17]).toBe(66);
  expect(alpha.slice(85)).toEqual(new Array(171).fill(240));
  expect(alpha).toEqual([...alpha].sort((a, b) => a - b));
});

test("the ends are those of the palette", () => {
  const colours = ramp("viridis");
  expect([...colours.slice(0, 3)]).toEqual([68, 1, 84]);
  expect([...colours.slice(1020, 1023)]).toEqual([253, 231, 37]);
});

test("the diverging ramp is blue on one side and orange on the other, brighter the further from none, and nothing of it is clear", () => {
  const colours = diverging();
  const at = (i: number) => [...colours.slice(i * 4, i * 4 + 4)] as [number, number, number, number];
  for (const i of [0, 40, 80]) expect(at(i)[2] - at(i)[0]).toBeGreaterThan(25);
  for (const i of [255, 215, 175]) expect(at(i)[0] - at(i)[2]).toBeGreaterThan(25);
  for (let i = 16; i < 112; i += 8) expect(luminance(...rgb(at(i)))).toBeLessThan(luminance(...rgb(at(i - 8))));
  for (let i = 144; i < 240; i += 8) expect(luminance(...rgb(at(i + 8)))).toBeGreaterThan(luminance(...rgb(at(i))));
  expect(Math.min(...Array.from({ length: 256 }, (_, i) => at(i)[3]))).toBeGreaterThan(140);
});

test("eyes without red or green cones tell less from more, step by step", () => {
  const colours = diverging();
  // Machado, Oliveira and Fernandes 2009, severity 1, in linear light.
  const sights = [
    [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
    [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  ];
  for (const m of sights) {
    const seen = (i: number) => {
      const [r, g, b] = [0, 1, 2].map((c) => (colours[i * 4 + c]! / 255) ** 2.2) as [number, number, number];
      return [0, 3, 6].map((k) => Math.max(0, m[k]! * r + m[k + 1]! * g + m[k + 2]! * b) ** (1 / 2.2));
    };
    for (let step = 40; step < 128; step += 8) {
      const [less, more] = [seen(127 - step), seen(128 + step)];
      expect(Math.hypot(...less.map((value, i) => value - more[i]!))).toBeGreaterThan(0.25);
    }
  }
});

test("above its usual opacity the ramp gets denser, and never more than opaque", () => {
  expect(ramp("grey", 100)[17 * 4 + 3]).toBe(78);
  expect(ramp("grey", 100)[1023]).toBe(255);
});

function rgb(colour: number[]): [number, number, number] {
  return [colour[0]!, colour[1]!, colour[2]!];
}

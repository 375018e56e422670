import { expect, test } from "vitest";
import { type Palette, ramp } from "../lib/ramp";

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

// Colours of heat. Lightness rises with the value, so that brightness alone gives the order; the stage below is dark in both themes.

type Knot = [number, number, number];

export type Palette = "inferno" | "viridis" | "cividis" | "grey";

/** Knots of the palettes of matplotlib (CC0), in sRGB. */
const KNOTS: Record<Palette, Knot[]> = {
  inferno: [[0, 0, 4], [40, 11, 84], [101, 21, 110], [159, 42, 99], [212, 72, 66], [245, 125, 21], [250, 193, 39], [252, 255, 164]],
  viridis: [[68, 1, 84], [70, 50, 127], [54, 92, 141], [39, 127, 142], [31, 161, 135], [74, 194, 109], [159, 218, 58], [253, 231, 37]],
  cividis: [[0, 32, 77], [27, 58, 108], [76, 85, 107], [112, 113, 115], [146, 141, 120], [183, 171, 113], [221, 203, 96], [255, 234, 70]],
  grey: [[10, 10, 12], [48, 48, 52], [90, 90, 95], [128, 128, 132], [164, 164, 168], [198, 198, 201], [228, 228, 230], [255, 255, 255]],
};

/** Blue, grey, orange: told apart by every kind of eye, the brighter the further from none. Between knots of the palettes blues and oranges of matplotlib. */
const DIVERGING: Knot[] = [[150, 205, 255], [74, 156, 235], [44, 98, 168], [96, 98, 104], [176, 92, 20], [240, 140, 40], [255, 206, 140]];

/** Ground of the stage, --w-page of .dimmed. */
const GROUND: Knot = [27, 29, 36];

/** Opacity at which alpha is as the ramp has it. */
export const OPACITY = 85;

/** 256 colours, four bytes each. Alpha rises from 0 to 0.94 over the first third. */
export function ramp(palette: Palette, opacity = OPACITY): Uint8ClampedArray {
  const out = between(KNOTS[palette]);
  for (let i = 0; i < 256; i++) out[i * 4 + 3] = (240 * Math.min(1, Math.pow(i / 85, 0.8)) * opacity) / OPACITY;
  return out;
}

/** 256 colours from much less to much more, four bytes each. All of them can be seen: what is within chance is not drawn at all. */
export function diverging(opacity = OPACITY): Uint8ClampedArray {
  const out = between(DIVERGING);
  for (let i = 0; i < 256; i++) out[i * 4 + 3] = ((150 + 90 * Math.abs(i / 127.5 - 1)) * opacity) / OPACITY;
  return out;
}

function between(knots: Knot[]): Uint8ClampedArray {
  const out = new Uint8ClampedArray(1024);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (knots.length - 1);
    const low = Math.min(knots.length - 2, Math.floor(at));
    for (let channel = 0; channel < 3; channel++) {
      const [a, b] = [knots[low]![channel]!, knots[low + 1]![channel]!];
      out[i * 4 + channel] = a + (b - a) * (at - low);
    }
  }
  return out;
}

/** Draws the ramp as a legend: over the ground of the stage, as it looks on the map. `opacity` is that of the layer. */
export function legend(canvas: HTMLCanvasElement, colours: Uint8ClampedArray, opacity = 1): void {
  canvas.width = 256;
  canvas.height = 1;
  const g = canvas.getContext("2d")!;
  const image = g.createImageData(256, 1);
  for (let i = 0; i < 256; i++) {
    const alpha = (colours[i * 4 + 3]! / 255) * opacity;
    for (let channel = 0; channel < 3; channel++) image.data[i * 4 + channel] = GROUND[channel]! * (1 - alpha) + colours[i * 4 + channel]! * alpha;
    image.data[i * 4 + 3] = 255;
  }
  g.putImageData(image, 0, 0);
}

// The PNG of the collector and the map in the browser are the same picture: both are painted from the same amounts and compared pixel by pixel.
// The pictures are those of tests/fixtures/heat, which a test of the collector holds to what it draws.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { startChromium } from './chromium.mjs';

/** Largest difference in any channel of any pixel: alpha is rounded once more where a canvas lies on another. */
const MOST = 2;
const FIXTURES = new URL('../fixtures/heat/', import.meta.url);
const LIB = fileURLToPath(new URL('../../templates/assets/lib/', import.meta.url));
/** Ground of the stage, `--w-page` of `.dimmed`. */
const GROUND = 'rgb(27 29 36)';

/** Painting as the page does it, as a function in the page: `paint(map, look)` gives the pixels over the ground. */
const PAINT = `
  import { grid } from './heat';
  import { smooth } from './kernel';
  import { fill, prepare } from './paint';
  import { OPACITY, ramp } from './ramp';
  import { scale } from './scale';

  function surface(width, height) {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    return [canvas, canvas.getContext('2d', { willReadFrequently: true })];
  }

  window.paint = (map, look) => {
    const cells = grid(map);
    const shown = map.by_row ? cells : smooth(cells, look.smooth);
    const paint = prepare(shown, scale(look.scale, shown.values), ramp(look.palette, Math.max(OPACITY, look.opacity)));
    const [width, height] = map.document;
    const [heat, onHeat] = surface(width, height);
    const image = onHeat.createImageData(width, height);
    fill(new Uint32Array(image.data.buffer), width, height, paint, { x: 0, y: 0, step: 1 });
    onHeat.putImageData(image, 0, 0);
    const [, g] = surface(width, height);
    g.fillStyle = '${GROUND}';
    g.fillRect(0, 0, width, height);
    g.globalAlpha = Math.min(1, look.opacity / OPACITY);
    g.drawImage(heat, 0, 0);
    return g.getImageData(0, 0, width, height).data;
  };

  window.decode = async (url) => {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const [, g] = surface(picture.naturalWidth, picture.naturalHeight);
    g.drawImage(picture, 0, 0);
    return [picture.naturalWidth, picture.naturalHeight, g.getImageData(0, 0, picture.naturalWidth, picture.naturalHeight).data];
  };

  window.compare = async (map, look, url) => {
    const painted = paint(map, look);
    const [width, height, png] = await decode(url);
    let [most, heat, apart] = [0, 0, 0];
    for (let i = 0; i < png.length; i++) {
      const difference = Math.abs(png[i] - painted[i]);
      if (difference > most) most = difference;
      if (difference > 0) apart += 1;
      if (i % 4 === 0 && painted[i] !== 27) heat += 1;
    }
    return { size: [width, height], isEven: png.length === painted.length, most, heat, apart: apart / png.length };
  };`;

let chromium, tab;
before(async () => {
  const bundle = await build({ stdin: { contents: PAINT, resolveDir: LIB, loader: 'ts' }, bundle: true, write: false, format: 'iife', logLevel: 'warning' });
  chromium = await startChromium();
  tab = await chromium.open();
  await tab.evaluate(bundle.outputFiles[0].text);
});
after(() => chromium?.close());

for (const { name, map, look } of JSON.parse(readFileSync(new URL('pictures.json', FIXTURES), 'utf8'))) {
  test(`the picture of ${name} is what the browser paints`, async () => {
    const url = `data:image/png;base64,${readFileSync(new URL(`${name}.png`, FIXTURES)).toString('base64')}`;
    const found = await tab.evaluate(`compare(${JSON.stringify(map)}, ${JSON.stringify(look)}, ${JSON.stringify(url)})`);
    console.log(`${name}: at most ${found.most} of 255 apart, ${(found.apart * 100).toFixed(2)} % of the channels, ${found.heat} pixels of heat`);
    assert.deepEqual([found.size, found.isEven], [map.document, true]);
    assert.ok(found.heat > 1000, 'there is something to compare');
    assert.ok(found.most <= MOST, `${found.most} of 255`);
  });
}

// Heatmaps are right: visits whose every point is known against elements, in four widths, and each point of the map stands where that element is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { signIn } from './api.mjs';
import { startLab } from './lab.mjs';
import { random } from './walk.mjs';

const SEED = Number(process.env.SEED ?? 7_241);
/** Width of the map, and those of the visits: all in one class. */
const WIDTHS = [[390, 375, 412], [820, 800, 840], [1440, 1380, 1500], [2560, 2400, 2700]];
const HEIGHT = 800;
/** A cell of an element is at most 8 px large, and so is one of the map. */
const NEAR_PX = 14;

const CARDS = ['alder', 'beech', 'cedar', 'elder', 'fir', 'hazel', 'maple', 'oak'];
const ITEMS = [...CARDS, 'pine', 'rowan', 'willow', 'yew'];
/** What is pointed at: how far the page is scrolled for it, or nothing where it is to be scrolled into view. */
const TARGETS = [
  ...['#home', '#offers', '#help'].flatMap((selector) => [{ selector, scroll: 0 }, { selector, scroll: 700 }]),
  ...CARDS.flatMap((word) => [{ selector: `#card-${word}` }, { selector: `#buy-${word}` }]),
  ...ITEMS.map((word) => ({ selector: `#item-${word}` })),
  ...['alder', 'elder', 'maple', 'yew'].map((word) => ({ selector: `#row-${word}`, isInBox: true })),
  { selector: '#claim' }, { selector: '#imprint' },
];

let lab, admin;
before(async () => {
  console.log(`seed ${SEED}: repeat with SEED=${SEED}`);
  lab = await startLab();
  admin = await signIn(lab.collector);
});
after(() => lab?.close());

const resize = (tab, width) => tab.send('Emulation.setDeviceMetricsOverride', { width, height: HEIGHT, deviceScaleFactor: 1, mobile: false });

/** In the page: where a share of an element is in the window, and what is hit there. */
const AIM = `(selector, [across, down]) => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  const place = [Math.round(x + width * across), Math.round(y + height * down)];
  const hit = document.elementFromPoint(...place);
  return { place, isHit: hit === document.querySelector(selector), share: [(place[0] - x) / width, (place[1] - y) / height] };
}`;

/** One visit: a rest and a click on some of the targets. Returns what was done: {selector, share, isDialog}. */
async function walk(visit, next) {
  const ledger = [];
  const point = async (selector, more = {}) => {
    const shares = [0.15 + 0.7 * next(), 0.15 + 0.7 * next()];
    const { place, isHit, share } = await visit.run(`(${AIM})(${JSON.stringify(selector)}, ${JSON.stringify(shares)})`);
    // Something lies above it, the sticky header for instance.
    if (!isHit || place[0] < 1 || place[1] < 1 || place[1] > HEIGHT - 2) return;
    await visit.move(place[0] - 3, place[1]);
    await visit.move(...place);
    await new Promise((done) => setTimeout(done, 60));
    await visit.click(...place);
    ledger.push({ selector, share, ...more });
  };
  const still = () => visit.settle();
  for (const { selector, scroll, isInBox } of TARGETS.filter(() => next() < 0.45)) {
    if (scroll === undefined) await visit.run(`document.querySelector(${JSON.stringify(selector)})?.scrollIntoView({ block: 'center', behavior: 'instant' })`);
    else await visit.run(`scrollTo({ top: ${scroll}, behavior: 'instant' })`);
    await still();
    await new Promise((done) => setTimeout(done, 50));
    if (!(await visit.run(`!!document.querySelector(${JSON.stringify(selector)})`))) continue;
    await point(selector, { isInBox });
  }
  await visit.run('scrollTo({ top: 0, behavior: "instant" })');
  await still();
  await point('#open');
  if (await visit.run('letter.open')) {
    await point('#agree', { isDialog: true });
    await point('#agree', { isDialog: true });
    await point('#refuse', { isDialog: true });
  }
  await still();
  return ledger;
}

/** Where each of these elements is on a page that nobody has touched, at a width: document px. */
async function layout(page, width, selectors, isOpen) {
  const tab = await lab.chromium.open(undefined, { hasOwnWindow: true });
  await resize(tab, width);
  await tab.go(page);
  await tab.evaluate(`(async () => {
    scrollTo(0, 1e6);
    await new Promise((done) => setTimeout(done, 400));
    scrollTo(0, 0);
    await new Promise((done) => setTimeout(done, 100));
    ${isOpen ? 'letter.showModal();' : ''}
  })()`);
  const boxes = await tab.evaluate(`Object.fromEntries(${JSON.stringify(selectors)}.map((selector) => {
    const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
    return [selector, { x: x + scrollX, y: y + scrollY, width, height }];
  }))`);
  await tab.close();
  return boxes;
}

/** Cells of an answer as a list of what is in them: x, y (middle, px of the page) and how many. */
function cells({ at, value, columns, cell_px: px }) {
  let index = 0;
  return at.map((step, i) => {
    index += step;
    return { x: (index % columns + 0.5) * px, y: (Math.floor(index / columns) + 0.5) * px, count: value[i] };
  });
}

/** Takes each expected place out of the cell that is nearest to it; returns the places whose nearest cell with something in it is too far away. */
function match(expected, found) {
  const rest = found.map((cell) => ({ ...cell }));
  const lost = expected.filter((place) => {
    const near = rest.filter(({ count, x, y }) => count > 0 && Math.hypot(x - place.x, y - place.y) <= NEAR_PX);
    near.sort((a, b) => Math.hypot(a.x - place.x, a.y - place.y) - Math.hypot(b.x - place.x, b.y - place.y));
    if (near[0]) near[0].count -= 1;
    return !near[0];
  });
  return { lost, left: rest.filter(({ count }) => count > 0) };
}

const PRODUCTS = ['product/a-17', 'product/b-204', 'product/c-5'];

for (const [paths, page, widths] of [[['heat.html'], 'page=/heat.html', WIDTHS], [PRODUCTS, 'template=/product/:id', WIDTHS.slice(0, 3).filter((_, i) => i !== 1)]]) {
  for (const [mapWidth, ...others] of widths) {
    test(`${page}: every click of visits at ${[mapWidth, ...others]} px is on its element on the map of ${mapWidth} px`, async () => {
      const visit = lab.addSite();
      if (paths[1]) await admin.post(`/sites/${visit.siteId}/pages`, { action: 'add', template: '/product/:id' });
      const ledger = [];
      // Twice at the width of the map, so that it is the one that is drawn.
      for (const [i, width] of [mapWidth, others[paths.length > 1 ? 1 : 0], mapWidth].entries()) {
        visit.tab = await lab.chromium.open(undefined, { hasOwnWindow: true });
        await resize(visit.tab, width);
        await visit.tab.go(`${lab.pages.url}/${paths[i % paths.length]}`);
        // The outline is told after two seconds.
        await new Promise((done) => setTimeout(done, 2_400));
        ledger.push(...await walk(visit, random(SEED + width + i)));
        await visit.leave();
      }
      const views = visit.views();
      assert.equal(views.flatMap(({ events }) => events).filter(({ kind }) => kind === 'click').length, ledger.length, 'every click is stored once');

      const ask = (more) => admin.json(`/api/v1/sites/${visit.siteId}/heatmap?${page}&device=desktop&kind=click&pointer=mouse${more}`);
      const map = await ask('');
      assert.equal(map.viewport_w, mapWidth);
      assert.equal(map.views, views.length);
      const onPage = ledger.filter(({ isDialog }) => !isDialog);
      const place = (boxes) => ({ selector, share }) => {
        const { x, y, width, height } = boxes[selector];
        return { selector, x: x + share[0] * width, y: y + share[1] * height };
      };
      const address = `${lab.pages.url}/${paths[0]}`;
      const selectors = [...new Set(onPage.map(({ selector }) => selector))];
      const boxes = await layout(address, mapWidth, [...selectors, '#list'], false);
      // What the inner list has scrolled away can't be seen on the background, so it is not drawn and said to be out of sight.
      const listEnd = boxes['#list'].y + boxes['#list'].height;
      const isSeen = ({ isInBox, selector }) => !isInBox || boxes[selector].y + boxes[selector].height <= listEnd + 1;
      const seen = onPage.filter(isSeen);
      const { lost, left } = match(seen.map(place(boxes)), cells(map));
      assert.deepEqual({ lost, left }, { lost: [], left: [] }, `${seen.length} clicks on the map`);
      const dialogs = ledger.length - onPage.length;
      assert.deepEqual(map.placed, { element: seen.length, ratio: 0, none: onPage.length - seen.length, overlay: dialogs });
      assert.equal(map.points, ledger.length);

      // With the dialog open, and only there, the clicks in it.
      const [overlay] = map.overlays;
      assert.equal(map.overlays.length, 1);
      const withDialog = await ask(`&overlay=${overlay.id}`);
      const inDialog = ledger.filter(({ isDialog }) => isDialog);
      const open = await layout(address, mapWidth, [...new Set(inDialog.map(({ selector }) => selector))], true);
      const more = match([...seen.map(place(boxes)), ...inDialog.map(place(open))], cells(withDialog));
      assert.deepEqual(more, { lost: [], left: [] }, 'with the dialog');
      assert.equal(withDialog.placed.overlay, 0);

      // The time near each of these places holds the rest before the click.
      const movement = await admin.json(`/api/v1/sites/${visit.siteId}/heatmap?${page}&device=desktop&kind=movement&pointer=mouse`);
      const time = cells(movement);
      for (const { selector, x, y } of seen.map(place(boxes))) {
        const near = time.filter((cell) => Math.hypot(cell.x - x, cell.y - y) <= NEAR_PX).reduce((sum, cell) => sum + cell.count / movement.per_unit, 0);
        assert.ok(near >= 0.04, `${selector} at ${Math.round(x)}, ${Math.round(y)}: ${near} s`);
      }
    });
  }
}

// Elements: each is found again by its selectors, stands where its box says, and costs the page no layout.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pause } from './collector.mjs';
import { readEnvelope, readHead } from './envelope.mjs';
import { only, startLab } from './lab.mjs';
import { startTap } from './tap.mjs';

let lab;
before(async () => { lab = await startLab(); });
after(() => lab?.close());

/** In the page: the box of an element in px of the document. */
const BOX = '(element) => { const { x, y, width: w, height: h } = element.getBoundingClientRect(); return { x: x + scrollX, y: y + scrollY, w, h } }';

function assertBox(element, box, what) {
  for (const key of ['x', 'y', 'w', 'h']) assert.ok(Math.abs(element[key] - box[key]) <= 1, `${what}: ${key} is ${element[key]} instead of ${box[key]}`);
}

/** The pointer stood at this share of the element's box, to 0.1 %. */
function assertSpot(event, box, what) {
  const shares = [(event.x - box.x) / box.w, (event.y - box.y) / box.h];
  [event.spot_x, event.spot_y].forEach((spot, axis) => {
    assert.ok(typeof spot === 'number' && Math.abs(spot - shares[axis]) <= 0.001, `${what}: spot_${'xy'[axis]} is ${spot} instead of ${shares[axis]}`);
  });
}

/** Stops the snippet, so that everything is stored while the page still stands. */
async function stopAndRead(visit, clicks) {
  await visit.settle();
  await visit.run('mousetrail.stop()');
  const [view] = await visit.until(([view]) => only(view, 'click').length >= clicks, `${clicks} clicks are stored`);
  return view;
}

const TARGETS = `[...document.querySelectorAll('header a, header button, .row > *, li, td, svg rect, summary, aside a')].filter((element) => element.checkVisibility())`;

test('each candidate finds exactly its element, best first, and no generated name is in one', async () => {
  const visit = await lab.visit('elements.html');
  const count = await visit.run(`(window.targets = ${TARGETS}).length`);
  assert.ok(count > 25, `there are targets: ${count}`);
  const clicked = [];
  for (let at = 0; at < count; at += 1) {
    // A place off the middle at which nothing else lies above it. The details stay shut: a click that opens them moves what is below.
    const { place, box, ...facts } = await visit.run(`(() => {
      const element = targets[${at}];
      if (element.matches('summary')) element.onclick = (event) => event.preventDefault();
      element.scrollIntoView({ block: 'center', behavior: 'instant' });
      const box = element.getBoundingClientRect();
      const place = [Math.round(box.x + box.width * 0.3), Math.round(box.y + box.height * 0.6)];
      const hit = document.elementFromPoint(...place);
      targets[${at}] = hit;
      const fixed = !!hit.closest('header'), sticky = !!hit.closest('aside');
      return { place, box: (${BOX})(hit), tag: hit.localName, id: hit.id, fixed, sticky };
    })()`);
    await visit.settle();
    await visit.click(...place);
    clicked.push({ box, ...facts });
    // A frame takes 48 descriptions, and a hidden tab makes one. Nobody points at so much in 5 s.
    if (at === count >> 1) await lab.hideFor(visit.tab, 300);
  }
  const view = await stopAndRead(visit, count);
  const clicks = only(view, 'click');
  assert.equal(clicks.length, count);
  for (const [at, { element }] of clicks.entries()) {
    const { box, tag, fixed, sticky } = clicked[at];
    assert.ok(element, `the ${tag} of click ${at} is described`);
    const what = `${at} ${tag} ${element.selectors}`;
    assert.equal(element.tag, tag, what);
    assert.deepEqual([element.fixed, element.sticky], [fixed, sticky], `${what}: fixed, sticky`);
    // The box of what is fixed is the one of that moment, which is not the moment of the click.
    if (!fixed) assertBox(element, box, what);
    assertSpot(clicks[at], box, what);
    assert.ok(element.selectors.length >= 1 && element.selectors.length <= 3, `${what}: ${element.selectors.length} candidates`);
    assert.equal(new Set(element.selectors).size, element.selectors.length, `${what}: each another one`);
    for (const selector of element.selectors) {
      const found = await visit.run(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((element) => element === targets[${at}])`);
      assert.deepEqual(found, [true], `${selector} finds ${found.length}`);
      assert.doesNotMatch(selector, /css-|sc-|jsx-|hKpBzT|_button_|radix|ember|4f5e|:r1:/, `${selector} has a generated name`);
      assert.doesNotMatch(selector, /Close|dialog|picture/i, `${selector} has what people wrote`);
    }
  }
  const best = (id) => clicks[clicked.findIndex((target) => target.id === id)].element.selectors;
  assert.equal(best('save')[0], '#save');
  const bySelector = (part) => clicks.filter(({ element }) => element.selectors[0].includes(part)).length;
  for (const part of ['send-form', 'remove', '.primary-action', '.icon']) assert.ok(bySelector(part) >= 1, `${part} is a name to be preferred`);
  // Where there is a name and a way by structure, the name comes first.
  for (const { element: { selectors } } of clicks) {
    const named = selectors.map((selector) => /[#.[]/.test(selector));
    assert.ok(named.every((isNamed, at) => !isNamed || named.slice(0, at).every(Boolean)), `best first: ${selectors}`);
  }
  const roles = clicks.map(({ element }) => element.role);
  for (const role of ['button', 'tab', 'checkbox', 'text', 'password']) assert.ok(roles.includes(role), `the role ${role}`);
  assert.ok(clicks.filter(({ element }) => ['input', 'select', 'textarea'].includes(element.tag)).every(({ element }) => element.text_length === 0));
  assert.equal(clicks.find(({ element }) => element.selectors[0] === '#save').element.text_length, 4);
  assert.ok(view.events.every(({ kind, spot_x: x }) => ['down', 'up', 'click', 'dblclick', 'contextmenu'].includes(kind) || x === null), 'only click-like events have a spot');
  await visit.tab.close();
});

/** Clicks in the element and gives its box at that moment. */
async function clickIn(visit, expression) {
  const box = await visit.run(`(${BOX})(${expression})`);
  const [scrollX, scrollY] = await visit.run('[scrollX, scrollY]');
  await visit.click(Math.round(box.x + box.w * 0.25) - scrollX, Math.round(box.y + box.h * 0.75) - scrollY);
  return box;
}

for (const [what, expression, change] of [
  ['a banner pushes everything down', 'save', 'banner.style.height = "137px"'],
  ['an accordion opens', 'document.querySelector(".after-all")', 'more.open = true'],
  ['the window gets narrower', 'document.querySelector(".after-all")', 'document.querySelector("main").style.width = "420px"'],
]) {
  test(`when ${what}, the next use of an element has its new box`, async () => {
    const visit = await lab.visit('elements.html');
    const old = await clickIn(visit, expression);
    // Long enough that the first description is on its way.
    await pause(300);
    await visit.run(change);
    await visit.settle();
    const box = await clickIn(visit, expression);
    assert.notDeepEqual(box, old, 'it moved');
    const [first, second] = only(await stopAndRead(visit, 2), 'click');
    assert.equal(first.element_id, second.element_id, 'it is the same element');
    assertBox(second.element, box, 'the latest box');
    assertSpot(first, old, 'before');
    assertSpot(second, box, 'after');
    await visit.tab.close();
  });
}

test('a pointer handler never makes the browser lay out the page', async () => {
  // Each event makes the layout stale before a listener of ours can see it, and once more after it. One layout a frame is enough for both,
  // unless somebody in between asks for a size or a place.
  const spoil = (phase, offset) => `for (const type of ['pointermove', 'pointerdown', 'pointerup', 'click']) {
    addEventListener(type, ({ clientX }) => { document.documentElement.style.paddingLeft = (clientX + ${offset}) % 7 + 'px' }, ${phase});
  }`;
  const curious = "addEventListener('pointermove', () => document.body.offsetWidth, true);";
  const layouts = async (withSnippet, script = '') => {
    const head = `<script>${spoil(true, 0)} ${script} ${spoil(false, 3)}</script>`;
    const visit = await lab.visit('elements.html', { head, wait: withSnippet, prepare: async (tab) => {
      await tab.send('Performance.enable');
      if (withSnippet) return;
      await tab.send('Network.enable');
      await tab.send('Network.setBlockedURLs', { urls: ['*mousetrail.js'] });
    } });
    await visit.settle();
    await pause(500);
    const count = async () => (await visit.tab.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'LayoutCount').value;
    const counts = [await count()];
    const place = (i) => [30 + (i * 37) % 900, 60 + (i * 13) % 500];
    for (let i = 0; i < 60; i += 1) {
      await visit.move(...place(i));
      await visit.settle();
    }
    counts.push(await count());
    for (let i = 60; i < 70; i += 1) {
      // Not on links, which lead away.
      await visit.click(400, 640 + i);
      await visit.settle();
    }
    counts.push(await count());
    assert.equal(await visit.run('typeof mousetrail'), withSnippet ? 'object' : 'undefined');
    await visit.tab.close();
    return { moves: counts[1] - counts[0], clicks: counts[2] - counts[1] };
  };
  const without = await layouts(false);
  const withIt = await layouts(true);
  const forced = await layouts(false, curious);
  console.log(`layouts in 60 moves and 10 clicks: ${JSON.stringify({ without, withIt, forced })}`);
  assert.ok(forced.moves >= without.moves + 50, 'the test itself sees a forced layout');
  assert.ok(withIt.moves <= without.moves + 2, `${withIt.moves} layouts instead of ${without.moves}`);
});

test('the outline of a page view comes once, by POST, small and without a word', async (t) => {
  const tap = await startTap(lab.collector.url);
  t.after(() => tap.close());
  const onSocket = [];
  const visit = await lab.visit('outline.html', {
    collector: tap.url,
    prepare: async (tab) => {
      await tab.send('Network.enable');
      tab.on('Network.webSocketFrameSent', ({ response: { opcode, payloadData } }) => { if (opcode === 2) onSocket.push(Buffer.from(payloadData, 'base64')); });
    },
  });
  const isThere = ([view]) => view.elements.length >= 250;
  const [view] = await visit.until(isThere, 'the outline is stored');
  // A second page view of the same load has one of its own.
  await visit.run('history.pushState(null, "", "/outline/second")');
  await visit.until((views) => views.length === 2 && views[1].elements.length >= 250, 'the outline of the second page view is stored');
  await visit.click(200, 200);

  const h2 = await visit.run(`[...document.querySelectorAll('h2, button, a, img, nav, main, header, footer, input')].filter((element) => element.checkVisibility()).map((element) => ({ tag: element.localName, ...(${BOX})(element) }))`);
  const isSame = (element, box) => element.tag === box.tag && ['x', 'y', 'w', 'h'].every((key) => Math.abs(element[key] - box[key]) <= 1);
  for (const tag of ['h2', 'button', 'a', 'img', 'nav', 'main', 'header']) {
    const wanted = h2.filter((box) => box.tag === tag);
    assert.ok(view.elements.some((element) => wanted.some((box) => isSame(element, box))), `a ${tag} at its place`);
    const wrong = view.elements.filter((element) => element.tag === tag && !wanted.some((box) => isSame(element, box)));
    assert.deepEqual(wrong.map(({ tag, x, y, w, h }) => [tag, x, y, w, h]), [], `every ${tag} at its place`);
  }
  assert.ok(view.elements.length <= 512);
  assert.ok(!view.elements.some(({ w, h }) => w === 0 && h === 0), 'only what is seen');
  assert.ok(!view.elements.some(({ tag }) => tag === 'b' || tag === 'span'), 'no text markup');
  assert.ok(!view.elements.some(({ selector }) => selector?.includes('hidden')), 'nothing hidden');

  await visit.leave();
  const posted = tap.posts.map(({ body, headers }) => ({ size: body.length, headers, ...readEnvelope(body) }));
  const outlines = posted.filter(({ frames }) => frames.some(({ seq }) => seq === 0));
  assert.deepEqual(outlines.map(({ frames }) => frames.find(({ seq }) => seq === 0).page), [0, 1], 'one a page view');
  for (const { size, frames, isCompressed, headers, bytes } of outlines) {
    const { elements } = frames.find(({ seq }) => seq === 0);
    console.log(`outline: ${elements} elements in ${size} bytes, ${bytes.length} inflated`);
    assert.ok(isCompressed, 'gzip');
    assert.ok(size <= 6_500, `${size} bytes`);
    assert.ok(elements >= 250 && elements <= 512, `${elements} elements`);
    // Neither asks a browser for a preflight.
    assert.equal(headers['content-encoding'], undefined);
    assert.match(headers['content-type'] ?? 'text/plain', /^text\/plain/);
  }
  assert.deepEqual(onSocket.map(readHead).filter(({ seq }) => seq === 0), [], 'never on the socket');
  const everything = Buffer.concat([...posted.map(({ bytes }) => bytes), ...onSocket]).toString('latin1');
  assert.ok(!everything.includes('canary'), `no text of the page: ${everything.match(/.{30}canary.{20}/s)?.[0]}`);
});

test('an outline doesn\'t hold up what a pointer does, and a page that is left at once has none', async (t) => {
  const tap = await startTap(lab.collector.url);
  t.after(() => tap.close());
  const visit = await lab.visit('outline.html', { collector: tap.url, wait: false });
  await visit.click(150, 60);
  const view = await visit.leaveOne();
  assert.equal(only(view, 'click').length, 1);
  assert.ok(tap.posts.map(({ body }) => readEnvelope(body).frames.filter(({ seq }) => seq === 0).length).reduce((a, b) => a + b, 0) <= 1);
});

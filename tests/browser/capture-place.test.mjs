// Places: every click is stored at its px of the top document, whatever scrolls, frames, shadows or zooms it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pause } from './collector.mjs';
import { only, startLab } from './lab.mjs';
import { startPages } from './servers.mjs';

let lab, elsewhere;
before(async () => {
  lab = await startLab();
  elsewhere = await startPages({ collector: lab.collector.url, site: 'none', attributes: '' });
});
after(async () => {
  elsewhere?.close();
  await lab?.close();
});

/** The box of an element in px of the top document, found by expressions that each go one frame or shadow deeper. */
const BOX = `(element) => {
  let { x, y, width: w, height: h } = element.getBoundingClientRect();
  for (let view = element.ownerDocument.defaultView; view !== top; view = view.parent) {
    const frame = view.frameElement;
    const outer = frame.getBoundingClientRect();
    const style = view.parent.getComputedStyle(frame);
    x += outer.x + frame.clientLeft + parseFloat(style.paddingLeft);
    y += outer.y + frame.clientTop + parseFloat(style.paddingTop);
  }
  return { x: x + scrollX, y: y + scrollY, w, h };
}`;
const boxOf = (visit, expression) => visit.run(`(${BOX})(${expression})`);

function assertBox(element, box, what) {
  assert.ok(element, `${what} is described`);
  for (const key of ['x', 'y', 'w', 'h']) assert.ok(Math.abs(element[key] - box[key]) <= 1, `${what}: ${key} is ${element[key]} instead of ${box[key]}`);
}

/** Clicks in the middle of an element, wherever it stands, and gives the place in px of the top document. */
async function clickOn(visit, expression, dx = 0, dy = 0) {
  const { x, y, w, h } = await boxOf(visit, expression);
  const [scrollX, scrollY] = await visit.run('[scrollX, scrollY]');
  const place = [Math.round(x + w / 2 + dx), Math.round(y + h / 2 + dy)];
  await visit.click(place[0] - scrollX, place[1] - scrollY);
  return place;
}

const places = (view, kind) => only(view, kind).map(({ place }) => place);

for (const [page, scroller] of [['shell.html', 'app'], ['bodyscroll.html', 'document.body']]) {
  test(`what really scrolls a page is seen: ${page}`, async () => {
    const visit = await lab.visit(page);
    await visit.wheel(300, 300, 0, 200);
    await visit.run(`${scroller}.scrollTo(0, 777)`);
    await visit.settle();
    await pause(100);
    await visit.click(250, 150);
    const view = await visit.leaveOne();
    const scrolls = only(view, 'inner_scroll');
    assert.ok(scrolls.some(({ place }) => String(place) === '0,200'), `the wheel: ${scrolls.map(({ place }) => place).join(' | ')}`);
    assert.deepEqual(scrolls.at(-1).place, [0, 777]);
    assert.equal(scrolls.at(-1).element?.tag, page === 'shell.html' ? 'div' : 'body');
    assert.ok(only(view, 'scroll').every(({ y }) => y === 0), 'the document itself stood still');
    assert.deepEqual(places(view, 'click'), [[250, 150]]);
    if (page === 'shell.html') assertBox(only(view, 'click')[0].element, { x: 200, y: 123, w: 160, h: 40 }, 'the button, where it stands now');
  });
}

test('a page without a doctype scrolls as a document', async () => {
  const visit = await lab.visit('quirks.html');
  await visit.run('scrollTo(0, 600)');
  await visit.settle();
  await visit.click(250, 320);
  const view = await visit.leaveOne();
  assert.equal(only(view, 'scroll').at(-1).y, 600);
  assert.deepEqual(only(view, 'inner_scroll'), []);
  assert.deepEqual(places(view, 'click'), [[250, 920]]);
  assertBox(only(view, 'click')[0].element, { x: 200, y: 900, w: 160, h: 40 }, 'the button');
});

test('events in open shadow trees belong to the innermost element', async () => {
  const visit = await lab.visit('shadow.html');
  await visit.run('scrollTo(0, 50)');
  await visit.settle();
  const button = 'card.shadowRoot.querySelector("x-row").shadowRoot.querySelector("button")';
  const box = await boxOf(visit, button);
  const place = await clickOn(visit, button, 10, 3);
  const closed = await clickOn(visit, 'shut');
  const view = await visit.leaveOne();
  const clicks = only(view, 'click');
  assert.deepEqual(clicks.map((click) => click.place), [place, closed]);
  assert.equal(clicks[0].element?.tag, 'button');
  assertBox(clicks[0].element, box, 'the button in the shadow');
  assert.equal(clicks[1].element?.selector, '#shut', 'a closed tree stays closed: its host');
  // A path of selectors can't lead through a shadow, so whatever is given must not find something else.
  for (const selector of clicks[0].element.selectors) {
    assert.ok(!/^(#card|x-card|button)$/.test(selector), `${selector} names another element`);
  }
});

test('a box that scrolls in a shadow tree', async () => {
  const visit = await lab.visit('shadow.html');
  const box = 'card.shadowRoot.querySelector("x-row").shadowRoot.querySelector("div")';
  const [x, y] = await clickOn(visit, box);
  await visit.wheel(x, y, 0, 88);
  assert.equal(await visit.run(`${box}.scrollTop`), 88);
  const scrolls = only(await visit.leaveOne(), 'inner_scroll');
  assert.deepEqual(scrolls.at(-1)?.place, [0, 88]);
  assert.equal(scrolls.at(-1).element?.tag, 'div');
});

test('frames of the same origin: places and boxes are those of the top page', async () => {
  const visit = await lab.visit('frames.html');
  await visit.run('scrollTo(0, 120); outer.contentWindow.scrollTo(0, 200); outer.contentDocument.querySelector("#nested").contentWindow.scrollTo(0, 70)');
  await visit.settle();
  const inner = 'outer.contentDocument.querySelector("#inside")';
  const deepest = 'outer.contentDocument.querySelector("#nested").contentDocument.querySelector("#deepest")';
  const boxes = [await boxOf(visit, 'document.querySelector("#top")'), await boxOf(visit, inner), await boxOf(visit, deepest)];
  const clicked = [await clickOn(visit, 'document.querySelector("#top")'), await clickOn(visit, inner, 7, 4), await clickOn(visit, deepest, -9, 2)];
  assert.deepEqual(boxes[1], { x: 120 + 5 + 9 + 40, y: 300 + 5 + 7 + 260 - 200, w: 100, h: 30 }, 'the test itself measures right');
  await clickOn(visit, 'outer.contentDocument.querySelector("#typed")');
  await visit.tab.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'q', text: 'q' });
  const view = await visit.leaveOne();
  const clicks = only(view, 'click');
  assert.equal(clicks.length, 4, `each once: ${clicks.map(({ place, element }) => `${place} ${element?.tag}`).join(' | ')}`);
  assert.deepEqual(clicks.slice(0, 3).map(({ place }) => place), clicked);
  clicks.slice(0, 3).forEach(({ element }, at) => {
    assert.equal(element?.tag, 'button');
    assertBox(element, boxes[at], `button ${at}`);
  });
  assert.ok(only(view, 'key').length >= 1, 'a key inside a frame');
  assert.deepEqual(only(view, 'leave'), [], 'the pointer never left the window');
});

test('a frame that comes later, with a srcdoc, and one that goes to another page', async () => {
  const visit = await lab.visit('frames.html');
  await visit.run(`new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.id = 'late';
    frame.style = 'left: 700px; top: 100px; width: 300px; height: 200px; border: 2px solid';
    frame.srcdoc = '<body style="margin: 0"><button id="fresh" style="position: absolute; left: 33px; top: 44px; width: 77px; height: 22px">Fresh</button>';
    frame.onload = () => done();
    document.body.append(frame);
  })`);
  // How a page finds new frames is its own matter; a person needs longer than this to get there.
  await pause(300);
  const clicked = [await clickOn(visit, 'late.contentDocument.querySelector("#fresh")')];
  await visit.run(`new Promise((done) => { outer.onload = () => done(); outer.contentWindow.location = 'other.html' })`);
  await pause(300);
  await visit.run('outer.contentWindow.scrollTo(0, 33)');
  const box = await boxOf(visit, 'outer.contentDocument.querySelector("#another")');
  clicked.push(await clickOn(visit, 'outer.contentDocument.querySelector("#another")', 5, 5));
  // Gone for good: nothing of it may be touched any more.
  await visit.run('late.remove()');
  clicked.push(await clickOn(visit, 'document.querySelector("#top")'));
  const view = await visit.leaveOne();
  assert.deepEqual(places(view, 'click'), clicked);
  assertBox(only(view, 'click')[1].element, box, 'the button of the other page');
});

test('at a frame of another origin the pointer leaves', async () => {
  // Another port is another origin of the same site. For another site's frame, which is another process, DevTools tells the page around it nothing.
  const visit = await lab.visit('frames.html');
  await visit.run(`new Promise((done) => { outer.onload = () => done(); outer.src = ${JSON.stringify(`${elsewhere.url}/other.html`)} })`);
  await visit.run(`Promise.all([['sandbox', 'allow-scripts', 'other.html'], ['title', 'another site', ${JSON.stringify(`${elsewhere.url.replace('127.0.0.1', 'localhost')}/other.html`)}]].map(([name, value, src], at) => new Promise((done) => {
    const frame = document.createElement('iframe');
    frame.setAttribute(name, value);
    frame.src = src;
    frame.style = 'left: 800px; width: 300px; height: 200px; top: ' + (300 + 250 * at) + 'px';
    frame.onload = () => done();
    document.body.append(frame);
  })))`);
  await visit.move(60, 500);
  await visit.settle();
  await visit.move(100, 500);
  await visit.settle();
  for (const x of [200, 300, 400]) {
    await visit.move(x, 500);
    await visit.settle();
  }
  await visit.click(300, 450);
  await pause(150);
  await visit.move(700, 500);
  await visit.settle();
  await visit.click(720, 510);
  for (const y of [400, 600]) {
    await visit.move(900, y);
    await visit.settle();
  }
  const view = await visit.leaveOne();
  const path = only(view, 'move', 'down', 'up', 'click', 'leave', 'enter');
  const inside = ([x, y]) => (x > 128 && x < 640 && y > 302 && y < 720) || (x > 803 && x < 1100 && y > 303 && y < 750);
  assert.deepEqual(path.filter(({ place, kind }) => kind !== 'leave' && inside(place)).map(({ kind, place }) => `${kind} ${place}`), [], 'nothing of the inside');
  assert.ok(only(view, 'leave').length >= 1, 'it leaves at the border');
  assert.deepEqual(only(view, 'leave')[0].place, [100, 500]);
  assert.deepEqual(places(view, 'enter')[0], [700, 500], 'and comes back behind it');
  assert.deepEqual(places(view, 'click'), [[720, 510]]);
});

test('two device px a CSS px, and a change of it', async () => {
  const metrics = (deviceScaleFactor) => ({ width: 1100, height: 700, deviceScaleFactor, mobile: false });
  const visit = await lab.visit('kinds.html', { prepare: (tab) => tab.send('Emulation.setDeviceMetricsOverride', metrics(2)) });
  await visit.run('scrollTo(0, 300)');
  await visit.settle();
  await visit.click(333, 111);
  await visit.tab.send('Emulation.setDeviceMetricsOverride', metrics(1.25));
  await pause(300);
  await visit.click(334, 112);
  const view = await visit.leaveOne();
  assert.equal(view.pixel_ratio, 2);
  assert.deepEqual(places(view, 'click'), [[333, 411], [334, 412]]);
  const resizes = only(view, 'resize').filter(({ x, y }) => x === 1100 && y === 700);
  assert.ok(resizes.length >= 1, 'a resize, though the size in CSS px is the same');
  assert.ok(Math.abs(resizes.at(-1).pixel_ratio - 1.25) < 0.006, `its pixel_ratio: ${resizes.at(-1).pixel_ratio}`);
  assert.ok(view.events.every(({ kind, pixel_ratio: ratio }) => kind === 'resize' || ratio === null || ratio === undefined), 'only a resize has one');
});

test('the browser\'s zoom: fewer CSS px of more device px', async () => {
  const visit = await lab.visit('kinds.html', { prepare: (tab) => tab.send('Emulation.setDeviceMetricsOverride', { width: 1200, height: 800, deviceScaleFactor: 1, mobile: false }) });
  // What 150 % does to a page.
  await visit.tab.send('Emulation.setDeviceMetricsOverride', { width: 800, height: 533, deviceScaleFactor: 1.5, mobile: false });
  await pause(200);
  await visit.click(222, 111);
  const view = await visit.leaveOne();
  const resize = only(view, 'resize').at(-1);
  assert.deepEqual(resize.place, [800, 533]);
  assert.equal(resize.pixel_ratio, 1.5);
  assert.deepEqual(places(view, 'click'), [[222, 111]]);
});

test('a pinch', async () => {
  const visit = await lab.visit('kinds.html', {
    head: '<meta name="viewport" content="width=device-width">',
    prepare: (tab) => tab.send('Emulation.setDeviceMetricsOverride', { width: 800, height: 600, deviceScaleFactor: 2, mobile: true }),
  });
  await visit.tab.send('Emulation.setPageScaleFactor', { pageScaleFactor: 2 });
  await visit.run('scrollTo(0, 400)');
  await visit.settle();
  await visit.run('scrollTo(0, 60)');
  await visit.settle();
  await visit.run('window.seen = []; addEventListener("click", ({ pageX, pageY, target }) => seen.push([Math.round(pageX), Math.round(pageY), target.id]), true)');
  const [scale, left, top] = await visit.run('[visualViewport.scale, visualViewport.pageLeft, visualViewport.pageTop]');
  assert.equal(scale, 2);
  await visit.click(150 - left, 120 - top);
  const [[x, y, id]] = await visit.run('seen');
  assert.deepEqual([x, y, id], [150, 120, 'push'], 'the test itself hits the button');
  const view = await visit.leaveOne();
  assert.deepEqual(places(view, 'click'), [[150, 120]]);
  const { element } = only(view, 'click')[0];
  assert.equal(element?.selector, '#push');
  assertBox(element, { x: 100, y: 100, w: 120, h: 40 }, 'the button');
});

test('CSS zoom of the body', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.run('document.body.style.zoom = 1.5; scrollTo(0, 60)');
  await visit.settle();
  const box = await boxOf(visit, 'push');
  assert.equal(Math.round(box.w), 180, 'it is zoomed');
  const place = await clickOn(visit, 'push', 20, -8);
  const view = await visit.leaveOne();
  assert.deepEqual(places(view, 'click'), [place]);
  assertBox(only(view, 'click')[0].element, box, 'the button');
});

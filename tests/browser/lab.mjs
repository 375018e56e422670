// What the capture tests share: a collector, a page of our own and a browser, each visit on a site of its own, and what SQL says of it at the end.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { startPages } from './servers.mjs';

/** How long committed events may take to be seen, ms. */
const PATIENCE_MS = 10_000;
/** A build of the snippet that stands in for the one inside the binary: for work on the snippet alone, and to see a test fail. */
const { SNIPPET } = process.env;

export async function startLab() {
  const collector = await newCollector();
  await collector.start();
  const pages = await startPages({});
  const chromium = await startChromium();
  return {
    collector,
    pages,
    chromium,

    /** A new site, which the pages' script tags name from now on, and a visit of it without a tab. */
    addSite({ attributes = '', collector: through = collector.url, head = '' } = {}) {
      const key = collector.addSite(pages.url);
      Object.assign(pages.values, { site: key, collector: through, attributes, head });
      return new Visit(collector, collector.query('select max(site_id) as id from site')[0].id);
    },

    /**
     * Opens a page on a new site. `attributes` stand in its script tag and `head` before it; `prepare(tab)` runs before the page loads; `collector`
     * is where the tag points to, in place of the collector's own address; `wait: false` doesn't wait until the collector knows the page view.
     */
    async visit(name, { prepare, wait = true, ...values } = {}) {
      const visit = this.addSite(values);
      visit.tab = await chromium.open();
      await replaceSnippet(visit.tab);
      await prepare?.(visit.tab);
      await visit.tab.go(`${pages.url}/${name}`);
      if (wait) await visit.until((views) => views.length > 0, 'the page view is known');
      return visit;
    },

    /** Puts another tab in front for a while. */
    async hideFor(tab, ms) {
      const other = await chromium.open();
      await pause(ms);
      await tab.toFront();
      await other.close();
      await pause(ms);
    },

    async close() {
      await chromium.close();
      pages.close();
      await collector.stop();
    },
  };
}

/** Gives a tab the build that `SNIPPET` names, if it names one. */
export async function replaceSnippet(tab) {
  if (!SNIPPET) return;
  const body = readFileSync(SNIPPET).toString('base64');
  const responseHeaders = [{ name: 'content-type', value: 'text/javascript' }, { name: 'access-control-allow-origin', value: '*' }];
  tab.on('Fetch.requestPaused', ({ requestId }) => tab.send('Fetch.fulfillRequest', { requestId, responseCode: 200, responseHeaders, body }));
  await tab.send('Fetch.enable', { patterns: [{ urlPattern: '*/mousetrail.js' }] });
}

export class Visit {
  constructor(collector, siteId) {
    this.collector = collector;
    this.siteId = siteId;
  }

  /** All page views of the site in their order, each with its `events` (in the order of time), `elements` and `frames`. */
  views() {
    const rows = (view, order) => this.collector.query(`select *, page_view_id::text as view from ${view} where site_id = ${this.siteId} order by ${order}`);
    const views = this.collector.query(`select *, page_view_id::text as id, session_id::text as session from page_view where site_id = ${this.siteId} order by started_at`);
    if (!views.length) return views;
    const events = rows('pointer_event', 'offset_ms, seq, position');
    const elements = rows('element', 'element_id');
    const frames = rows('frame', 'seq');
    for (const view of views) {
      const own = (list) => list.filter((row) => row.view === view.id);
      view.elements = own(elements);
      view.frames = own(frames);
      const described = new Map(view.elements.map((element) => [element.element_id, element]));
      view.events = own(events).map((event) => ({ ...event, element: described.get(event.element_id), place: [event.x, event.y] }));
    }
    return views;
  }

  /** Waits until what is stored is as it should be. */
  async until(isRight, what, patienceMs = PATIENCE_MS) {
    const end = Date.now() + patienceMs;
    for (;;) {
      const views = this.views();
      if (isRight(views)) return views;
      if (Date.now() > end) assert.fail(`${what}: not after ${patienceMs} ms. Stored: ${describe(views)}`);
      await pause(100);
    }
  }

  /** Leaves the page as a person does and waits until everything is stored, to the `unload` of the last page view. */
  async leave() {
    await settle(this.tab);
    const errors = [...this.tab.errors];
    await this.tab.go('about:blank');
    const views = await this.until(
      (views) => views.at(-1)?.events.some(({ kind }) => kind === 'unload') && views.every(({ frames }) => frames.every(({ seq }, at) => seq === at + 1)),
      'everything up to the unload is stored',
    );
    await this.tab.close();
    assert.deepEqual(errors, [], 'the page has no error');
    return views;
  }

  /** The same for a visit that has to be a single page view. */
  async leaveOne() {
    const views = await this.leave();
    assert.equal(views.length, 1, `one page view: ${describe(views)}`);
    return views[0];
  }

  mouse(type, x, y, more = {}) {
    return this.tab.send('Input.dispatchMouseEvent', { type, x, y, ...more });
  }

  move(x, y) {
    return this.mouse('mouseMoved', x, y);
  }

  /** Moves there and clicks. */
  async click(x, y, { button = 'left', clickCount = 1 } = {}) {
    const bit = { left: 1, right: 2, middle: 4 }[button];
    await this.move(x, y);
    await this.mouse('mousePressed', x, y, { button, buttons: bit, clickCount });
    await this.mouse('mouseReleased', x, y, { button, buttons: 0, clickCount });
  }

  /** Scrolls by the wheel and waits until the page stands still. */
  async wheel(x, y, deltaX, deltaY) {
    await this.mouse('mouseWheel', x, y, { deltaX, deltaY });
    await this.tab.evaluate(STILL);
  }

  touch(type, ...points) {
    return this.tab.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([id, x, y, force]) => ({ id, x, y, force })) });
  }

  /** Runs an expression in the page. */
  run(expression) {
    return this.tab.evaluate(expression);
  }

  settle() {
    return settle(this.tab);
  }
}

/** Two frames later the page has seen every input that was dispatched before. */
function settle(tab) {
  return tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))');
}

/** Until nothing has scrolled for 150 ms. */
const STILL = `new Promise((done) => {
  let timer;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => { removeEventListener('scroll', wait, true); done(); }, 150); };
  addEventListener('scroll', wait, true);
  wait();
})`;

/** A short account of what is stored, for messages. */
function describe(views) {
  return JSON.stringify(views.map(({ path, via, events }) => ({ path, via, events: events.map(({ kind, x, y }) => `${kind} ${x},${y}`).slice(-40).join(' | ') })));
}

/** The events of some kinds. */
export const only = (view, ...kinds) => view.events.filter(({ kind }) => kinds.includes(kind));

// A stage for one visit: a page of its own on an origin of its own, in a window of its own with a profile of its own, and a wiretap between it and the
// collector. Stages don't see each other, so many of them can be on at a time.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

import { canaries } from './canaries.mjs';
import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { startPages } from './servers.mjs';
import { startWiretap } from './wiretap.mjs';

/** Starts the collector and the browser. */
export async function startTheatre() {
  const collector = await newCollector();
  await collector.start();
  const chromium = await startChromium();
  const site = collector.addSite('*');
  const decode = await loadDecoder();
  const open = new Set();
  return {
    collector,
    site,
    decode,
    /**
     * Opens a page. `attributes` go on the script tag, `setup` stands before it, `init` runs before anything else of the page, and `values` are filled in.
     * `query` and `referrer` belong to the address. `userAgent` makes another visitor of it. The rest is for the wiretap.
     */
    async stage(name, { attributes = '', setup = '', init, values = canaries('words'), query = '', referrer, userAgent, ...wire } = {}) {
      const tap = await startWiretap(collector.url, wire);
      const pages = await startPages({ setup, attributes, ...values, site, collector: tap.url });
      // Cookies know no ports: on the collector's own host name the browser itself would hand it those of the page.
      pages.url = pages.url.replace('127.0.0.1', 'shop.localhost');
      const { browserContextId } = await chromium.send('Target.createBrowserContext');
      const tab = await chromium.open(undefined, { hasOwnWindow: true, browserContextId });
      const stage = new Stage({ tap, pages, tab, collector, decode, chromium, browserContextId, name });
      open.add(stage);
      if (init) await tab.send('Page.addScriptToEvaluateOnNewDocument', { source: init });
      if (userAgent) await tab.send('Emulation.setUserAgentOverride', { userAgent });
      await tab.go(`${pages.url}/${name}.html${query}`, referrer && pages.url + referrer);
      return stage;
    },
    async close() {
      for (const stage of open) stage.strike();
      await chromium.close();
      await collector.stop();
    },
  };
}

class Stage {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** The stored page views of this stage, all columns. */
  get views() {
    // The ids as text too: they are too large for the numbers of JSON.
    return this.collector.query(
      `select *, page_view_id::text as id, session_id::text as session from page_view where host = '${this.pages.url}' order by page_view_id`,
    );
  }

  /** What the browser sent, decoded: frames with their elements and events. */
  get frames() { return this.tap.frames.map((bytes) => this.decode(bytes)).filter((frame) => typeof frame !== 'string'); }

  /** What no collector could read: the error and the bytes of each. */
  get broken() {
    return this.tap.frames.map((bytes) => [this.decode(bytes), bytes.toString('hex')]).filter(([frame]) => typeof frame === 'string').map((one) => one.join(' '));
  }

  get events() { return this.frames.flatMap(({ events }) => events); }

  /** Every description that left, oldest first. */
  get elements() { return this.frames.flatMap(({ elements }) => elements); }

  /** Commands that don't wait for each other. */
  mouse(type, x, y, more = {}) {
    return this.tab.send('Input.dispatchMouseEvent', { type, x, y, ...more });
  }

  async click(x, y, clickCount = 1) {
    await Promise.all([
      this.mouse('mouseMoved', x, y),
      this.mouse('mousePressed', x, y, { button: 'left', buttons: 1, clickCount }),
      this.mouse('mouseReleased', x, y, { button: 'left', buttons: 0, clickCount }),
    ]);
  }

  /** Moves here and there over the upper part of the window for some time. */
  async wander(ms) {
    const until = Date.now() + ms;
    for (let i = 0; Date.now() < until; i += 1) {
      await this.mouse('mouseMoved', 30 + ((i * 37) % 400), 30 + ((i * 53) % 300));
      await pause(20);
    }
  }

  /** Types as a person does, into what has the focus. */
  async type(text) {
    for (const char of text) {
      const key = { key: char, text: char, unmodifiedText: char, code: /[a-z]/.test(char) ? `Key${char.toUpperCase()}` : `Digit${char}`, windowsVirtualKeyCode: char.toUpperCase().charCodeAt(0) };
      await Promise.all([this.tab.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key }), this.tab.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key })]);
    }
  }

  /** Ctrl and a letter, with what the browser does then: "copy", "paste", … */
  async command(command, char) {
    const key = { modifiers: 2, key: char, code: `Key${char.toUpperCase()}`, windowsVirtualKeyCode: char.toUpperCase().charCodeAt(0) };
    await this.tab.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', commands: [command], ...key });
    await this.tab.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key });
  }

  /** Waits until something is so. */
  async until(isSo, what, patienceMs = 8_000) {
    const until = Date.now() + patienceMs;
    while (!isSo()) {
      if (Date.now() > until) throw new Error(`${what}: not within ${patienceMs} ms. ${this.account()}`);
      await pause(50);
    }
  }

  /** Waits until the database holds so many page views of this stage, each with events. */
  async untilStored(count) {
    const until = Date.now() + 8_000;
    for (let views; (views = this.views).length !== count || views.some(({ events }) => !events);) {
      if (Date.now() > until) throw new Error(`${views.length} page views with ${views.map(({ events }) => events)} events instead of ${count}. ${this.account()}`);
      // Each look keeps everything else from running.
      await pause(300);
    }
  }

  /** Waits until the socket or a POST has brought a frame. */
  untilFrame() {
    return this.until(() => this.tap.frames.length > 0, 'a frame leaves');
  }

  /** What the browser said, in a few words, for a failed test. */
  account() {
    return `The browser said: ${this.tap.messages.map(({ kind, method, path, body }) => (kind === 'request' ? `${method} ${path}` : `${kind} ${body.length}`)).join(', ')}`;
  }

  /** Closes the tab as a person does, and waits until the wire is silent. */
  async leave() {
    await this.tab.close();
    for (let before = -1; before !== this.tap.messages.length;) {
      before = this.tap.messages.length;
      await pause(300);
    }
  }

  strike() {
    this.tap.close();
    this.pages.close();
  }
}

/** Does something for each case, some at a time. Returns what came of them by name; `{ error }` for what failed. */
export async function inTurns(cases, act, atATime) {
  const waiting = Object.entries(cases);
  const done = Object.fromEntries(waiting);
  const work = async () => {
    for (let next; (next = waiting.shift());) done[next[0]] = await act(next[1]).catch((error) => ({ error }));
  };
  await Promise.all(Array.from({ length: atATime }, work));
  return done;
}

/** One test for each case, of what came of it. */
export async function testEach(t, done, check) {
  for (const [name, { error, ...outcome }] of Object.entries(done)) {
    await t.test(name, (t) => {
      if (error) throw error;
      return check(outcome, t);
    });
  }
}

/** The snippet's own decoder. */
async function loadDecoder() {
  const file = new URL('../../snippet/src/decode.ts', import.meta.url);
  const { outputFiles } = await build({
    stdin: { contents: readFileSync(file, 'utf8'), loader: 'ts', resolveDir: new URL('.', file).pathname },
    bundle: true, write: false, format: 'esm', logLevel: 'warning',
  });
  const { decode } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  return decode;
}

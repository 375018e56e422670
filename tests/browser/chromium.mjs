// A Chromium of our own, spoken to over a pipe in the DevTools protocol. playwright keeps every page focused and visible, so a test of hidden tabs
// can't go through it; here a tab is hidden when another one is in front, as for people.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PATH = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--remote-debugging-pipe', '--no-first-run', '--no-default-browser-check', '--disable-gpu', '--disable-quic',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-extensions', '--window-size=1280,800',
  // Its own pages, some hundred scripts for each window that opens.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,PreloadTopChromeWebUI',
];

/** Starts a browser with a profile of its own. `close()` ends it and removes the profile. */
export async function startChromium() {
  const profile = mkdtempSync(join(tmpdir(), 'mousetrail-chromium-'));
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(PATH, [...FLAGS, ...sandbox, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const connection = new Connection(child.stdio[3], child.stdio[4]);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.on('error', (error) => connection.fail(new Error(`can't start ${PATH}: ${error.message}. Set CHROMIUM, or install chromium`)));
  await connection.send('Browser.getVersion');
  const attach = async (targetId) => {
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
    const tab = new Tab(connection, targetId, sessionId);
    await tab.send('Page.enable');
    await tab.send('Runtime.enable');
    return tab;
  };
  return {
    /** Opens a tab in front of the others; with a window of its own, the others stay visible. A browser context has cookies and storage of its own. */
    async open(url, { hasOwnWindow = false, browserContextId } = {}) {
      const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank', newWindow: hasOwnWindow, browserContextId });
      const tab = await attach(targetId);
      if (url) await tab.go(url);
      return tab;
    },
    /** Opens a tab that nobody watches: Chromium prerenders nothing for a tab with DevTools. */
    openUnwatched: (url) => connection.send('Target.createTarget', { url }),
    /** The tab that shows this page by now; undefined if none does. */
    async find(url) {
      const { targetInfos } = await connection.send('Target.getTargets');
      const found = targetInfos.find((target) => target.type === 'page' && target.url === url);
      return found && attach(found.targetId);
    },
    /** Speaks to the browser itself. */
    send: (method, params) => connection.send(method, params),
    on: (method, listener) => connection.on(undefined, method, listener),
    async close() {
      await connection.send('Browser.close').catch(() => {});
      setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** One tab. */
class Tab {
  constructor(connection, targetId, sessionId) {
    this.connection = connection;
    this.targetId = targetId;
    this.sessionId = sessionId;
    /** Uncaught errors and console errors of the page. */
    this.errors = [];
    this.on('Runtime.exceptionThrown', ({ exceptionDetails: it }) => this.errors.push(it.exception?.description ?? it.text));
  }

  send(method, params = {}) {
    return this.connection.send(method, params, this.sessionId);
  }

  on(method, listener) {
    this.connection.on(this.sessionId, method, listener);
  }

  /** Goes to a page, as if from `referrer`, and waits until it has loaded. */
  async go(url, referrer) {
    const loaded = new Promise((resolve) => this.on('Page.loadEventFired', resolve));
    const { errorText } = await this.send('Page.navigate', { url, referrer });
    if (errorText) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** Runs an expression in the page and returns its value. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  toFront() {
    return this.connection.send('Target.activateTarget', { targetId: this.targetId });
  }

  /** Closes the tab as a person does. */
  close() {
    return this.connection.send('Target.closeTarget', { targetId: this.targetId });
  }
}

/** Messages are JSON, each ended by a zero byte. */
class Connection {
  constructor(output, input) {
    this.output = output;
    this.id = 0;
    this.waiting = new Map();
    this.listeners = new Map();
    let rest = '';
    input.setEncoding('utf8');
    input.on('data', (text) => {
      const parts = (rest + text).split('\0');
      rest = parts.pop();
      parts.forEach((part) => this.receive(JSON.parse(part)));
    });
    input.on('close', () => this.fail(new Error('Chromium has ended')));
    output.on('error', () => this.fail(new Error('Chromium has ended')));
  }

  send(method, params = {}, sessionId = undefined) {
    const id = ++this.id;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, method });
      this.output.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  on(sessionId, method, listener) {
    const key = `${sessionId} ${method}`;
    this.listeners.set(key, [...(this.listeners.get(key) ?? []), listener]);
  }

  receive({ id, result, error, method, params, sessionId }) {
    if (id === undefined) return this.listeners.get(`${sessionId} ${method}`)?.forEach((listener) => listener(params));
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (error) waiting?.reject(new Error(`${waiting.method}: ${error.message}`));
    else waiting?.resolve(result);
  }

  fail(error) {
    this.waiting.forEach(({ reject }) => reject(error));
    this.waiting.clear();
  }
}

// The admin pages in a real Chromium: opening them, watching for what must not happen, measuring what is drawn.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { chromium } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { 1440: 900, 390: 844 };

export function startBrowser() {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [...sandbox, '--disable-gpu'] });
}

/** A tab of a browser with the cookies of `from`. Whatever must never happen on a page of ours is noted in `tab.wrongs`. */
export async function openTab(browser, origin, { width = 1440, still = false, from } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: WIDTHS[width] }, reducedMotion: still ? 'reduce' : 'no-preference',
    hasTouch: width < 700, storageState: await from?.context().storageState(),
  });
  const tab = await context.newPage();
  tab.setDefaultTimeout(10_000);
  tab.wrongs = [];
  // What the content security policy refuses is a console error, too.
  tab.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message)) tab.wrongs.push(`console: ${message.text()} ${message.location().url}`);
  });
  tab.on('pageerror', (error) => tab.wrongs.push(`error: ${error.stack}`));
  tab.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') tab.wrongs.push(`request to ${url}`);
  });
  // Through the DevTools protocol, so that the page's policy needs no hole for it.
  await tab.addInitScript(AXE);
  return tab;
}

/** Chromium calls an error page an error; it is the page that was asked for. */
const isExpected = (message) => /status of (400|403|404|422)/.test(message.text()) && !/assets|api/.test(message.location().url);

/** Fails where a page, in the light or in the dark, is wider than the window, breaks a rule of accessibility, or did what it must not. */
export async function inspect(tab, page) {
  for (const [theme, rules] of [['light', undefined], ['dark', ['color-contrast']]]) {
    const what = `${page}, ${theme}`;
    await tab.emulateMedia({ colorScheme: theme });
    const [is, may] = await tab.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(is <= may, `${what}: ${is} px wide in a window of ${may} px`);
    // The theme changes colours only, so only what they decide is asked again.
    const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
    const { violations, passes, incomplete } = await tab.evaluate((options) => window.axe.run(document, options), options);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n  ${failureSummary}`).join('\n')}`);
    assert.deepEqual(found, [], what);
    assert.ok(passes.length + incomplete.length > (rules ? 0 : 10), `${what}: axe has looked at the page`);
  }
  await tab.emulateMedia({ colorScheme: 'light' });
  assert.deepEqual(tab.wrongs, [], page);
}

/** What a canvas shows: how many px are not clear, and a number that changes with any of them. */
export function ink(tab, selector) {
  return tab.evaluate((selector) => {
    const canvas = document.querySelector(selector);
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let [count, hash] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 0) count += 1;
      hash = (Math.imul(hash, 31) + data[i] + 3 * data[i + 1] + 5 * data[i + 2] + 7 * data[i + 3]) | 0;
    }
    return { count, hash };
  }, selector);
}

/** Presses Tab from the begin of the page to its end. Returns what had it: id, text or label; fails where it could not be seen. */
export async function tabThrough(tab, most = 60) {
  const reached = [];
  // A form puts the focus into its first field by itself.
  await tab.evaluate(() => {
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  for (let i = 0; i < most; i++) {
    await tab.keyboard.press('Tab');
    const on = await tab.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      return {
        name: element.id || element.getAttribute('aria-label') || element.textContent.trim(),
        isOutlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
        isVisible: box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0,
      };
    });
    if (!on) break;
    assert.ok(on.isOutlined && on.isVisible, `the focus on ${on.name} can be seen: ${JSON.stringify(on)}`);
    reached.push(on.name);
  }
  return reached;
}

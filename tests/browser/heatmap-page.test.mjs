// The heatmap page as a designer meets it, against the real collector: kinds, filters, looks, comparison, elements, and the sessions behind a place.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ink, inspect, openTab, startBrowser } from './admin.mjs';
import { newCollector } from './collector.mjs';
import { tallPage } from './tall-page.mjs';

const KINDS = {
  Movement: 'Seconds per 100 sessions', Attention: 'Seconds a session', Clicks: 'Clicks per 100 sessions', 'First click': 'First clicks per 100 sessions',
  Rage: 'Rage clicks per 100 sessions', Dead: 'Dead clicks per 100 sessions', Hesitation: 'Seconds per 100 sessions', 'Scroll reach': 'Share of page views',
};
const PAGE = '/sites/1/heatmap?page=/demo&device=desktop';

let collector, browser, owner;

before(async () => {
  collector = await newCollector();
  [, browser] = await Promise.all([collector.start(), startBrowser()]);
  collector.run('demo', '--visitors', '60');
  owner = await openTab(browser, collector.url);
  await owner.goto(collector.said.match(/http\S+\/welcome\/\S+/)[0]);
  await owner.getByLabel('Email').fill('owner@example.com');
  await owner.locator('input[type=password]').first().fill('correct horse battery');
  await owner.keyboard.press('Enter');
  await owner.waitForURL('**/sites/1/sessions');
});

after(async () => {
  await browser?.close();
  await collector?.stop();
});

/** Goes to a heatmap and waits until all of it is there. */
async function go(tab, more = '') {
  await tab.goto(`${collector.url}${PAGE}${more}`);
  await isShown(tab);
}

const isShown = (tab) => tab.waitForFunction(() => !document.querySelector('#state') && document.querySelector('#elements table'), undefined, { timeout: 30_000, polling: 50 });
const parameters = (tab) => new URL(tab.url()).searchParams;

test('each kind has a map of its own, with its unit, its words, and the shares of how points were placed', async () => {
  const seen = new Set();
  await go(owner);
  for (const [kind, unit] of Object.entries(KINDS)) {
    await owner.getByRole('group', { name: 'Kind' }).getByRole('link', { name: kind, exact: true }).click();
    await owner.waitForLoadState();
    await isShown(owner);
    assert.equal(await owner.locator('#leg').textContent(), unit);
    const map = await ink(owner, '#doc .heat canvas');
    seen.add(map.hash);
    assert.match(await owner.locator('#summary').textContent(), /^\d+ sessions?, \d+ page views?(, [\d,]+ [a-z ]+)?$/, kind);
    const shares = (await owner.locator('#placed-list b').allTextContents()).map((text) => parseFloat(text));
    if (shares.every((share) => !Number.isNaN(share))) assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 100) < 0.25, `${kind}: ${shares}`);
    await owner.locator('.words summary').click();
    assert.ok(await owner.locator('.words p').isVisible());
  }
  assert.ok(seen.size >= 5, `${seen.size} different maps`);
  assert.deepEqual(owner.wrongs, []);
});

test('filters live in the address: added in the sheet, removed by their chip, and the browser goes back and forward', async () => {
  await go(owner);
  const all = await owner.locator('#summary').textContent();
  await owner.getByText('Add filter').click();
  await owner.locator('#add [name=browser]').fill('Firefox');
  await owner.locator('#add [name=visits]').selectOption('new');
  await owner.getByRole('button', { name: 'Show these' }).click();
  await owner.waitForURL((url) => url.searchParams.get('browser') === 'Firefox');
  await isShown(owner);
  assert.equal(parameters(owner).get('visits'), 'new');
  assert.ok(!parameters(owner).has('country') && !parameters(owner).has('tag'), 'what is empty is not in the address');
  assert.notEqual(await owner.locator('#summary').textContent(), all);
  await owner.getByRole('link', { name: 'Remove the filter Browser Firefox' }).click();
  await owner.waitForURL((url) => !url.searchParams.has('browser') && url.searchParams.get('visits') === 'new');
  await owner.goBack();
  await owner.getByRole('link', { name: 'Remove the filter Browser Firefox' }).waitFor();
  await owner.goForward();
  await isShown(owner);
  assert.equal(await owner.locator('#filters .chip:not(.add)').count(), 1);
  // What the collector can't do is said in its words.
  await owner.goto(`${collector.url}${PAGE}&country=Germany`);
  await owner.getByText('The heatmap can’t be shown.').waitFor();
  owner.wrongs.length = 0;
});

test('how a map is drawn is kept in the address and in every link, and other pixels come of it', async () => {
  await go(owner);
  const looks = [['how', 'percentile', 'scale'], ['palette', 'cividis', 'palette'], ['smooth', '32', 'smooth']];
  let last = await ink(owner, '#doc .heat canvas');
  for (const [id, value, name] of looks) {
    await owner.locator(`#${id}`).selectOption(value);
    const now = await ink(owner, '#doc .heat canvas');
    assert.notEqual(now.hash, last.hash, id);
    last = now;
    assert.equal(parameters(owner).get(name), value);
  }
  assert.match(await owner.locator('#png').getAttribute('href'), /heatmap\.png\?.*palette=cividis&scale=percentile&smooth=32&opacity=85/);
  await owner.getByRole('group', { name: 'Kind' }).getByRole('link', { name: 'Clicks', exact: true }).click();
  await owner.waitForURL((url) => url.searchParams.get('palette') === 'cividis' && url.searchParams.get('kind') === 'click');
  await isShown(owner);
  assert.equal(await owner.locator('#palette').inputValue(), 'cividis');
  assert.deepEqual(owner.wrongs, []);
});

test('the table is sorted by keyboard, a row marks its element, and Enter opens the sessions that were there', async () => {
  await go(owner, '&kind=click');
  const clicks = async () => (await owner.locator('#elements tbody tr[data-id] td:nth-of-type(5)').allTextContents()).map((text) => Number(text.replaceAll(',', '')));
  assert.deepEqual(await clicks(), (await clicks()).toSorted((a, b) => b - a));
  await owner.locator('th[aria-sort] button').focus();
  await owner.keyboard.press('Enter');
  assert.equal(await owner.locator('th[aria-sort]').getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await clicks(), (await clicks()).toSorted((a, b) => a - b));
  await owner.keyboard.press('Enter');
  await owner.locator('#elements tbody button.go').first().focus();
  assert.equal(await owner.locator('.w-hit').getAttribute('visibility'), 'visible');
  await owner.keyboard.press('Enter');
  const first = owner.locator('#people .visit').first();
  await first.waitFor();
  assert.equal(await owner.locator('#people .visit').count(), Math.min(50, Number(await owner.locator('#people-count').textContent())));
  const href = new URL(await first.getAttribute('href'), collector.url);
  assert.match(href.pathname, /^\/sites\/1\/sessions\/\d+$/);
  assert.ok(Number(href.searchParams.get('t')) >= 0 && href.searchParams.get('back').startsWith('/sites/1/heatmap?'));
  await first.click();
  await owner.waitForURL('**/sites/1/sessions/**');
  await owner.getByRole('link', { name: 'Heatmap', exact: true }).click();
  await owner.waitForURL('**/sites/1/heatmap**');
  assert.equal(parameters(owner).get('kind'), 'click');
  assert.deepEqual(owner.wrongs, []);
});

test('a place on the map says its value, and a click asks who was there', async () => {
  await go(owner);
  const hot = await owner.evaluate(() => {
    const canvas = document.querySelector('#doc .heat canvas');
    const { data, width } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let best = 0;
    for (let i = 0; i < data.length; i += 4) if (data[i] > data[best]) best = i;
    return { x: (best / 4) % width, y: Math.floor(best / 4 / width) };
  });
  await owner.locator('#doc').hover({ position: hot });
  await owner.getByText('This spot').first().waitFor();
  assert.match(await owner.locator('#tip dd').first().textContent(), /^[\d.]+ s$/);
  assert.notEqual(await owner.locator('#tip dd').first().textContent(), '0 s');
  await owner.locator('#doc').click({ position: hot });
  await owner.locator('#people .visit').first().waitFor();
  await owner.getByRole('tab', { name: /Elements/ }).click();
  assert.ok(await owner.locator('#elements').isVisible() && !(await owner.locator('#people').isVisible()));
  assert.deepEqual(owner.wrongs, []);
});

test('two selections are compared side by side, with one scroll and one scale, and as a difference', async () => {
  await go(owner);
  await owner.locator('.head summary').click();
  await owner.getByRole('link', { name: 'With the days before' }).click();
  await owner.waitForURL((url) => url.searchParams.get('compare') === 'side' && url.searchParams.has('b_from'));
  await isShown(owner);
  await owner.locator('#scroll').focus();
  await owner.keyboard.press('PageDown');
  await owner.waitForFunction(() => {
    const [a, b] = ['#scroll', '#scroll-b'].map((id) => document.querySelector(id).scrollTop);
    return a > 100 && Math.abs(a - b) <= 2;
  });
  const words = await owner.locator('.mapbar b').allTextContents();
  assert.equal(words.length, 2);
  assert.notEqual(words[0], words[1]);
  await owner.getByRole('link', { name: 'Difference' }).click();
  await isShown(owner);
  await owner.getByText('Welch’s t-test').waitFor();
  assert.match(await owner.locator('#blank').textContent(), /^[\d,]+ blocks? of 32 px differs?\. [\d,]+ with heat stays? blank\.$/);
  await owner.getByRole('link', { name: 'Stop' }).click();
  await owner.waitForURL((url) => !url.searchParams.has('compare') && !url.searchParams.has('b_from'));
  assert.deepEqual(owner.wrongs, []);
});

test('a page of 40,000 px is painted where it is looked at, before it comes into view, and nowhere else', async () => {
  const tab = await openTab(browser, collector.url, { from: owner });
  await tab.route('**/api/v1/sites/1/heatmap?**', (route) => route.fulfill({ json: tallPage() }));
  await go(tab);
  const tiles = () => tab.evaluate(() => [...document.querySelectorAll('#doc .heat canvas')].map(({ width }) => width > 0));
  const count = (list) => list.filter(Boolean).length;
  await tab.waitForTimeout(500);
  const before = await tiles();
  assert.ok(before.length > 50 && count(before) < 12, `${count(before)} of ${before.length} tiles`);
  for (const part of [0.5, 1, 0.25]) {
    await tab.evaluate((part) => document.querySelector('#scroll').scrollTo(0, part * document.querySelector('#scroll').scrollHeight), part);
    await tab.waitForFunction(() => {
      const inView = [...document.querySelectorAll('#doc .heat canvas')].filter((canvas) => canvas.getBoundingClientRect().bottom > 0 && canvas.getBoundingClientRect().top < innerHeight);
      return inView.length > 0 && inView.every(({ width }) => width > 0);
    });
    assert.ok(count(await tiles()) < 40, 'what is far away is given back');
  }
  assert.deepEqual(tab.wrongs, []);
  await tab.context().close();
});

test('every state of the page is sound at 1440 and 390 px, light and dark', async () => {
  const states = ['', '&kind=click&browser=Firefox&visits=new', '&kind=reach', '&kind=attention&smooth=8', '&compare=side&b_visits=returning', '&compare=difference&b_visits=returning', '&tag=nothing:here'];
  for (const width of [1440, 390]) {
    const tab = await openTab(browser, collector.url, { from: owner, width, still: true });
    for (const state of states) {
      await go(tab, state);
      await inspect(tab, `${state} at ${width} px`);
    }
    await go(tab);
    await tab.locator('#doc').click({ position: { x: 60, y: 40 } });
    await tab.locator('#people .group .pad').waitFor();
    await inspect(tab, `sessions of a place at ${width} px`);
    await tab.getByText('Add filter').click();
    await inspect(tab, `sheet of filters at ${width} px`);
    await tab.context().close();
  }
});

// The admin as its owner meets it: first run, setup, sessions, replay, heatmaps; and every page at two sizes in both themes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ink, inspect, openTab, startBrowser, tabThrough } from './admin.mjs';
import { newCollector, pause } from './collector.mjs';

const [EMAIL, PASSWORD] = ['owner@example.com', 'correct horse battery'];

let collector, browser, owner, welcome;

before(async () => {
  collector = await newCollector();
  [, browser] = await Promise.all([collector.start(), startBrowser()]);
});

after(async () => {
  await browser?.close();
  await collector?.stop();
});

const open = (options = {}) => openTab(browser, collector.url, { from: owner, ...options });
const go = (tab, path) => tab.goto(collector.url + path);
/** Waits until an expression in the page is true. */
const until = (tab, expression, patience = 10_000) => tab.waitForFunction(expression, undefined, { timeout: patience, polling: 50 });

test('the link that the collector prints makes the account', async () => {
  welcome = collector.said.match(/http\S+\/welcome\/\S+/)[0].slice(collector.url.length);
  owner = await openTab(browser, collector.url);
  await go(owner, '/');
  assert.match(owner.url(), /\/signin$/);
  await owner.getByText('There is no account yet').waitFor();
  await go(owner, welcome);
  // By keyboard alone: the address has the focus.
  await owner.keyboard.type(EMAIL);
  await owner.keyboard.press('Tab');
  await owner.keyboard.type(PASSWORD);
  await owner.keyboard.press('Enter');
  await owner.waitForURL('**/sites/1/sessions');
  await owner.getByText('No session yet').waitFor();
  await owner.getByRole('button', { name: 'Sign out' }).click();
  await owner.waitForURL('**/signin');
  await owner.getByLabel('Email').fill(EMAIL);
  await owner.getByLabel('Password').fill('wrong password');
  await owner.keyboard.press('Enter');
  await owner.getByText('don’t match').waitFor();
  await owner.getByLabel('Password').fill(PASSWORD);
  await owner.keyboard.press('Enter');
  await owner.waitForURL('**/sites/1/sessions');
  assert.deepEqual(owner.wrongs, []);
});

test('a new site shows its tag, and its page says that nothing has come yet', async () => {
  await go(owner, '/sites');
  await owner.getByRole('link', { name: 'New site' }).first().click();
  await owner.getByRole('textbox', { name: 'Name' }).fill('My <b>shop</b>');
  await owner.getByLabel('Allowed origins').fill('https://shop.example');
  await owner.getByRole('button', { name: 'Create the site' }).click();
  await owner.waitForURL('**/sites/2');
  const [{ key }] = JSON.parse(`[${collector.run('site', 'list', '--json').trim().split('\n').slice(1).join(',')}]`);
  const tag = (await owner.locator('#tag').textContent()).replace(/\s+/g, ' ');
  assert.equal(tag, `<script defer src="${collector.url}/mousetrail.js" data-site="${key}"></script>`);
  await owner.getByText('Waiting for the first event').waitFor();
  await owner.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await owner.getByRole('group', { name: 'Script tag' }).getByRole('button', { name: 'Copy' }).click();
  await owner.getByText('Copied').waitFor();
  assert.equal((await owner.evaluate(() => navigator.clipboard.readText())).replace(/\s+/g, ' '), tag);
  assert.deepEqual(owner.wrongs, []);
});

test('the setup page turns green by itself when the first event comes', async () => {
  await go(owner, '/sites/1');
  assert.ok(await owner.locator('#waiting').isVisible());
  const shop = await openTab(browser, collector.url);
  await go(shop, '/demo');
  for (let i = 0; i < 40; i++) {
    await shop.mouse.move(200 + i * 15, 200 + (i % 7) * 30);
    await pause(16);
  }
  await shop.mouse.click(700, 300);
  await owner.locator('#received').waitFor({ timeout: 15_000 });
  assert.ok(!(await owner.locator('#waiting').isVisible()) && (await owner.locator('#state').isVisible()));
  assert.equal(await owner.locator('#first-path').textContent(), '/demo');
  // The first event alone is no path yet.
  await until(owner, () => document.querySelector('#first-drawn').getAttribute('d')?.startsWith('M'));
  await shop.context().close();
  await owner.getByRole('link', { name: 'Watch the first visit' }).click();
  await until(owner, () => document.querySelector('#event-count').textContent !== '');
  assert.deepEqual([shop.wrongs, owner.wrongs], [[], []]);
});

test('a session is found in the list and replayed', async () => {
  collector.run('demo', '--visitors', '40');
  // One that begins with a pointer that is not there yet.
  const [{ id }] = collector.query(`
    select session_id::text as id from pointer_event e join session s using (session_id)
    where s.device = 'desktop' and s.page_views > 1 and s.duration_ms > 60000 group by session_id, s.started_at
    having min(extract(epoch from e.at - s.started_at) * 1000) filter (where e.x is not null and e.kind <> 'scroll') > 200
    order by s.started_at desc limit 1`);
  await go(owner, '/sites/1/sessions');
  assert.equal(await owner.locator('tbody tr').count(), 41);
  await owner.keyboard.press('j');
  await owner.keyboard.press('j');
  await owner.keyboard.press('Enter');
  await owner.waitForURL('**/sites/1/sessions/*');
  await go(owner, `/sites/1/sessions/${id}`);
  const now = async () => {
    const [, minutes, seconds] = (await owner.locator('#now').textContent()).match(/(\d+):([\d.]+)/);
    return Number(minutes) * 60 + Number(seconds);
  };
  const isPlaying = async () => (await owner.locator('#play').getAttribute('aria-label')) === 'Pause';
  const press = (...keys) => keys.reduce((done, key) => done.then(() => owner.keyboard.press(key)), Promise.resolve());

  await until(owner, () => document.querySelector('#now').textContent > '0:00.2');
  assert.ok(await isPlaying(), 'it plays by itself');
  await press('Space');
  const stopped = await now();
  await pause(300);
  assert.deepEqual([await isPlaying(), await now()], [false, stopped]);

  await press('Home');
  assert.equal(await now(), 0);
  assert.equal((await ink(owner, '#view canvas')).count, 0, 'no cursor before the first move');
  const drawn = [];
  for (const seconds of [5, 10, 15, 20]) {
    await press('ArrowRight');
    assert.equal(await now(), seconds);
    drawn.push(await ink(owner, '#view canvas'));
  }
  assert.ok(drawn.some(({ count }) => count > 50), JSON.stringify(drawn));
  assert.ok(new Set(drawn.map(({ hash }) => hash)).size >= 3, `seeking changes the picture: ${JSON.stringify(drawn)}`);
  await press('ArrowLeft', 'Shift+ArrowRight');
  assert.equal(await now(), 15.5);
  await press('ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'Shift+ArrowLeft', 'ArrowRight', 'ArrowRight');
  assert.deepEqual(await ink(owner, '#view canvas'), drawn[1], 'the same moment is the same picture');

  const speed = () => owner.locator('#speeds [aria-pressed=true]').textContent();
  for (const [key, text] of [['1', '0.5×'], ['2', '1×'], ['3', '2×'], ['4', '4×'], ['5', '8×'], ['6', '16×']]) {
    await press(key);
    assert.equal(await speed(), text);
  }
  await press('i', 'Home', 'Space');
  assert.equal(await owner.locator('#skip').isChecked(), false);
  const begin = performance.now();
  await until(owner, () => document.querySelector('#now').textContent >= '0:08');
  const took = performance.now() - begin;
  assert.ok(took < 3_000, `8 s at 16× took ${took} ms`);
  await press('Space', 'End');
  const length = await now();
  assert.ok(length > 60 && (await isPlaying()) === false);
  await press('[');
  assert.ok((await now()) < length, 'to the page before');
  await press('Home', '.');
  assert.equal(await owner.locator('#events [aria-current] time').textContent(), await owner.locator('#now').textContent());

  await press('?');
  assert.ok(await owner.locator('#sheet').isVisible());
  await press('Escape');
  assert.ok(!(await owner.locator('#sheet').isVisible()));
  await owner.getByRole('tab', { name: 'Info' }).click();
  await owner.getByText(`session_id = ${id}`).waitFor();
  await press('s');
  // The browser tells of it a little later.
  await owner.waitForURL(/\?t=\d+$/, { timeout: 5_000 });
  assert.deepEqual(owner.wrongs, []);
});

test('heatmaps draw movement and clicks, with a legend in real units', async () => {
  await go(owner, '/sites/1/heatmap?page=/demo&device=desktop');
  const isDrawn = () => until(owner, () => document.querySelector('#doc .heat canvas')?.width > 300 && document.querySelector('#elements table') && document.querySelector('#scale :last-child').textContent !== '');
  const legend = () => owner.locator('#scale span').allTextContents();
  for (const [kind, unit] of [['Movement', 'Seconds per 100 sessions'], ['Clicks', 'Clicks per 100 sessions']]) {
    await owner.getByRole('group', { name: 'Kind' }).getByRole('link', { name: kind, exact: true }).click();
    await isDrawn();
    assert.ok((await ink(owner, '#doc .heat canvas')).count > 1_000, kind);
    assert.ok((await ink(owner, '#ramp')).count === 256);
    assert.ok(await owner.getByText(unit).isVisible() && (await owner.getByText('in 16 × 16 px').isVisible()));
    const values = (await legend()).map((text) => Number(text.replaceAll(',', '')));
    assert.equal(values.length, 5);
    assert.ok(values[0] === 0 && values.every((value, i) => i === 0 || value > values[i - 1]), `${values}`);
    assert.ok((await owner.locator('#elements tr').count()) > 3);
    assert.match(await owner.locator('#summary').textContent(), /^\d+ sessions?, \d+ page views?, [\d,]+ (points|clicks)$/);
  }
  const before = { ...(await ink(owner, '#doc .heat canvas')), legend: await legend() };
  await owner.getByLabel('Scale').selectOption('linear');
  await owner.getByLabel('Colours').selectOption('viridis');
  const changed = await ink(owner, '#doc .heat canvas');
  assert.notEqual(changed.hash, before.hash);
  assert.notDeepEqual(await legend(), before.legend);
  await owner.locator('#doc').hover({ position: { x: 300, y: 200 } });
  assert.match(await owner.locator('#tip').textContent(), /This spot/);

  await owner.locator('.filters summary').first().click();
  const other = owner.locator('.filters .menu').first().locator('a:not([aria-current])').first();
  const path = await other.locator('.cut').textContent();
  await other.click();
  await owner.waitForURL((url) => url.searchParams.get('page') === path);
  await isDrawn();
  const dates = owner.locator('.filters details', { has: owner.locator('[name=from][type=date]') });
  await dates.locator('summary').click();
  await dates.getByRole('link', { name: 'Last 90 days' }).click();
  await owner.waitForURL((url) => Date.parse(url.searchParams.get('to')) - Date.parse(url.searchParams.get('from')) === 89 * 86_400_000);
  await isDrawn();
  await dates.locator('summary').click();
  await dates.getByLabel('From').fill('2020-01-01');
  await dates.getByLabel('To').fill('2020-01-02');
  await dates.getByRole('button', { name: 'Show these days' }).click();
  await owner.getByText('Nobody viewed this page').waitFor();
  assert.deepEqual(owner.wrongs, []);
});

test('Tab reaches every main control, and the focus can be seen', async () => {
  const tab = await open({ still: true });
  const session = collector.query('select session_id::text as id from session order by started_at desc limit 1')[0].id;
  for (const [path, ready, wanted] of [
    ['/signin', '#pass', ['mail', 'pass', 'Sign in']],
    ['/sites/1', '#tag', ['Skip to content', 'mousetrail, start', 'Demo shop', 'Sessions', 'Heatmaps', 'Setup', 'Sign out', 'Change', 'Copy', 'first-replay']],
    ['/sites/1/sessions', 'tbody tr', ['Session list', '/demo']],
    [`/sites/1/sessions/${session}`, '#play:not([disabled])', ['play', 'event-before', 'event-next', '0.5×', '16×', 'skip', 'seek', 'help', 'tab-events', 'share']],
    ['/sites/1/heatmap', '#doc .heat canvas', ['Movement', 'Clicks', 'Desktop', 'scroll', 'opacity', 'how', 'palette', 'smooth', 'tab-elements', 'elements']],
  ]) {
    await go(tab, path);
    await tab.locator(ready).first().waitFor();
    const reached = await tabThrough(tab);
    for (const name of wanted) assert.ok(reached.some((it) => it.startsWith(name) || it.endsWith(name)), `${path}: no ${name} among ${reached.join(' | ')}`);
  }
  await tab.context().close();
});

test('every page is sound at 1440 and 390 px, light and dark', async () => {
  const session = collector.query('select session_id::text as id from session order by events desc limit 1')[0].id;
  const pages = [
    ['/sites', 'table'], ['/sites/new', '#name'], ['/sites/1', '#received'], ['/sites/2', '#waiting'], ['/sites/1/sessions', 'tbody tr'],
    ['/sites/2/sessions', '.empty'], [`/sites/1/sessions/${session}?t=9000`, '#play:not([disabled])'],
    ['/sites/1/heatmap?page=/demo', '#elements tr'], ['/sites/1/heatmap?page=/demo&kind=click&device=phone', '#elements tr'],
    ['/sites/2/heatmap', '.empty'], ['/sites/1/pages?template=/:any', '.widths'], ['/sites/2/pages', '.widths'], ['/nowhere', '.empty'], ['/sites/1/heatmap?kind=nothing', '.empty'], ['/signin', '#pass'], [welcome, '#main'],
  ];
  await Promise.all([1440, 390].map(async (width) => {
    const tab = await open({ width, still: true });
    for (const [path, ready] of pages) {
      await go(tab, path);
      await tab.locator(ready).first().waitFor();
      await inspect(tab, `${path} at ${width} px`);
    }
    await tab.context().close();
  }));
});

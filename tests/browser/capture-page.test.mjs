// Page views: routes of an app, pages that come back from the cache or were rendered before they were asked for, and what a page says itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pause } from './collector.mjs';
import { only, startLab } from './lab.mjs';

let lab;
before(async () => { lab = await startLab(); });
after(() => lab?.close());

/** What a list of page views is about: `via path clicks`. */
const outline = (views) => views.map(({ via, path, events }) => `${via} ${path} ${events.filter(({ kind }) => kind === 'click').map(({ x }) => x).join(',')}`);
const oneSession = (views) => assert.equal(new Set(views.map(({ session }) => session)).size, 1, 'one session');
/** Runs before anything of the page. */
const init = (source) => (tab) => tab.send('Page.addScriptToEvaluateOnNewDocument', { source });

/** Walks through the routes of an app and clicks at another x on each of them, right before and right after each change. */
async function walkRoutes({ lag_ms = 0, ...options }) {
  const visit = await lab.visit('app.html', options);
  let x = 100;
  const click = async () => {
    await pause(lag_ms);
    await visit.click(x, 100);
    x += 1;
  };
  await click();
  await visit.run('history.pushState(null, "", "/shop/1?secret=1#part")');
  await click();
  await visit.run('history.pushState(null, "", "/shop/1?secret=2#part")');
  await visit.run('history.replaceState({ any: 1 }, "", "?secret=3#other")');
  await click();
  await visit.run('history.replaceState(null, "", "/cart")');
  await click();
  await visit.run('new Promise((done) => { addEventListener("popstate", () => setTimeout(done), { once: true }); history.go(-2) })');
  await click();
  await visit.run('new Promise((done) => { addEventListener("popstate", () => setTimeout(done), { once: true }); history.forward() })');
  await click();
  const views = await visit.leave();
  const url = lab.pages.url;
  assert.deepEqual(outline(views), ['load /app.html 100', 'route /shop/1 101,102', 'route /cart 103', 'route /app.html 104', 'route /shop/1 105']);
  assert.deepEqual(views.slice(1).map(({ referrer }) => referrer), ['/app.html', '/shop/1', '/cart', '/app.html'].map((path) => url + path));
  oneSession(views);
  assert.ok(views.every(({ viewport_w: w, document_h: h }) => w > 0 && h >= 2000), 'each knows its sizes');
  assert.ok(views.every(({ events }) => events.every(({ offset_ms: ms }) => ms >= 0)));
}

test('each path of an app is a page view of its own', () => walkRoutes({}));

test('the same where the page froze its history', () => walkRoutes({
  prepare: init('Object.freeze(history); Object.freeze(History.prototype); Object.freeze(window.navigation ?? {})'),
}));

// There the snippet asks twice a second where the page is: it patches nothing.
test('the same in a browser without the Navigation API', () => walkRoutes({ lag_ms: 700, prepare: init('delete window.navigation; delete Window.prototype.navigation; Object.defineProperty(window, "navigation", { value: undefined })') }));

test('a route by the Navigation API', async () => {
  const visit = await lab.visit('app.html');
  await visit.run('navigation.addEventListener("navigate", (event) => event.canIntercept && event.intercept({ handler: async () => {} }))');
  await visit.click(100, 100);
  await visit.run('navigation.navigate("/by/navigation").finished.then(() => 1)');
  await visit.click(101, 100);
  const views = await visit.leave();
  assert.deepEqual(outline(views), ['load /app.html 100', 'route /by/navigation 101']);
  oneSession(views);
});

test('the fragment is a path only for sites that say so', async () => {
  const visit = await lab.visit('app.html', { attributes: 'data-hash="keep"' });
  await visit.click(100, 100);
  await visit.run('new Promise((done) => { addEventListener("hashchange", () => setTimeout(done), { once: true }); location.hash = "#/checkout" })');
  await visit.click(101, 100);
  assert.deepEqual(outline(await visit.leave()), ['load /app.html 100', 'route /app.html#/checkout 101']);

  const plain = await lab.visit('app.html');
  await plain.run('new Promise((done) => { addEventListener("hashchange", () => setTimeout(done), { once: true }); location.hash = "#/checkout" })');
  await plain.click(101, 100);
  assert.deepEqual(outline(await plain.leave()), ['load /app.html 101']);
});

test('parameters that may stay, and no others', async () => {
  const visit = await lab.visit('app.html?b=2&secret=canary&a=1#canary', { attributes: 'data-params="a,b"' });
  await visit.click(100, 100);
  await visit.run('history.pushState(null, "", "?b=2&secret=another&a=1")');
  await visit.click(101, 100);
  await visit.run('history.pushState(null, "", "?a=3&secret=another")');
  await visit.click(102, 100);
  const views = await visit.leave();
  assert.deepEqual(outline(views), ['load /app.html 100,101', 'route /app.html 102']);
  assert.deepEqual(views.map(({ query }) => query?.replace(/^\?/, '')), ['a=1&b=2', 'a=3']);
});

test('a page that comes back from the back/forward cache is seen again', async () => {
  const visit = await lab.visit('app.html');
  await visit.click(100, 100);
  await visit.run('addEventListener("pageshow", (event) => { window.cached = event.persisted })');
  await visit.tab.go('about:blank');
  await visit.until(([view]) => only(view, 'unload').length === 1, 'the unload is stored');
  await pause(200);
  await visit.tab.send('Runtime.evaluate', { expression: 'history.back()' });
  // While the browser swaps the pages, nobody answers.
  const isBack = () => visit.run('location.pathname').then((path) => path === '/app.html', () => false);
  for (let tries = 0; !await isBack() && tries < 50; tries += 1) await pause(50);
  assert.equal(await visit.run('window.cached'), true, 'the browser kept the page');
  await visit.click(101, 100);
  const views = await visit.leave();
  assert.deepEqual(outline(views), ['load /app.html 100', 'restore /app.html 101']);
  assert.equal(only(views[0], 'unload').length, 1);
  oneSession(views);
});

test('a page that is rendered before it is asked for says nothing until it is', async () => {
  const visit = lab.addSite({ head: '<script>window.wasPrerendering = document.prerendering</script>' });
  await lab.chromium.openUnwatched(`${lab.pages.url}/prerender.html`);
  await visit.until((views) => views.length > 0, 'the first page view is known');
  // The next page has had the time to load and to tell of itself, had it wanted to.
  await pause(1_000);
  assert.deepEqual(outline(visit.views()), ['load /prerender.html ']);
  // The page goes on when another one of its origin says so: DevTools can't. It has a window of its own, as a hidden page's prerendering ends.
  const other = await lab.chromium.open(`${lab.pages.url}/other.html`, { hasOwnWindow: true });
  await other.evaluate('new BroadcastChannel("go").postMessage("go")');
  const until = Date.now() + 5_000;
  while (!visit.tab && Date.now() < until) {
    await pause(100);
    visit.tab = await lab.chromium.find(`${lab.pages.url}/next.html`);
  }
  assert.equal(await visit.run('wasPrerendering && performance.getEntriesByType("navigation")[0].activationStart > 500'), true, 'the browser rendered it before');
  await visit.click(101, 100);
  const views = await visit.leave();
  assert.deepEqual(outline(views), ['load /prerender.html ', 'prerender /next.html 101']);
  await other.close();
  assert.equal(views[1].referrer, `${lab.pages.url}/prerender.html`);
  assert.ok(views[1].events.every(({ offset_ms: ms }) => ms < 5_000));
  oneSession(views);
});

test('a page that is never asked for says nothing at all', async () => {
  const visit = await lab.visit('app.html', { wait: false, prepare: init('Object.defineProperty(Document.prototype, "prerendering", { get: () => true })') });
  await visit.click(100, 100);
  await pause(700);
  await visit.tab.close();
  await pause(300);
  assert.deepEqual(outline(visit.views()), []);
});

test('identify, tag and event, before the script has loaded and after', async () => {
  const stub = '<script>window.mousetrail ??= new Proxy([], {get: (q, k) => q[k] ?? ((...a) => q.push([k, ...a]))})</script>';
  const calls = `<script>mousetrail.tag('early', 'one'); mousetrail.event('early "event"', { price: 1.5, 'na"me': ['ä', null, true] }); mousetrail.identify('somebody@early')</script>`;
  const visit = await lab.visit('app.html', { head: stub + calls });
  await visit.run(`{
    mousetrail.tag('plan', 'pro "quoted" \\' \\\\ 🐭');
    mousetrail.tag('plan', 'team');
    mousetrail.event('bought');
    mousetrail.event('🛒', { text: 'emoji 👩‍👩‍👧 and "quotes"', nested: { deep: [1, 2, { x: 'y' }] } });
    mousetrail.identify('user-42 🐭');
  }`);
  await visit.click(100, 100);
  const view = await visit.leaveOne();
  const rows = (name) => visit.collector.query(`select * from ${name} where site_id = ${visit.siteId} order by offset_ms, name`);
  const tags = rows('tag').map(({ name, value }) => `${name}=${value}`);
  assert.deepEqual(tags.sort(), ['early=one', 'plan=pro "quoted" \' \\ 🐭', 'plan=team'].sort());
  const events = new Map(rows('custom_event').map(({ name, props }) => [name, props]));
  assert.deepEqual([...events.keys()].sort(), ['early "event"', 'bought', '🛒'].sort());
  assert.deepEqual(events.get('early "event"'), { price: 1.5, 'na"me': ['ä', null, true] });
  assert.deepEqual(events.get('🛒'), { text: 'emoji 👩‍👩‍👧 and "quotes"', nested: { deep: [1, 2, { x: 'y' }] } });
  assert.ok([null, undefined].includes(events.get('bought')) || JSON.stringify(events.get('bought')) === '{}');
  const [session] = visit.collector.query(`select identified_as from session where site_id = ${visit.siteId}`);
  assert.equal(session.identified_as, 'user-42 🐭', 'the newest word counts');
  assert.equal(only(view, 'click').length, 1);
});

test('what a page says wrongly or at length costs nothing else', async () => {
  const visit = await lab.visit('app.html');
  await visit.run(`{
    const tryTo = (call) => { try { call() } catch (error) { (window.thrown ??= []).push(String(error)) } };
    const circle = {}; circle.self = circle;
    tryTo(() => mousetrail.tag('zero', 'a\\u0000b'));
    tryTo(() => mousetrail.tag('\\u0000', 'name'));
    tryTo(() => mousetrail.tag('half', 'lone \\ud83d surrogate'));
    tryTo(() => mousetrail.tag('', 'no name'));
    tryTo(() => mousetrail.tag('long'.repeat(100), 'long name'));
    tryTo(() => mousetrail.tag('long', '🐭'.repeat(2000)));
    tryTo(() => mousetrail.tag('number', 5));
    tryTo(() => mousetrail.tag());
    tryTo(() => mousetrail.identify());
    tryTo(() => mousetrail.identify(''));
    tryTo(() => mousetrail.event('large', { text: 'x'.repeat(10240) }));
    tryTo(() => mousetrail.event('zero', { text: 'a\\u0000b' }));
    tryTo(() => mousetrail.event('circle', circle));
    tryTo(() => mousetrail.event('list', [1, 2]));
    tryTo(() => mousetrail.event('text', 'no object'));
    tryTo(() => mousetrail.event('big', { n: 10n }));
    tryTo(() => mousetrail.event('thrower', { toJSON() { throw new Error('mine') } }));
    tryTo(() => mousetrail.tag('last', 'fine'));
    tryTo(() => mousetrail.event('last', { fine: true }));
  }`);
  assert.equal(await visit.run('window.thrown'), undefined, 'no call throws');
  await visit.click(100, 100);
  const view = await visit.leaveOne();
  const tags = visit.collector.query(`select name, value from tag where site_id = ${visit.siteId}`);
  const events = visit.collector.query(`select name, props from custom_event where site_id = ${visit.siteId}`);
  assert.ok(tags.some(({ name, value }) => name === 'last' && value === 'fine'), 'the last tag is stored');
  assert.ok(events.some(({ name, props }) => name === 'last' && props?.fine === true), 'the last event is stored');
  assert.deepEqual(only(view, 'click').map(({ place }) => place), [[100, 100]], 'and so is the click');
  const { number } = Object.fromEntries(tags.map(({ name, value }) => [name, value]));
  assert.equal(number, '5', 'a number is taken as text');
  for (const { name, value } of tags) {
    assert.ok(name && Buffer.byteLength(name) <= 256 && Buffer.byteLength(value) <= 4096, `${name.slice(0, 20)} is within bounds`);
    assert.ok(!value.includes('\ufffd') || name === 'half', `${name} is cut at a character`);
  }
  for (const { props } of events) assert.ok(props === null || (typeof props === 'object' && !Array.isArray(props)), 'props are an object or nothing');
  assert.ok(!lab.collector.said.includes('panicked'), 'no panic');
});

test('with a session key the pages of a tab are one session, whatever the visitor hash says', async () => {
  const sessions = async (attributes) => {
    const visit = await lab.visit('app.html', { attributes: `data-consent="required" ${attributes}`, wait: false });
    assert.equal(await visit.run('sessionStorage.length + localStorage.length + document.cookie.length'), 0, 'nothing before consent');
    await visit.run('mousetrail.consent(true)');
    await visit.click(100, 100);
    await visit.until((views) => views.length === 1, 'the page view is known');
    const kept = await visit.run('JSON.stringify(sessionStorage)');
    await visit.tab.send('Emulation.setUserAgentOverride', { userAgent: 'Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/140.0' });
    await visit.tab.go(`${lab.pages.url}/next.html`);
    await visit.run('mousetrail.consent(true)');
    await visit.click(101, 100);
    const views = await visit.leave();
    assert.deepEqual(outline(views), ['load /app.html 100', 'load /next.html 101']);
    return [new Set(views.map(({ session }) => session)).size, kept];
  };
  const [count, kept] = await sessions('data-storage="session"');
  assert.equal(count, 1, 'one session with a key');
  assert.match(JSON.parse(kept).mousetrail ?? '', /[\w-]{22}/);
  // Another user agent is another visitor hash, so the key is what joined them.
  const [without, nothing] = await sessions('');
  assert.equal(without, 2, 'two sessions without one');
  assert.equal(nothing, '{}');
});

test('without consent nothing is stored in the tab', async () => {
  const visit = await lab.visit('app.html', { attributes: 'data-storage="session"' });
  await visit.click(100, 100);
  assert.equal(await visit.run('sessionStorage.length'), 0);
  await visit.leaveOne();
});

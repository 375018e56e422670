// The snippet breaks nothing: pages of every awkward kind, each with the collector in five states, are compared with the same pages without the snippet.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { RUBBISH, startFaultyCollector } from './faulty-collector.mjs';
import { SITES, startSites } from './sites.mjs';
import { frameTimes, traceTasks } from './tasks.mjs';
import { watch } from './watch.mjs';

const STATES = ['up', 'down', 'hanging', 'failing', 'rubbish'];
/** Visits at once, each in a window of its own. */
const PARALLEL = 5;
/** A visit is at least so long, so that the snippet has tried its collector several times. */
const VISIT_MS = 1_300;
/** After the page is left: what browsers still say of it. */
const AFTER_MS = 150;
/** Nobody's script may hold up the page for longer: the browser's own bound for a long task. */
const LONG_TASK_MS = 50;
/** What a visit may bring to a collector in trouble, and to the page's console, when the breaks between the attempts are a tenth of what they are for people. */
const MOST_CONNECTIONS = 40;
const MOST_LINES = 80;
/** And with the breaks that people have, in a second: a break takes half a second on average when it isn't known how long the trouble lasts. */
const MOST_CONNECTIONS_A_SECOND = 5;

let collector, sites, chromium, trace, key;
const controls = new Map();
const figures = { visits: 0, lines: new Map(), rubbish: new Set(), connections: 0 };

before(async () => {
  collector = await newCollector();
  await collector.start();
  key = collector.addSite('*');
  sites = await startSites();
  chromium = await startChromium();
  trace = await traceTasks(chromium);
});

after(async () => {
  await chromium?.close();
  sites?.close();
  await collector?.stop();
});

/** Opens a page of a site as a visitor does, uses it, asks its probe, and leaves. */
async function visit(run, site) {
  const tab = await chromium.open(undefined, { hasOwnWindow: true });
  try {
    const lines = await watch(tab);
    const notCached = [];
    tab.on('Page.backForwardCacheNotUsed', ({ notRestoredExplanations: reasons }) => notCached.push(...reasons.map(({ reason, type }) => `${type} ${reason}`)));
    const begin = Date.now();
    await tab.go(run.url);
    const enough = pause(VISIT_MS);
    const hand = handOf(tab);
    await hand.stroll();
    await hand.click('#act');
    await hand.click('#act');
    await hand.scroll();
    await site.visit?.({ tab, ...hand });
    await hand.stroll();
    await enough;
    const report = await tab.evaluate('probe.report()');
    await tab.go(run.away);
    await pause(AFTER_MS);
    figures.visits++;
    return { ...report, lines, notCached, seconds: (Date.now() - begin) / 1_000 };
  } finally {
    await tab.close();
  }
}

/** A pointer over a tab. */
function handOf(tab) {
  const dispatch = (type, [x, y], more = {}) => tab.send('Input.dispatchMouseEvent', { type, x, y, ...more });
  const button = { button: 'left', clickCount: 1 };
  let at = [20, 20];
  const moveTo = async (to) => {
    const sent = [];
    for (let i = 1; i <= 8; i++) {
      sent.push(dispatch('mouseMoved', at.map((from, axis) => Math.round(from + ((to[axis] - from) * i) / 8))));
      await pause(8);
    }
    at = to;
    await Promise.all(sent);
  };
  const press = async (place) => {
    await dispatch('mousePressed', place, { ...button, buttons: 1 });
    await dispatch('mouseReleased', place, { ...button, buttons: 0 });
  };
  return {
    moveTo,
    press,
    /** To the far side and back again. */
    async stroll() {
      for (const place of [[500, 150], [260, 420], [90, 180]]) await moveTo(place);
    },
    /** Down a bit and up again, and waits until the page has seen it. */
    async scroll() {
      for (const deltaY of [60, -60]) await dispatch('mouseWheel', [900, 500], { deltaX: 0, deltaY });
      await tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    },
    async click(selector) {
      const place = await tab.evaluate(`(({ x, y, width, height }) => [x + Math.min(width / 2, 60), y + height / 2])(document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect())`);
      await moveTo(place);
      await press(place);
    },
  };
}

/** The same site without the snippet, visited once. */
function control(name) {
  if (!controls.has(name)) controls.set(name, visitControl(name, SITES[name]));
  return controls.get(name);
}

async function visitControl(name, site) {
  const run = sites.add(`${name}-control`, site);
  const seen = await visit(run, site);
  assert.deepEqual(seen.works, expected(site), `${name} works without the snippet`);
  assert.equal(seen.isThere, site.hasStub ? 'object' : 'undefined');
  return { ...seen, asked: run.asked };
}

/** Undefined fields get lost on the way out of the browser. */
const plain = (value) => JSON.parse(JSON.stringify(value));
const expected = ({ works }) => plain(works);

/** What the browser itself logs of requests that fail, which no script can keep from the console. */
const KINDS = {
  socket: /^WebSocket connection to '(\S+)' failed: /,
  load: /^Failed to load resource: /,
  cors: /^Access to fetch at '(\S+)' (\(redirected from '\S+'\) )?from origin '\S+' has been blocked by CORS policy/,
  policy: /^(?:Refused to connect to|Connecting to) '(\S+)' (?:because it )?violates the following Content Security Policy directive|^Fetch API cannot load (\S+)\. Refused to connect because it violates/,
  // A page's own worker that answers for all requests of the page, ours among them, and has no answer for those that fail.
  worker: /^The FetchEvent for "(\S+)" resulted in a network error response: the promise was rejected/,
  integrity: /^Failed to find a valid digest in the 'integrity' attribute for resource '(\S+)'/,
};

/** Which of them each state may bring. A collector that is up gives no reason for any. */
const ALLOWED = { up: [], down: ['socket', 'load'], hanging: ['socket', 'load'], failing: ['socket', 'load', 'cors'], rubbish: ['socket', 'load', 'cors'] };

/** The kind of a line, if it is one of the browser's own about a request to this address. */
function kindOf({ where, level, text, url }, address) {
  // The same failure once more: the worker's promise is the one that its `respondWith` got.
  if (where === 'service_worker' && level === 'uncaught' && /^TypeError: Failed to fetch\n\s+at \S+worker\.js:\S+$/.test(text)) return 'worker';
  if (level.startsWith('console') || level === 'uncaught') return undefined;
  const [kind, found] = Object.entries(KINDS).map(([kind, pattern]) => [kind, text.match(pattern)]).find(([, found]) => found) ?? [];
  const about = found?.slice(1).find((it) => it?.includes('://')) ?? url;
  return about?.replace(/^ws/, 'http').startsWith(address) ? kind : undefined;
}

/** Ports, run names and made-up numbers don't count. */
const same = (text) => text.replace(/[\w-]+\.localhost:\d+/g, 'host').replace(/jQuery\d+(_\d+)?/g, 'jQuery#');

/** What `all` has that `some` doesn't. */
const beyond = (all, some) => all.filter((it) => !some.map(same).includes(same(it)));

/** Compares a visit with the same without the snippet. `address`: what may be out of order. */
async function check(name, site, run, seen, allowed, address) {
  const without = await control(name);
  const said = ({ where, level, text, url }) => `${where} ${level}: ${text} ${url}`;
  assert.deepEqual(seen.works, expected(site), `the site works${seen.notCached.length ? ` (${seen.notCached})` : ''}`);
  const known = without.lines.map(said);
  const strange = [];
  for (const line of seen.lines.filter((line) => beyond([said(line)], known).length > 0)) {
    const kind = kindOf(line, address);
    if (kind && allowed.includes(kind)) figures.lines.set(`${run.state} ${kind}`, (figures.lines.get(`${run.state} ${kind}`) ?? 0) + 1);
    else strange.push(said(line));
  }
  assert.deepEqual(strange, [], 'nothing new is logged');
  assert.ok(seen.lines.length <= MOST_LINES, `${seen.lines.length} lines in the console`);
  for (const [inner, mine] of [seen, ...seen.inside].map((frame, i) => [[without, ...without.inside][i], frame])) {
    assert.deepEqual(beyond(mine.errors, inner.errors), [], 'no new uncaught error');
    assert.deepEqual(beyond(mine.changes, inner.changes), [], 'what belongs to the page is as it was');
    assert.deepEqual(mine.replaced, inner.replaced, 'what was native is native');
    assert.deepEqual(mine.stored, inner.stored, 'nothing is stored');
    assert.deepEqual(beyond(mine.refused, inner.refused).filter((it) => !(allowed.includes('policy') && it.startsWith('connect-src '))), [], 'no new breach of the policy');
  }
  assert.deepEqual(plain(seen.inside.map(({ works }) => works)), plain(site.inside ?? []), 'its frame works');
  const asked = beyond(run.asked, without.asked);
  assert.deepEqual([...new Set(asked)], ['GET scripts.run.localhost /mousetrail.js'], 'nothing else is loaded');
  return asked.length;
}

const runs = [];

describe('a page with the snippet is as it was without it', { concurrency: PARALLEL }, () => {
  Object.entries(SITES).forEach(([name, site]) => {
    for (const state of STATES) {
      test(`${name}, collector ${state}`, async () => {
        const faulty = state === 'up' ? undefined : await startFaultyCollector(state);
        const address = faulty?.url ?? collector.url;
        const run = sites.add(`${name}-${state}`, site, { collector: address, key });
        Object.assign(run, { state, site });
        runs.push(run);
        try {
          const seen = await visit(run, site);
          const allowed = [...ALLOWED[state], ...(site.isRefused ? ['policy'] : []), ...(name === 'worker' && faulty ? ['worker'] : [])];
          const tags = await check(name, site, run, seen, allowed, address);
          assert.equal(tags, site.tags ?? 1, 'it was loaded once');
          assert.equal(seen.isThere, 'object', 'it ran');
        } finally {
          faulty?.close();
          faulty?.rubbish.forEach((it) => figures.rubbish.add(it));
        }
        if (!faulty || state === 'down') return;
        figures.connections = Math.max(figures.connections, faulty.connections);
        assert.ok(faulty.connections <= MOST_CONNECTIONS, `${faulty.connections} connections: ${faulty.rubbish}`);
        assert.ok(faulty.connections > 0 || site.isRefused, 'it tried its collector');
      });
    }
  });
});

describe('a collector that sends everybody away is left in peace', { concurrency: PARALLEL }, () => {
  for (const only of ['a drain into the past', 'a drain without a time', 'a close at once', 'a drain for ever']) {
    test(only, async () => {
      const faulty = await startFaultyCollector('rubbish', { only });
      const run = sites.add(`policy-${only.replaceAll(' ', '')}`, SITES.policy, { collector: faulty.url, key, isPatient: true });
      run.state = 'rubbish';
      let seconds;
      try {
        const seen = await visit(run, SITES.policy);
        seconds = seen.seconds;
        await check('policy', SITES.policy, run, seen, ALLOWED.rubbish, faulty.url);
      } finally {
        faulty.close();
      }
      assert.ok(faulty.connections <= MOST_CONNECTIONS_A_SECOND * seconds, `${faulty.connections} connections in ${seconds} s`);
    });
  }
});

describe('a page whose snippet does not come is as it was', { concurrency: PARALLEL }, () => {
  const cases = [...Object.keys(SITES).map((name) => [name, 'missing']), ['app', 'broken'], ['app', 'refused'], ['app', 'altered']];
  for (const [name, script] of cases) {
    test(`${name}, script ${script}`, async () => {
      const run = sites.add(`${name}-${script}`, SITES[name], { collector: collector.url, key, script });
      run.state = script;
      const seen = await visit(run, SITES[name]);
      await check(name, SITES[name], run, seen, ['load', 'integrity'], run.scripts);
      assert.equal(seen.isThere, SITES[name].hasStub ? 'object' : 'undefined');
    });
  }
});

test('a page whose tag has the right hash runs the snippet', async () => {
  const run = sites.add('policy-pinned', SITES.policy, { collector: collector.url, key, script: 'pinned' });
  Object.assign(run, { state: 'up', site: SITES.policy });
  runs.push(run);
  const seen = await visit(run, SITES.policy);
  await check('policy', SITES.policy, run, seen, [], collector.url);
  assert.equal(seen.isThere, 'object');
});

test('pages with a collector that is up were recorded, so the visits show something', async () => {
  const wanted = runs.filter(({ state, site }) => state === 'up' && site.isRecorded !== false);
  const until = Date.now() + 5_000;
  for (;;) {
    const views = collector.query('select host, sum(events) as events from page_view group by host');
    const missing = wanted.filter(({ host }) => !views.some((view) => view.host === `http://${host}` && view.events > 10));
    if (missing.length === 0) break;
    assert.ok(Date.now() < until, `not recorded: ${missing.map(({ name }) => name)}; ${JSON.stringify(views)}`);
    await pause(250);
  }
});

test('no task of the snippet is long, and nothing is stored in the browser', async () => {
  const tasks = await trace.stop();
  const frames = [];
  for (const { name, scripts } of runs) {
    const mine = tasks.get(new URL(scripts).host);
    assert.ok(mine?.some(({ isStart }) => isStart), `${name} is in the trace`);
    const longest = mine.reduce((a, b) => (a.ms > b.ms ? a : b));
    if (!(figures.longest?.ms > longest.ms)) figures.longest = { name, ...longest };
    frames.push(...frameTimes(mine));
  }
  frames.sort((a, b) => a - b);
  figures.frame_p99_ms = frames[Math.floor(frames.length * 0.99)];
  const { cookies } = await chromium.send('Storage.getCookies');
  console.log(JSON.stringify({ ...figures, rubbish: figures.rubbish.size, lines: Object.fromEntries(figures.lines) }));
  assert.deepEqual(cookies, []);
  assert.ok(figures.longest.ms < LONG_TASK_MS, `${figures.longest.name}: a task took ${figures.longest.ms} ms`);
});

test('every kind of rubbish had its turn', () => {
  assert.deepEqual(RUBBISH.filter((it) => !figures.rubbish.has(it)), []);
});

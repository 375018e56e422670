// Who may be recorded at all: what the visitor's browser says, what the visitor decided, what is stored on the device, and who is drawn for a sample.
// privacy.test.mjs has what leaves once somebody is recorded.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';

import { pause } from './collector.mjs';
import { inTurns, startTheatre, testEach } from './stage.mjs';
import { packEnvelope } from './wiretap.mjs';

let theatre;

before(async () => { theatre = await startTheatre(); });
after(() => theatre?.close());

/** Rows of a stage's page views in every table that knows page views, new tables included: {table: count}. */
function rowsOf(ids) {
  if (ids.length === 0) return {};
  const { run } = theatre.collector;
  const psql = (sql) => run('psql', '--owner', '--', '-At', '-c', sql).trim().split('\n').filter(Boolean);
  const tables = psql(`select c.table_schema || '.' || c.table_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.column_name = 'page_view_id' and t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')`);
  const sql = tables.map((table) => `select '${table} ' || count(*) from ${table} where page_view_id in (${ids.join()})`).join(' union all ');
  return Object.fromEntries(psql(sql).map((line) => line.split(' ')).filter(([, count]) => count !== '0').map(([table, count]) => [table, Number(count)]));
}

/** Google Consent Mode as its own snippet sets it up. */
const gcm = (...calls) => `<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments); } ${calls.map(([when, word]) => `gtag('consent', '${when}', { ad_storage: 'denied', analytics_storage: '${word}' });`).join(' ')}</script>`;

/** A consent platform that speaks TCF: it knows nothing until \`decide\` is called with the purposes that were allowed. */
const tcf = (purposes) => `<script>
  window.tcfListeners = [];
  window.tcfState = { eventStatus: 'cmpuishown', gdprApplies: true, listenerId: 1, tcString: '', purpose: { consents: {}, legitimateInterests: {} } };
  window.__tcfapi = (command, version, callback) => {
    if (command === 'addEventListener') { tcfListeners.push(callback); setTimeout(() => callback({ ...tcfState, listenerId: tcfListeners.length }, true)); }
    if (command === 'removeEventListener') callback(true);
  };
  window.decide = (purposes) => {
    tcfState = { ...tcfState, eventStatus: 'useractioncomplete', purpose: { consents: purposes, legitimateInterests: {} } };
    tcfListeners.forEach((callback, i) => callback({ ...tcfState, listenerId: i + 1 }, true));
  };
  ${purposes ? `tcfState = { ...tcfState, eventStatus: 'tcloaded', purpose: { consents: ${JSON.stringify(purposes)}, legitimateInterests: {} } };` : ''}
</script>`;
const OTHERS = { 1: true, 2: true, 7: true, 9: true };

const GPC = 'Object.defineProperty(navigator, "globalPrivacyControl", { get: () => true })';
const DNT = 'Object.defineProperty(navigator, "doNotTrack", { get: () => "1" })';
const consent = (...words) => `<script>window.mousetrail = [${words.map((word) => `["consent", ${word}]`).join()}, ["start"]]</script>`;
const REQUIRED = 'data-consent="required"';

const REFUSED = {
  'GPC': { init: GPC },
  'GPC, whatever the tag says': { init: GPC, attributes: 'data-respect-dnt="false"' },
  'GPC, even after consent': { init: GPC, attributes: `${REQUIRED} data-storage="session"`, setup: consent(true) },
  'DNT': { init: DNT },
  'DNT, even after consent': { init: DNT, setup: consent(true) },
  'consent required and nothing said': { attributes: `${REQUIRED} data-storage="session"` },
  'consent required and refused': { attributes: REQUIRED, setup: consent(false) },
  'consent required, given and taken back before the script came': { attributes: REQUIRED, setup: consent(true, false) },
  'consent refused where it is not required': { setup: consent(false) },
  'Google Consent Mode: denied by default': { setup: gcm(['default', 'denied']) },
  'Google Consent Mode: denied by default, consent required': { attributes: REQUIRED, setup: gcm(['default', 'denied']) },
  'Google Consent Mode: granted by default, then denied': { attributes: REQUIRED, setup: gcm(['default', 'granted'], ['update', 'denied']) },
  'TCF: not decided yet, consent required': { attributes: REQUIRED, setup: tcf() },
  'TCF: without purpose 8': { setup: tcf(OTHERS) },
  'TCF: without purpose 8, consent required': { attributes: REQUIRED, setup: tcf(OTHERS) },
  'TCF: purpose 8 refused in so many words': { attributes: REQUIRED, setup: tcf({ ...OTHERS, 8: false }) },
};

test('P3: who refuses, or has not agreed where that is required, is not recorded', async (t) => {
  const done = await inTurns(REFUSED, async (options) => {
    const stage = await theatre.stage('privateplain', options);
    await stage.wander(500);
    await stage.click(60, 100);
    // Also when the page asks for it, and as long as the signals are read again.
    await stage.tab.evaluate('window.mousetrail?.start?.(); undefined');
    await stage.wander(700);
    const storage = await storageOf(stage);
    const errors = [...stage.tab.errors];
    await stage.leave();
    return { stage, storage, errors };
  }, 6);
  await testEach(t, done, ({ stage, storage, errors }) => {
    assert.equal(stage.tap.messages.filter(({ path }) => path === '/mousetrail.js').length, 1, 'the script was loaded');
    assert.deepEqual(stage.tap.said.map(({ kind, path }) => path ?? kind), [], 'nothing else was said to the collector');
    assert.deepEqual(storage, {}, 'nothing is stored on the device');
    assert.deepEqual(stage.views, [], 'nothing is stored in the database');
    assert.deepEqual(errors, []);
  });
});

const ALLOWED = {
  'DNT, where the site does not respect it': { init: DNT, attributes: 'data-respect-dnt="false"' },
  'GPC said to be off': { init: 'Object.defineProperty(navigator, "globalPrivacyControl", { get: () => false })' },
  'consent required and given before the script came': { attributes: REQUIRED, setup: consent(true) },
  'Google Consent Mode: granted by default': { attributes: REQUIRED, setup: gcm(['default', 'granted']) },
  'Google Consent Mode: something else is said to it': { setup: '<script>window.dataLayer = [{ event: "x" }, null, 7, ["consent", "default"], ["consent", "default", { ad_storage: "denied" }]]</script>' },
  'TCF: purpose 8 allowed': { attributes: REQUIRED, setup: tcf({ ...OTHERS, 8: true }) },
  'consent required, later by the API': { attributes: REQUIRED, later: 'mousetrail.consent(true)' },
  'consent required, later by Google Consent Mode': { attributes: REQUIRED, setup: gcm(['default', 'denied']), later: 'gtag("consent", "update", { analytics_storage: "granted" })' },
  'consent required, later by a Google Consent Mode that comes late': {
    attributes: REQUIRED, later: 'window.dataLayer = []; (function () { dataLayer.push(arguments); })("consent", "update", { analytics_storage: "granted" })',
  },
  'consent required, later by TCF': { attributes: REQUIRED, setup: tcf(), later: 'decide({ 1: true, 8: true })' },
  'the newest word counts: denied by Google Consent Mode, then given by the API': { setup: gcm(['default', 'denied']), later: 'mousetrail.consent(true)' },
  'the newest word counts: refused by the API, then granted by Google Consent Mode': { setup: consent(false), later: 'window.dataLayer = []; (function () { dataLayer.push(arguments); })("consent", "update", { analytics_storage: "granted" })' },
};

test('P3: who agrees is recorded, and not a moment before', async (t) => {
  const done = await inTurns(ALLOWED, async ({ later, ...options }) => {
    const stage = await theatre.stage('privateplain', options);
    if (later) {
      await stage.wander(900);
      stage.early = stage.tap.said.length;
      await stage.tab.evaluate(`${later}; undefined`);
    }
    const since = Date.now();
    while (!stage.tap.frames.length && Date.now() < since + 3_000) await stage.wander(100);
    await stage.leave();
    return { stage };
  }, 4);
  await testEach(t, done, ({ stage }) => {
    assert.equal(stage.early ?? 0, 0, 'nothing was said before consent');
    assert.ok(stage.tap.frames.length > 0, stage.account());
    const [view, ...more] = stage.views;
    assert.ok(view.events > 0 && more.length === 0);
  });
});

/** Each way to take consent back, after it was given in one or another way. */
const WITHDRAWN = {
  'by the API': { setup: '', word: 'mousetrail.consent(false)' },
  'by the API, over POST': { setup: '', word: 'mousetrail.consent(false)', blocksSockets: true },
  'by the API, where consent was required': { attributes: REQUIRED, setup: consent(true), word: 'mousetrail.consent(false)' },
  'by Google Consent Mode': { attributes: REQUIRED, setup: gcm(['default', 'granted']), word: 'gtag("consent", "update", { analytics_storage: "denied" })' },
  'by Google Consent Mode, which never granted anything': { setup: '', word: 'window.dataLayer = []; (function () { dataLayer.push(arguments); })("consent", "update", { analytics_storage: "denied" })' },
  'by TCF': { attributes: REQUIRED, setup: tcf({ 8: true }), word: 'decide({ 1: true, 8: false })' },
  'by TCF, without a word about purpose 8': { setup: tcf({ 8: true }), word: 'decide({ 1: true })' },
  'by a TCF that comes late, after the API had given it': {
    attributes: REQUIRED, setup: consent(true),
    word: 'window.__tcfapi = (command, version, callback) => callback({ eventStatus: "useractioncomplete", gdprApplies: true, listenerId: 1, purpose: { consents: { 1: true }, legitimateInterests: {} } }, true)',
  },
};

test('P3: consent that is withdrawn stops everything within a second', async (t) => {
  const done = await inTurns(WITHDRAWN, async ({ word, ...options }) => {
    const stage = await theatre.stage('privateplain', { ...options, attributes: `${options.attributes ?? ''} data-mask="inputs"` });
    const since = Date.now();
    while (!stage.tap.frames.length && Date.now() < since + 5_000) await stage.wander(100);
    const wasRecorded = stage.tap.frames.length > 0;
    await stage.tab.evaluate(`${word}; undefined`);
    const at = Date.now();
    // Much that could be sent: moves, clicks, a route, a scroll; and the close.
    await stage.wander(1_200);
    await stage.click(60, 100);
    await stage.tab.evaluate('history.pushState({}, "", "/later.html"); scrollTo(0, 200)');
    await stage.wander(700);
    const errors = [...stage.tab.errors];
    await stage.leave();
    return { stage, at, wasRecorded, errors, word };
  }, 4);
  await testEach(t, done, ({ stage, at, wasRecorded, errors, word }) => {
    assert.ok(wasRecorded, `it was recorded before. ${stage.account()}`);
    const late = (ms) => stage.tap.said.filter((message) => message.at > at + ms && message.kind !== 'close').map(({ kind, path }) => path ?? kind);
    assert.deepEqual(late(1_000), []);
    assert.equal(stage.tap.bytesAfter(at + 1_000), 0, 'not a byte');
    // A signal is read twice a second, so what was collected until then may leave; what the API says holds at once.
    if (word.startsWith('mousetrail')) assert.deepEqual(late(150), [], 'at once');
    assert.ok(stage.views.every(({ path }) => path === '/privateplain.html'));
    assert.deepEqual(errors, []);
  });
});

describe('Consent, later', { concurrency: 3 }, () => {
  test('P3: consent that is withdrawn and given again goes on', async () => {
    const stage = await theatre.stage('privateplain');
    await stage.wander(400);
    await stage.untilFrame();
    await stage.tab.evaluate('mousetrail.consent(false)');
    await stage.wander(300);
    const before = stage.tap.frames.length;
    await stage.tab.evaluate('mousetrail.consent(true)');
    await stage.wander(600);
    await stage.leave();
    assert.ok(stage.tap.frames.length > before);
  });

  test('P3: what the page says while consent is refused is never sent', async () => {
    const stage = await theatre.stage('privateplain');
    await stage.wander(300);
    await stage.tab.evaluate('mousetrail.consent(false); mousetrail.identify("zebrafinch"); mousetrail.event("copperolive", { a: "velvetmango" }); mousetrail.consent(true); mousetrail.event("silverotter")');
    await stage.wander(600);
    await stage.leave();
    assert.deepEqual(stage.tap.search(['zebrafinch', 'copperolive', 'velvetmango']), []);
    assert.ok(stage.tap.search(['silverotter']).length > 0, 'what it says after that is');
  });

  test('P3: what is erased before the collector has answered is erased as well', async () => {
    const stage = await theatre.stage('privateplain', { answersAfterMs: 1_200 });
    await stage.until(() => stage.tap.hellos.length > 0, 'the page says hello');
    await stage.tab.evaluate('mousetrail.consent(false, true)');
    await stage.wander(2_000);
    await stage.leave();
    assert.deepEqual(stage.views, []);
  });

  for (const blocksSockets of [false, true]) {
    test(`P3: consent(false, true) erases what the page load sent (${blocksSockets ? 'by POST' : 'over the socket'})`, async () => {
      const stage = await theatre.stage('privateplain', { blocksSockets });
      await stage.tab.evaluate('window.mousetrail.identify?.("somebody"); window.mousetrail.tag?.("plan", "gold"); window.mousetrail.event?.("bought", { price: 3 }); undefined');
      await stage.wander(500);
      await stage.click(60, 100);
      await stage.untilStored(1);
      // A route makes a second page view of the same page load.
      await stage.tab.evaluate('history.pushState({}, "", "/second.html")');
      await stage.wander(700);
      await stage.click(60, 160);
      await stage.untilStored(2);
      const ids = stage.views.map(({ id }) => id);
      const before = rowsOf(ids);
      assert.ok(Object.keys(before).length >= 3, `rows before: ${JSON.stringify(before)}`);

      const hello = stage.tap.hellos.find(({ type }) => type === 'hello');
      await stage.tab.evaluate('mousetrail.consent(false, true)');
      await stage.until(() => stage.tap.hellos.some(({ forget }) => forget === true), 'the collector is asked to forget', 2_000);
      const at = Date.now();
      await stage.wander(1_300);
      await stage.leave();
      assert.deepEqual(rowsOf(ids), {}, `of ${JSON.stringify(before)}`);
      assert.deepEqual(stage.views, []);
      assert.equal(stage.tap.bytesAfter(at + 1_000), 0, 'nothing is sent after that');

      // Whoever still holds the token can't bring it back.
      const forgotten = stage.tap.hellos.find(({ forget }) => forget);
      const [page] = forgotten.pages;
      const [frame] = stage.tap.frames;
      const answer = await say({ ...hello, pages: [{ n: page.n, id: page.id, token: page.token, from: 1 }] }, { origin: stage.pages.url }, [frame]);
      assert.ok(answer.messages.some(({ type, retry, reason }) => type === 'nack' && retry === false && reason === 'forgotten'), JSON.stringify(answer));
      assert.deepEqual(rowsOf(ids), {});
    });
  }

  test('P3: the header Sec-GPC: 1 alone is enough for the collector', async (t) => {
    const rows = (url) => theatre.collector.query(`select path from page_view where host = 'http://headers.localhost' and path = '${new URL(url).pathname}'`);
    await t.test('a POST with it is refused for good, and nothing is stored', async () => {
      const url = 'http://headers.localhost/gpc';
      const { status, messages: [error] } = await say({ pages: [newPage(url)] }, { 'sec-gpc': '1' });
      assert.equal(status, 403);
      assert.equal(error.type, 'error');
      assert.equal(error.code, 4003);
      assert.match(error.reason, /opted out/);
      assert.deepEqual(rows(url), []);
    });
    await t.test('an upgrade with it is refused', async () => {
      const { status, code } = await upgrade({ 'sec-gpc': '1' });
      assert.ok(status === 403 || code === 4003, `${status}, ${code}`);
    });
    for (const headers of [{ dnt: '1' }, { 'sec-gpc': '0' }, {}]) {
      await t.test(`not so with ${JSON.stringify(headers)}`, async () => {
        const url = `http://headers.localhost/${Object.keys(headers).join('') || 'none'}`;
        const { status, messages } = await say({ pages: [newPage(url)] }, headers);
        assert.equal(status, 200);
        assert.equal(messages[0].type, 'welcome');
        assert.equal(rows(url).length, 1);
        assert.deepEqual(await upgrade(headers), { status: 101 });
      });
    }
    await t.test('a browser that only says it in the header is told once, and stops', async () => {
      const stage = await theatre.stage('privateplain', { addsHeader: 'Sec-GPC: 1' });
      await stage.wander(2_500);
      await stage.leave();
      const { said } = stage.tap;
      assert.equal(stage.tap.frames.length, 0, 'no frame leaves');
      assert.deepEqual(stage.views, []);
      assert.ok(said.length > 0 && said.length <= 4, `it is not asked for ever: ${stage.account()}`);
    });
  });
});

describe('Storage on the device', { concurrency: 3 }, () => {
  test('whatever is stored on the device would be seen', async () => {
    const stage = await theatre.stage('privateplain', { attributes: REQUIRED });
    await stage.tab.evaluate(`(async () => {
      document.cookie = 'a=b';
      localStorage.setItem('l', '1');
      sessionStorage.setItem('s', '1');
      window.name = 'n';
      await new Promise((done) => { indexedDB.open('d').onsuccess = done; });
      await caches.open('c');
    })()`);
    const { cookie, cookies, local, session, databases, caches, windowName } = await storageOf(stage);
    assert.deepEqual({ cookie, cookies, local, session, databases, caches, windowName }, {
      cookie: 'a=b', cookies: ['a shop.localhost'], local: ['l'], session: ['s'], databases: ['d'], caches: ['c'], windowName: 'n',
    });
    await stage.leave();
  });

  test('P5: nothing is stored on the device by default, whatever is done', async () => {
    const stage = await theatre.stage('privateplain');
    await record(stage);
    await stage.tab.evaluate('mousetrail.identify?.("somebody"); mousetrail.tag?.("a", "b"); mousetrail.event?.("c"); mousetrail.stop(); mousetrail.start(); mousetrail.consent(true); undefined');
    await stage.wander(400);
    assert.deepEqual(await storageOf(stage), {});
    await stage.leave();
    assert.deepEqual(stage.tap.hellos.flatMap(({ pages = [] }) => pages).filter(({ session }) => session), [], 'and no key of a session leaves');
  });

  test('P5: with data-storage="session" one random key is stored, and only after consent', async () => {
    const attributes = `${REQUIRED} data-storage="session"`;
    const stage = await theatre.stage('privateplain', { attributes });
    await stage.wander(800);
    assert.deepEqual(await storageOf(stage), {}, 'nothing before consent');
    await stage.tab.evaluate('mousetrail.consent(true)');
    await record(stage);
    assert.deepEqual(await storageOf(stage), { session: ['mousetrail'] });
    const key = await stage.tab.evaluate('sessionStorage.mousetrail');
    assert.match(key, /^[\w-]{22,64}$/);
    // The next load of the tab is the same session; consent has to be given anew.
    await stage.tab.go(`${stage.pages.url}/privateplain.html?second`);
    await stage.wander(300);
    assert.equal(await stage.tab.evaluate('sessionStorage.mousetrail'), key);
    await stage.tab.evaluate('mousetrail.consent(true)');
    await stage.wander(700);
    await stage.untilStored(2);
    const keys = stage.tap.hellos.flatMap((hello) => hello.pages ?? [hello]).map(({ session }) => session).filter(Boolean);
    assert.deepEqual([...new Set(keys)], [key], 'the key is sent with each page');
    assert.equal(new Set(stage.views.map(({ session }) => session)).size, 1, 'one session');
    await stage.leave();
  });

  test('P5: who takes consent back has nothing stored any more', async () => {
    const stage = await theatre.stage('privateplain', { attributes: `${REQUIRED} data-storage="session"`, setup: consent(true) });
    await stage.wander(200);
    assert.deepEqual(await storageOf(stage), { session: ['mousetrail'] });
    await stage.tab.evaluate('mousetrail.consent(false)');
    assert.deepEqual(await storageOf(stage), {});
    await stage.leave();
  });

  test('P5: with data-storage="session" and no consent asked for, nothing is stored either', async () => {
    const stage = await theatre.stage('privateplain', { attributes: 'data-storage="session"' });
    await record(stage);
    assert.deepEqual(await storageOf(stage), {}, 'not being asked is no consent');
    await stage.leave();
  });

  test('P5: the key of a session is not the same for two visitors', async () => {
    const options = { attributes: `${REQUIRED} data-storage="session"`, setup: consent(true) };
    const stages = [await theatre.stage('privateplain', options), await theatre.stage('privateplain', options)];
    const keys = await Promise.all(stages.map(async (stage) => {
      await stage.wander(200);
      return stage.tab.evaluate('sessionStorage.mousetrail');
    }));
    for (const stage of stages) await stage.leave();
    assert.notEqual(keys[0], keys[1]);
  });
});

describe('Sampling', { concurrency: 3 }, () => {
  for (const blocksSockets of [false, true]) {
    test(`P10: with data-sample="0" nobody is recorded (${blocksSockets ? 'by POST' : 'over the socket'})`, async () => {
      const stage = await theatre.stage('privateplain', { attributes: 'data-sample="0"', blocksSockets });
      await stage.wander(2_500);
      await stage.click(60, 100);
      await stage.tab.evaluate('history.pushState({}, "", "/second.html")');
      await stage.wander(500);
      await stage.leave();
      const hellos = stage.tap.hellos;
      assert.ok(hellos.every(({ type, sample }) => type !== 'hello' || sample === 0), 'each hello says so');
      assert.equal(stage.tap.frames.length, 0, stage.account());
      assert.deepEqual(stage.views, []);
      assert.deepEqual(stage.tab.errors, []);
    });
  }

  test('P10: where sockets are blocked no frame leaves before the answer either', async () => {
    const stage = await theatre.stage('privateplain', { attributes: 'data-sample="0.000001"', blocksSockets: true });
    await stage.wander(2_500);
    await stage.leave();
    assert.ok(stage.tap.hellos.length > 0);
    assert.equal(stage.tap.frames.length, 0, stage.account());
    assert.deepEqual(stage.views, []);
  });

  test('P10: a page that closes before it was drawn has sent no frame', async () => {
    const stage = await theatre.stage('privateplain', { attributes: 'data-sample="0"' });
    await stage.click(60, 100);
    await stage.leave();
    assert.equal(stage.tap.frames.length, 0, stage.account());
    assert.deepEqual(stage.views, []);
  });

  test('P10: a visitor is in or out as a whole, and as many are in as the share says', async () => {
    const VISITORS = 200;
    const SHARE = 0.25;
    const draw = async (i, page = {}) => {
      const { messages: [answer] } = await say({ sample: SHARE, pages: [{ ...newPage('http://headers.localhost/drawn'), ...page }] }, { 'user-agent': `Visitor/${i}` });
      if (answer.type === 'nack') assert.deepEqual(answer, { type: 'nack', n: 0, retry: false, reason: 'sample' });
      return answer.type === 'welcome';
    };
    const everybody = Array.from({ length: VISITORS }, (_, i) => i);
    const drawAll = async () => {
      const drawn = [];
      for (let i = 0; i < VISITORS; i += 20) drawn.push(...await Promise.all(everybody.slice(i, i + 20).map((visitor) => draw(visitor))));
      return drawn;
    };
    const first = await drawAll();
    assert.deepEqual(await drawAll(), first, 'the same a second time');
    const isIn = first.filter(Boolean).length;
    // Four standard deviations.
    const most = 4 * Math.sqrt(VISITORS * SHARE * (1 - SHARE));
    assert.ok(Math.abs(isIn - VISITORS * SHARE) <= most, `${isIn} of ${VISITORS}`);
    const [{ rows }] = theatre.collector.query("select count(*) as rows from page_view where path = '/drawn'");
    assert.equal(rows, 2 * isIn, 'only who is in has rows');

    // With the key of a session that counts, wherever the visitor is.
    const sessions = Array.from({ length: 24 }, () => randomBytes(16).toString('base64url'));
    const once = await Promise.all(sessions.map((session, i) => draw(`A${i}`, { session })));
    assert.deepEqual(await Promise.all(sessions.map((session, i) => draw(`B${i}`, { session }))), once, 'the same session from elsewhere');
    assert.ok(new Set(once).size === 2, 'some are in, some are out');
  });

  test('P10: two loads of one browser are both in or both out', async () => {
    const outcomes = await Promise.all(['Alpha/1', 'Beta/2', 'Gamma/3', 'Delta/4'].map(async (userAgent) => {
      const stage = await theatre.stage('privateplain', { attributes: 'data-sample="0.5"', userAgent });
      const untilDrawn = async (hellos) => {
        await stage.until(() => stage.tap.hellos.length >= hellos, 'the page says hello');
        await stage.wander(800);
      };
      await untilDrawn(1);
      await stage.tab.go(`${stage.pages.url}/privateplain.html?again`);
      await untilDrawn(stage.tap.hellos.length + 1);
      await stage.leave();
      return { views: stage.views.length, sent: stage.tap.hellos.filter(({ type }) => type === 'hello').length };
    }));
    assert.ok(outcomes.every(({ views, sent }) => (views === 0 || views === 2) && sent >= 2), JSON.stringify(outcomes));
  });
});

/** A new page as the snippet describes it. */
const newPage = (url) => ({ n: 0, nonce: randomBytes(16).toString('base64url'), age_ms: 5, url, viewport: [1280, 800], document: [1280, 2000] });

/** Posts a hello to the collector itself. */
async function say(hello, headers, frames = []) {
  const body = packEnvelope(JSON.stringify({ type: 'hello', v: 1, site: theatre.site, ...hello }), frames);
  const { status, text } = await ask('/v1/post', { method: 'POST', headers: { 'content-type': 'text/plain', origin: 'http://headers.localhost', ...headers }, body });
  return { status, messages: [JSON.parse(text)].flat() };
}

/** One request, with exactly these headers. */
function ask(path, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, theatre.collector.url), options, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => resolve({ status: answer.statusCode, text }));
    });
    asked.on('error', reject);
    asked.on('upgrade', (answer, socket, head) => {
      // What the collector closes with: 0x88, a length, a code.
      const hear = (bytes) => bytes.length > 0 && resolve({ status: 101, code: bytes[0] === 0x88 ? bytes.readUInt16BE(2) : undefined });
      hear(head);
      socket.on('data', hear);
      socket.on('close', () => resolve({ status: 101 }));
      socket.on('error', () => {});
      setTimeout(() => socket.destroy(), 1_000).unref();
    });
    asked.end(body);
  });
}

const upgrade = (headers) => ask('/v1/socket', {
  headers: {
    connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64'),
    'sec-websocket-protocol': 'mousetrail.v1', origin: 'http://headers.localhost', ...headers,
  },
});

/** What is stored on the device, by the page and by the collector: {} where nothing is. */
async function storageOf({ tab, chromium, browserContextId, pages, tap }) {
  const found = await tab.evaluate(`(async () => ({
    cookie: document.cookie,
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    windowName: window.name,
  }))()`);
  const { cookies } = await chromium.send('Storage.getCookies', { browserContextId });
  for (const origin of [pages.url, tap.url]) {
    const { usageBreakdown } = await tab.send('Storage.getUsageAndQuota', { origin });
    for (const { storageType, usage } of usageBreakdown) if (usage) found[`${storageType} of ${origin === tap.url ? 'the collector' : 'the page'}`] = usage;
  }
  found.cookies = cookies.map(({ name, domain }) => `${name} ${domain}`);
  return Object.fromEntries(Object.entries(found).filter(([, value]) => (value?.length ?? value) && !(Array.isArray(value) && value.length === 0)));
}

const record = async (stage) => {
  await stage.wander(600);
  await stage.untilFrame();
  await stage.click(60, 100);
};

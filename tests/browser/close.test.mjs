// Check D12: the end of a page. Whoever goes away right after a click, in the middle of a move or before anything was sent has all of it stored, once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { readEnvelope, readHead } from './envelope.mjs';
import { replaceSnippet } from './lab.mjs';
import { startPages } from './servers.mjs';
import { Visitor } from './visitor.mjs';
import { random } from './walk.mjs';
import { startWiretap } from './wiretap.mjs';

/** `make soak` closes 500. */
const CLOSES = Number(process.env.CLOSES ?? 20);
const SEED = Number(process.env.SEED ?? 120_512);
/** What of the closes has to be stored to the last event. */
const SHARE = 0.99;
/** Windows at a time. */
const WINDOWS = 4;
/** Without any change for so long, nothing more comes. */
const SILENCE_MS = 3_000;
/** What the page tells of itself makes what is held heavy: at most 40 notes of 1,300 bytes each are what one POST can carry. */
const [NOTES, NOTE_LENGTH] = [40, 1_300];

/**
 * How people leave. The cross of a tab is `Page.close`: `beforeunload`, then `pagehide`. `Target.closeTarget` only leaves `beforeunload` out. A script
 * closes a window that a script opened; where a tab closes itself, Chromium ends its process after `visibilitychange`, and no page hears of the end.
 */
const WAYS = {
  cross: (tab) => tab.send('Page.close'),
  target: (tab) => tab.close(),
  script: (tab) => tab.send('Runtime.evaluate', { expression: 'close()' }),
  address: (tab, origin) => tab.send('Page.navigate', { url: `${origin}/other.html` }),
  link: (tab) => tab.send('Runtime.evaluate', { expression: "location.href = '/other.html'" }),
};

/** When. Each waits for its moment; what goes on behind it ends with the page. */
const MOMENTS = {
  async early({ visitor, tell }) {
    await tell();
    visitor.dispatch('mouseMoved', (visitor.at = visitor.place()), 'move');
    await visitor.click();
    await visitor.seen();
  },
  async click({ visitor, tell }) {
    await visitor.strollFor(2_500 * visitor.next());
    await tell();
    await visitor.click();
    await visitor.seen();
  },
  async move({ visitor, tell }) {
    visitor.strollFor(Infinity);
    await pause(300 + 2_500 * visitor.next());
    await tell();
    await pause(60 * visitor.next());
  },
  // Over the socket and with the last POST: two copies of it are on their way.
  async frame({ visitor, tell, frameLeaves }) {
    await tell();
    visitor.strollFor(Infinity);
    await frameLeaves;
  },
};

let collector, tap, pages, chromium, opener;

before(async () => {
  console.log(`seed ${SEED}: repeat with SEED=${SEED} CLOSES=${CLOSES}`);
  collector = await newCollector();
  await collector.start();
  tap = await startWiretap(collector.url);
  pages = await startPages({ head: '', attributes: 'data-params="close"', collector: tap.url });
  pages.values.site = collector.addSite(pages.url);
  chromium = await startChromium();
  opener = await chromium.open(`${pages.url}/other.html`, { hasOwnWindow: true });
});

after(async () => {
  await chromium?.close();
  pages?.close();
  tap?.close();
  await collector?.stop();
});

/** Somebody who may be gone in the middle of what they do. */
class Leaver extends Visitor {
  dispatch(...what) {
    if (this.isGone) return;
    super.dispatch(...what);
    const event = this.ledger.at(-1);
    const sent = this.sent.pop();
    this.newest = sent.then(() => { event.isSeen = true; }, () => {});
  }

  /** Waits until the page has handled all of it. */
  seen() {
    return this.newest;
  }

  async strollFor(ms) {
    const until = Date.now() + ms;
    while (!this.isGone && Date.now() < until) {
      await this.move();
      if (this.next() < 0.4) await this.click();
    }
  }

  /** What is stored has to begin with `sure`. Of `perhaps` nobody knows whether the page still saw it. */
  leave() {
    this.isGone = true;
    const all = this.ledger.map((event, i, ledger) => ({ ...event, isSeen: (event.kind === 'click' ? ledger[i - 1] : event).isSeen }));
    const exact = all.filter(({ kind }) => kind !== 'move');
    const place = ({ kind, x, y }) => `${kind} ${x},${y}`;
    const [sure, perhaps] = [exact.filter(({ isSeen }) => isSeen), exact.filter(({ isSeen }) => !isSeen)];
    return { sure: sure.map(place), perhaps: perhaps.map(place) };
  }
}

/** One page, opened and left. */
async function visit(number) {
  // The numbers of ways and moments have no common divisor, so that all pairs come.
  const [way, moment] = [WAYS, MOMENTS].map((all) => Object.keys(all)[number % Object.keys(all).length]);
  const next = random(SEED + number);
  const notes = next() < 0.5 ? 0 : Math.ceil(NOTES * next());
  const framesBefore = next() < 0.8 ? 1 : 2;
  const tab = way === 'script' ? await openByScript(number) : await chromium.open(undefined, { hasOwnWindow: true });
  await replaceSnippet(tab);
  await tab.send('Network.enable');
  let frames = 0;
  const frameLeaves = new Promise((resolve) => tab.on('Network.webSocketFrameSent', ({ response: { opcode } }) => {
    if (opcode === 2 && ++frames === framesBefore) resolve();
  }));
  await tab.go(`${pages.url}/next.html?close=${number}`);
  const visitor = new Leaver(tab, SEED + number);
  const tell = () => tab.evaluate(`for (let i = 0; i < ${notes}; i++) mousetrail.event('held', { i, text: 'x'.repeat(${NOTE_LENGTH}) })`);
  await MOMENTS[moment]({ visitor, tell, frameLeaves });
  const { errors } = tab;
  const ledger = visitor.leave();
  // The tab may end before it can answer.
  await Promise.race([WAYS[way](tab, pages.url), pause(500)]).catch(() => {});
  if (way === 'address' || way === 'link') {
    await pause(300);
    await tab.close();
  }
  return { number, way, moment, notes, errors, ...ledger };
}

/** A window that a script may close again. */
async function openByScript(number) {
  const url = `${pages.url}/other.html?opened=${number}`;
  await opener.send('Runtime.evaluate', { expression: `void open('${url}', '', 'popup')`, userGesture: true });
  for (const until = Date.now() + 5_000; ; await pause(20)) {
    const tab = await chromium.find(url);
    assert.ok(tab || Date.now() < until, 'the window opens');
    if (!tab) continue;
    // It is small, and a visitor who means the field of a large window would hit the scroll bar.
    await tab.send('Emulation.setDeviceMetricsOverride', { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false });
    return tab;
  }
}

/** What stands in Postgres of each close, counted anew from the frames. */
function stored() {
  const sql = `
    select v.page_view_id::text as id, v.query, v.events, v.clicks, v.session_id::text as session, s.events as session_events, c.seqs, c.counted, c.counted_clicks, e.exact, e.unloads,
           (select array_agg((props->>'i')::int order by offset_ms, (props->>'i')::int) from custom_event n where n.page_view_id = v.page_view_id) as notes
    from core.page_view v join core.session s using (session_id)
    left join lateral (
        select array_agg(seq order by seq) as seqs, sum(cardinality(kind)) as counted, sum(cardinality(array_positions(kind, 'c'))) as counted_clicks
        from core.pointer_chunk where page_view_id = v.page_view_id
    ) c on true
    left join lateral (
        select array_agg(kind || ' ' || x || ',' || y order by offset_ms, seq, position) filter (where kind in ('down', 'up', 'click')) as exact,
               count(*) filter (where kind = 'unload') as unloads
        from pointer_event where page_view_id = v.page_view_id
    ) e on true`;
  return JSON.parse(collector.run('psql', '--owner', '--', '-At', '-c', `select coalesce(json_agg(t), '[]') from (${sql}) t`));
}

/** Why the close is not whole in the store; undefined if it is. */
function lossOf({ sure, perhaps, notes }, views) {
  const [view] = views;
  if (!view) return 'no page view';
  const exact = view.exact ?? [];
  const seqs = view.seqs ?? [];
  if (seqs.some((seq, i) => seq !== i + 1)) return `frames ${seqs}`;
  const isWhole = exact.length >= sure.length && exact.every((event, i) => event === [...sure, ...perhaps][i]);
  if (!isWhole) return `stored ${exact.join(' | ')} of ${sure.join(' | ')}`;
  const told = new Set(view.notes).size;
  if (told < notes) return `${told} of ${notes} notes`;
  return view.unloads === 0 ? 'no unload' : undefined;
}

/** What is there more than once, and counters that are not what a recount gives. */
function surplusOf({ sure, perhaps }, views) {
  const found = views.length > 1 ? [`${views.length} page views`] : [];
  for (const { exact, seqs, unloads, notes: told, ...view } of views) {
    if (new Set(seqs).size !== (seqs ?? []).length) found.push(`frames ${seqs}`);
    if (exact?.length > sure.length + perhaps.length) found.push(`stored ${exact.join(' | ')} of ${sure.join(' | ')}, ${perhaps.join(' | ')}`);
    if (unloads > 1) found.push(`${unloads} unloads`);
    if (told?.length > new Set(told).size) found.push(`notes ${told}`);
    if (view.events !== (view.counted ?? 0)) found.push(`counter of events: ${view.events} instead of ${view.counted}`);
    if (view.clicks !== (view.counted_clicks ?? 0)) found.push(`counter of clicks: ${view.clicks} instead of ${view.counted_clicks}`);
  }
  return found;
}

/** Which frames (by seq) of each close the browser sent on the socket and which by POST, and the size of the largest POST. */
function heard(rows) {
  const [bySocket, byPost] = [new Map(), new Map()];
  const add = (to, close, seq) => to.set(close, (to.get(close) ?? new Set()).add(seq));
  const closes = new Map(rows.map(({ id, query }) => [id, query]));
  const closeOf = ({ url, id }) => (url ? new URL(url).search.slice(1) : closes.get(id));
  const opened = new Map();
  let largest = 0;
  for (const { kind, connection, method, body } of tap.messages) {
    // Each page view is alone on its connection: nothing here goes on to another one with the snippet in it.
    if (kind === 'text') opened.set(connection, closeOf(JSON.parse(body).pages[0]));
    if (kind === 'binary') add(bySocket, opened.get(connection), readHead(body).seq);
    if (kind !== 'request' || method !== 'POST') continue;
    const { hello, frames } = readEnvelope(body);
    largest = Math.max(largest, body.length);
    // The outline has no part in the order of frames.
    for (const { seq } of frames) if (seq) add(byPost, closeOf(hello.pages[0]), seq);
  }
  return { bySocket, byPost, largest };
}

test('D12 what a page holds when it is closed is stored once', async () => {
  const closes = [];
  const begin = Date.now();
  const numbers = Array.from({ length: CLOSES }, (_, i) => i);
  await Promise.all(Array.from({ length: WINDOWS }, async () => {
    for (let number; (number = numbers.shift()) !== undefined;) closes.push(await visit(number));
  }));
  const of = (rows, { number }) => rows.filter(({ query }) => query === `close=${number}`);
  let rows = stored();
  for (let quiet = Date.now(), before = 0; closes.some((close) => lossOf(close, of(rows, close))) && Date.now() - quiet < SILENCE_MS; rows = stored()) {
    const count = rows.reduce((sum, { counted }) => sum + (counted ?? 0), 0);
    if (count !== before) quiet = Date.now();
    before = count;
    await pause(200);
  }

  const lost = closes.flatMap((close) => {
    const loss = lossOf(close, of(rows, close));
    return loss ? [{ ...close, loss }] : [];
  });
  const { bySocket, byPost, largest } = heard(rows);
  const sent = (by, { number }) => [...(by.get(`close=${number}`) ?? [])];
  const [both, postOnly, socketOnly] = closes.reduce((sums, close) => {
    const [socket, post] = [sent(bySocket, close), sent(byPost, close)];
    const twins = post.filter((seq) => socket.includes(seq)).length;
    return [sums[0] + twins, sums[1] + post.length - twins, sums[2] + socket.length - twins];
  }, [0, 0, 0]);
  const metrics = await (await fetch(`${collector.url}/metrics`)).text();
  console.log(JSON.stringify({
    closes: CLOSES, stored: CLOSES - lost.length, share: (CLOSES - lost.length) / CLOSES, seconds: Math.round((Date.now() - begin) / 1_000),
    frames_both_ways: both, frames_by_post_only: postOnly, frames_by_socket_only: socketOnly, largest_post_bytes: largest,
    duplicates_met: Number(/^mousetrail_frames_duplicate_total\S* (\d+)/m.exec(metrics)?.[1]), posts: metrics.match(/^mousetrail_posts_total\S* \d+/gm),
  }));
  for (const close of lost) {
    const { number, way, moment, notes, loss } = close;
    console.log(`lost: close ${number} (${way}, ${moment}, ${notes} notes): ${loss}; the browser sent ${sent(bySocket, close)} on the socket and ${sent(byPost, close)} by POST`);
  }
  assert.deepEqual(closes.flatMap(({ errors }) => errors), [], 'no page has an error');
  assert.deepEqual(closes.flatMap((close) => surplusOf(close, of(rows, close))), [], 'nothing is stored or counted twice');
  const recount = {};
  for (const { session, counted } of rows) recount[session] = (recount[session] ?? 0) + (counted ?? 0);
  const counters = Object.fromEntries(rows.map(({ session, session_events: events }) => [session, events]));
  assert.deepEqual(counters, recount, 'the events of each session, counted anew');
  // A browser on a busy machine ends a page that doesn't say within half a second that it is ready: one such is no defect of ours in a short run either.
  assert.ok(lost.length <= Math.max(1, Math.floor(CLOSES * (1 - SHARE))), `${lost.length} of ${CLOSES} closes are not whole in the store`);
  assert.deepEqual(tap.unread, [], 'all that the browser sent was understood');
  assert.ok(both > 0 && postOnly > 0, 'frames came both ways, and by POST alone');
  assert.ok(largest > 16_384 && largest <= 65_536, `the heaviest POST has ${largest} bytes`);
  const { targetInfos } = await chromium.send('Target.getTargets');
  assert.deepEqual(targetInfos.filter(({ url, targetId }) => url.startsWith(pages.url) && targetId !== opener.targetId), [], 'all pages are closed');
});

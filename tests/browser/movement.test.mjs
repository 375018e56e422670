// The whole way: a real Chromium with the real snippet on one origin, the real collector on another, and what stands in Postgres at the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { compare } from './compare.mjs';
import { startPages, startProxyWithoutSockets } from './servers.mjs';
import { Visitor } from './visitor.mjs';

const EVENTS = 5_000;
const TOLERANCE_PX = 2;
/** The same walk each time, so that a red run means a change; `make soak` walks with other seeds. */
const SEED = Number(process.env.SEED ?? 513_261);

let collector, pages, proxy, chromium;

before(async () => {
  console.log(`seed ${SEED}: repeat with SEED=${SEED}`);
  collector = await newCollector();
  await collector.start();
  proxy = await startProxyWithoutSockets(collector.url);
  pages = await startPages({});
  pages.values.site = collector.addSite(pages.url);
  chromium = await startChromium();
});

after(async () => {
  await chromium?.close();
  pages?.close();
  proxy?.close();
  await collector?.stop();
});

/** One visit: moves, clicks, scrolls, a hidden tab, a resize, and a close. `trouble` happens twice, while the pointer moves. */
async function visit(through, trouble = async () => {}) {
  pages.values.collector = through;
  const known = new Set(collector.query('select page_view_id::text as id from page_view').map(({ id }) => id));
  const tab = await chromium.open(`${pages.url}/field.html`);
  const visitor = new Visitor(tab, SEED);
  await visitor.wander(EVENTS / 3);
  await visitor.scrollTo(900);
  await Promise.all([visitor.wander(EVENTS / 2), trouble(tab)]);
  await visitor.settle();
  const other = await chromium.open();
  await pause(400);
  await tab.toFront();
  await other.close();
  await pause(400);
  await visitor.wander((EVENTS * 2) / 3);
  await tab.send('Emulation.setDeviceMetricsOverride', { width: 1200, height: 640, deviceScaleFactor: 1, mobile: false });
  await pause(300);
  await visitor.scrollTo(300);
  await Promise.all([visitor.wander(EVENTS), trouble(tab)]);
  // While the page lives, the socket (or the POSTs) bring everything; the last POST at the close must not have to mend what they left out.
  await stored(known, visitor.ledger, 'up', 15_000, 'before the close');
  // Closed right after a click: what is not sent yet has to leave with the page.
  await visitor.move();
  await visitor.click();
  await Promise.all(visitor.sent.splice(0));
  const errors = [...tab.errors];
  await tab.close();
  assert.deepEqual(errors, [], 'the page has no error');

  const { events, id } = await stored(known, visitor.ledger, 'up', 30_000, 'after the close', 'unload');
  return { ledger: visitor.ledger, events, id };
}

/** Waits until as many events of this kind are stored as the ledger has, and one of kind `last` if given. Returns all events of the page view. */
async function stored(known, ledger, kind, patience_ms, when, last) {
  const wanted = ledger.filter((event) => event.kind === kind).length;
  const until = Date.now() + patience_ms;
  for (;;) {
    const views = collector.query('select page_view_id::text as id from page_view').filter(({ id }) => !known.has(id));
    assert.ok(views.length <= 1, 'one load is one page view');
    const events = views.length === 0 ? [] : collector.query(
      `select seq, offset_ms, kind, x, y, buttons, element_id, pointer_type, trusted from pointer_event where page_view_id = ${views[0].id} order by seq, offset_ms`,
    );
    const count = events.filter((event) => event.kind === kind).length;
    if (count >= wanted && (!last || events.some((event) => event.kind === last))) return { events, id: views[0].id };
    assert.ok(Date.now() < until, `${when}: ${count} of ${wanted} ${kind} events are stored${last ? `, and a ${last} is waited for` : ''}`);
    await pause(250);
  }
}

function check({ ledger, events, id }) {
  const figures = compare(ledger, events, TOLERANCE_PX);
  console.log(JSON.stringify(figures));
  assert.ok(ledger.length >= EVENTS);
  const kinds = new Set(events.map(({ kind }) => kind));
  for (const kind of ['move', 'down', 'up', 'click', 'scroll', 'resize', 'hidden', 'visible', 'unload']) assert.ok(kinds.has(kind), `${kind} is stored`);
  assert.ok(events.every(({ trusted, pointer_type: type }) => trusted && type === 'mouse'));
  const scrolls = events.filter(({ kind }) => kind === 'scroll');
  assert.equal(scrolls.at(-1).y, 300);
  const resize = events.findLast(({ kind }) => kind === 'resize');
  assert.deepEqual([resize.x, resize.y], [1200, 640]);
  const seqs = [...new Set(events.map(({ seq }) => seq))];
  assert.deepEqual(seqs, seqs.map((_, index) => index + 1), 'no frame is missing');
  const named = collector.query(`select selector from element where page_view_id = ${id}`);
  const buttons = ['#one', '#two', '#three', '#four'];
  assert.ok(named.some(({ selector }) => buttons.includes(selector)), `no button under ${EVENTS} points: ${JSON.stringify(named)}`);
}

/** Waits until the collector acks something to the page. */
const nextAck = (tab) => nextMessage(tab, 'Network.webSocketFrameReceived', ({ payloadData }) => payloadData.includes('"ack"'));

/** Waits until the page sends a frame of events. */
const nextFrame = (tab) => nextMessage(tab, 'Network.webSocketFrameSent', ({ opcode }) => opcode === 2);

async function nextMessage(tab, method, isWanted) {
  await tab.send('Network.enable');
  await new Promise((resolve) => {
    tab.on(method, ({ response }) => {
      if (isWanted(response)) resolve();
    });
  });
}

test('every point of a visit is stored within the tolerance and every click once, up to the close', async () => {
  check(await visit(collector.url));
});

test('nothing is lost when the collector is killed twice in the middle', async () => {
  let kills = 0;
  // The two worst moments: the browser has just heard that a frame is safe, and forgets it; a frame has just left, and nobody has committed it.
  const moments = [nextAck, nextFrame];
  check(await visit(collector.url, async (tab) => {
    await moments[kills](tab);
    await collector.kill();
    await pause(1_500);
    await collector.start();
    kills += 1;
  }));
  assert.equal(kills, 2);
});

test('nothing is lost where WebSockets are blocked', async () => {
  check(await visit(proxy.url));
});

// What a page costs adapts: under pressure the path gets coarser before anything is lost, and each frame says how faithful it is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pause } from './collector.mjs';
import { compare } from './compare.mjs';
import { only, startLab } from './lab.mjs';
import { startTap } from './tap.mjs';
import { Visitor } from './visitor.mjs';

const SEED = Number(process.env.SEED ?? 513_262);
const TOLERANCE_PX = 2;
/** The coarsest of all: 2^4 times. */
const COARSEST_PX = 32;

let lab, tap;
before(async () => {
  console.log(`seed ${SEED}: repeat with SEED=${SEED}`);
  lab = await startLab();
  tap = await startTap(lab.collector.url);
});
after(async () => {
  tap?.close();
  await lab?.close();
});

const total = (frames, key) => frames.reduce((sum, frame) => sum + frame[key], 0);

test('samples is what the device delivered, however little of it is kept', async () => {
  const visit = await lab.visit('flood.html');
  const visitor = new Visitor(visit.tab, SEED);
  while (visitor.ledger.length < 700) await visitor.move();
  await visitor.settle();
  const moves = visitor.ledger.length;
  const view = await visit.leaveOne();
  const samples = total(view.frames, 'samples');
  // Chromium hands no move over that doesn't move, and rolls none of the others into one without saying so.
  const places = visitor.ledger.filter(({ x, y }, at, all) => at === 0 || x !== all[at - 1].x || y !== all[at - 1].y).length;
  const kept = only(view, 'move').length;
  console.log(`${moves} moves dispatched, ${places} of them elsewhere than before; samples ${samples}; kept ${kept}`);
  assert.ok(samples >= places && samples <= moves, `${samples} samples of ${places} to ${moves}`);
  assert.ok(kept < moves / 2, `${kept} kept`);
  assert.equal(total(view.frames, 'dropped'), 0);
  assert.ok(view.frames.every(({ tolerance_px: px }) => px === TOLERANCE_PX));
});

test('a collector that says slow gets a coarser path, and the old one again when it is over', async () => {
  const visit = await lab.visit('flood.html', { collector: tap.url, attributes: 'data-tolerance="3"' });
  const visitor = new Visitor(visit.tab, SEED);
  for (const level of [1, 2, 3, 4, 0]) {
    tap.say({ type: 'slow', level });
    await pause(60);
    await visitor.move();
    await visitor.move();
    await visitor.click();
    await visitor.settle();
  }
  const view = await visit.leaveOne();
  const steps = view.frames.map(({ tolerance_px: px }) => px).filter((px, at, all) => px !== all[at - 1]);
  assert.deepEqual(steps, [3, 6, 12, 24, 48, 3]);
  assert.equal(only(view, 'click').length, 5);
  assert.equal(total(view.frames, 'dropped'), 0);
  // However coarse, each sample lies within the tolerance of the stored path at its time.
  console.log(JSON.stringify(compare(visitor.ledger, view.events, 16 * 3)));
});

test('a buffer that fills makes the path coarser step by step before anything is dropped, moves before clicks', async () => {
  const visit = await lab.visit('flood.html', { collector: tap.url });
  tap.hold();
  const moves = 190_000;
  const clicks = await visit.run(`flood(${moves}, 1000)`);
  tap.release();
  // So many rows are counted where they stand.
  const frames = () => visit.collector.query(`select seq, samples, dropped, tolerance_px from frame where site_id = ${visit.siteId} order by seq`);
  const count = (kind) => visit.collector.query(`select count(*) as n from pointer_event where site_id = ${visit.siteId} and kind = '${kind}'`)[0].n;
  const atLeast = async (kind, n) => {
    const until = Date.now() + 20_000;
    for (let is = count(kind); is < n; is = count(kind)) {
      assert.ok(Date.now() < until, `${is} of ${n} ${kind} events are stored`);
      await pause(200);
    }
  };
  // The frame that is still being collected has what came last.
  await atLeast('click', clicks - 1);
  await pause(300);
  // What comes now is kept at the tolerance that the tag asked for.
  await visit.run('flood(1100, 100)');
  await pause(300);
  await visit.run('flood(1100, 100)');
  await visit.settle();
  await visit.tab.go('about:blank');
  await atLeast('unload', 1);
  await visit.tab.close();

  const view = { frames: frames() };
  assert.deepEqual(view.frames.map(({ seq }) => seq), view.frames.map((_, at) => at + 1), 'no frame is missing');
  const steps = view.frames.map(({ tolerance_px: px }) => px).filter((px, at, all) => px !== all[at - 1]);
  assert.deepEqual(steps.slice(0, 5), [2, 4, 8, 16, 32], 'it doubles step by step');
  assert.ok(view.frames.every(({ tolerance_px: px }) => px <= COARSEST_PX));
  assert.equal(steps.at(-1), TOLERANCE_PX, 'and is fine again at the end');
  const firstLoss = view.frames.find(({ dropped }) => dropped > 0);
  assert.ok(firstLoss, 'so much can\'t be held');
  const before = view.frames.filter(({ seq }) => seq < firstLoss.seq);
  assert.equal(before.at(-1).tolerance_px, COARSEST_PX, 'nothing is lost before the coarsest');
  assert.equal(count('click'), clicks + 22, 'no click is lost');
  const dropped = total(view.frames, 'dropped');
  const kept = count('move');
  const all = moves + 2200;
  console.log(`${all} moves: ${kept} kept, ${dropped} dropped; tolerances ${steps}`);
  assert.ok(kept + dropped <= all + 10 && kept + dropped >= all * 0.98, 'each is kept or counted');
  const samples = total(view.frames, 'samples');
  assert.ok(samples >= all && samples <= all + clicks + 22 + 10, `${samples} samples of ${all} moves and ${clicks + 22} clicks`);
});

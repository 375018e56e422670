// Each kind of event, each kind of pointer: what Chromium dispatched and what stands in Postgres.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { pause } from './collector.mjs';
import { readEnvelope } from './envelope.mjs';
import { only, startLab } from './lab.mjs';
import { startTap } from './tap.mjs';

let lab;
before(async () => { lab = await startLab(); });
after(() => lab?.close());

const kindsOf = (events) => events.map(({ kind }) => kind);

test('a click, a double click and a context menu stand there once each, at their place', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.click(130, 120);
  await pause(600);
  await visit.click(150, 125);
  await visit.click(150, 125, { clickCount: 2 });
  await visit.click(500, 700, { button: 'right' });
  const view = await visit.leaveOne();

  const events = only(view, 'down', 'up', 'click', 'dblclick', 'contextmenu');
  assert.deepEqual(kindsOf(events.slice(0, 10)), ['down', 'up', 'click', 'down', 'up', 'click', 'down', 'up', 'click', 'dblclick']);
  // The context menu comes with the button down or up, as the system has it.
  assert.deepEqual(kindsOf(events.slice(10)).sort(), ['contextmenu', 'down', 'up']);
  assert.deepEqual(events.map(({ place }) => place), [...Array(3).fill([130, 120]), ...Array(7).fill([150, 125]), ...Array(3).fill([500, 700])]);
  assert.ok(events.slice(0, 10).every(({ element }) => element?.selector === '#push'));
  assert.deepEqual(only(view, 'down').map(({ buttons }) => buttons), [1, 1, 1, 2]);
  assert.ok(view.events.every(({ trusted, pointer_type: type }) => trusted && type === 'mouse'));
});

test('the wheel, and the scroll of the document that it makes', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.move(50, 60);
  await visit.wheel(50, 60, 0, 120);
  const scrolled = await visit.run('scrollY');
  // A wheel turns in bursts, and a burst is one fact.
  await pause(1_100);
  await visit.wheel(50, 60, 0, 100);
  const end = await visit.run('Math.round(scrollY)');
  const view = await visit.leaveOne();

  assert.deepEqual(only(view, 'wheel').map(({ place }) => place), [[50, 60], [50, 60 + scrolled]], 'in px of the document');
  assert.deepEqual(only(view, 'scroll').at(-1).place, [0, end]);
  // The pointer rested on the window and so moved over the document.
  assert.deepEqual(only(view, 'move').at(-1).place, [50, 60 + end]);
});

test('the offset of a scrolling box, which the events belong to', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.move(500, 300);
  await visit.wheel(500, 300, 0, 150);
  await visit.wheel(500, 300, 80, 0);
  const byWheel = await visit.run('[box.scrollLeft, box.scrollTop]');
  await visit.move(150, 120);
  await visit.run('box.scrollTo(33, 444)');
  await visit.settle();
  await visit.click(160, 120);
  const view = await visit.leaveOne();

  assert.deepEqual(byWheel, [80, 150]);
  const scrolls = only(view, 'inner_scroll');
  assert.ok(scrolls.length >= 2, 'there is an inner_scroll');
  assert.ok(scrolls.every(({ element }) => element?.selector === '#box'), 'the scrolled element, wherever the pointer is');
  assert.ok(scrolls.some(({ place }) => String(place) === '80,150'), `what the wheel did: ${scrolls.map(({ place }) => place).join(' | ')}`);
  assert.deepEqual(scrolls.at(-1).place, [33, 444]);
  assert.equal(only(view, 'scroll').filter(({ y }) => y > 0).length, 0, 'the document did not scroll');
  assert.equal(only(view, 'click')[0].element?.selector, '#push', 'the next event belongs to what the pointer is on');
});

test('keys and copying: that it happened, never what', async (t) => {
  const tap = await startTap(lab.collector.url);
  t.after(() => tap.close());
  const wire = [];
  const visit = await lab.visit('kinds.html', { collector: tap.url, prepare: (tab) => recordSockets(tab, wire) });
  await visit.click(150, 215);
  for (const key of 'hunter2hunter2') {
    await visit.tab.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key });
    await visit.tab.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }
  await visit.run('getSelection().selectAllChildren(words)');
  await visit.tab.send('Input.dispatchKeyEvent', { type: 'keyDown', key: 'c', code: 'KeyC', modifiers: 2, windowsVirtualKeyCode: 67, commands: ['copy'] });
  await visit.tab.send('Input.dispatchKeyEvent', { type: 'keyUp', key: 'c', code: 'KeyC', modifiers: 2, windowsVirtualKeyCode: 67 });
  assert.equal(await visit.run('field.value'), 'hunter2hunter2');
  const view = await visit.leaveOne();

  const keys = only(view, 'key');
  assert.ok(keys.length >= 1, 'there is a key');
  assert.ok(keys.length <= 16, `not more than keys: ${keys.length}`);
  const copies = only(view, 'copy');
  assert.equal(copies.length, 1);
  for (const { place, trusted } of [...keys, ...copies]) {
    assert.deepEqual(place, [150, 215], 'where the pointer was last');
    assert.ok(trusted);
  }
  const sent = Buffer.concat([...wire, ...tap.posts.map(({ body }) => readEnvelope(body).bytes)]).toString('latin1');
  assert.ok(sent.length > 0);
  for (const secret of ['hunter', 'Some words', 'words to copy']) assert.ok(!sent.includes(secret), `${secret} is on the wire`);
});

/** All that the page sends over sockets from now on. */
async function recordSockets(tab, wire) {
  await tab.send('Network.enable');
  tab.on('Network.webSocketFrameSent', ({ response: { opcode, payloadData } }) => wire.push(Buffer.from(payloadData, opcode === 2 ? 'base64' : 'utf8')));
}

test('focus, tab, size and end of the window', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.move(300, 300);
  await visit.settle();
  await lab.hideFor(visit.tab, 300);
  await visit.tab.send('Emulation.setDeviceMetricsOverride', { width: 1000, height: 650, deviceScaleFactor: 1, mobile: false });
  await pause(200);
  const view = await visit.leaveOne();

  const kinds = kindsOf(only(view, 'hidden', 'visible', 'unload'));
  // Going away hides the page too, before or after the unload as the browser has it.
  assert.deepEqual(kinds.slice(0, 2), ['hidden', 'visible']);
  assert.equal(kinds.filter((kind) => kind === 'unload').length, 1);
  assert.deepEqual(only(view, 'hidden')[0].place, [300, 300], 'where the pointer was last');
  assert.deepEqual(only(view, 'resize').at(-1).place, [1000, 650]);
  const end = view.events.find(({ kind }) => kind === 'unload');
  assert.ok(view.events.every(({ offset_ms: ms }) => ms <= end.offset_ms));
});

test('focus and blur of the window', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.move(300, 300);
  // The focus goes into a frame: the window that holds the page loses it.
  await visit.run(`{ const frame = document.createElement('iframe'); frame.id = 'frame'; frame.style = 'left: 800px; top: 20px; width: 100px; height: 100px'; document.body.append(frame) }`);
  await visit.run('frame.focus()');
  await pause(100);
  await visit.run('field.focus()');
  await pause(100);
  const view = await visit.leaveOne();
  const kinds = kindsOf(only(view, 'blur', 'focus'));
  assert.ok(kinds.join().includes('blur,focus'), `the focus left and came back: ${kinds}`);
  assert.deepEqual(only(view, 'blur')[0].place, [300, 300]);
});

test('the pointer leaves the window and comes back', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.move(300, 300);
  await visit.move(320, 40);
  await visit.settle();
  await visit.move(320, -40);
  await visit.settle();
  await pause(150);
  await visit.move(900, 30);
  await visit.settle();
  const view = await visit.leaveOne();
  const events = only(view, 'leave', 'enter', 'move');
  const leave = events.findIndex(({ kind }) => kind === 'leave');
  assert.ok(leave > 0, 'it left');
  assert.deepEqual(events[leave].place, [320, 40], 'where it was last');
  const enter = events.findIndex(({ kind }, at) => at > leave && kind === 'enter');
  assert.ok(enter > 0, 'it came back');
  assert.deepEqual(events[enter].place, [900, 30]);
  assert.ok(events.every(({ x, y, kind }, at) => at <= leave || at >= enter || (kind === 'move' && String([x, y]) === '320,40')), 'no path where nobody saw one');
});

test('events that a script made are not trusted', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.click(150, 120);
  await visit.run(`{
    const at = { clientX: 111, clientY: 222, bubbles: true, pointerType: 'mouse', pointerId: 1, isPrimary: true, detail: 1 };
    for (const type of ['pointermove', 'pointerdown', 'pointerup', 'click']) pad.dispatchEvent(new PointerEvent(type, at));
    push.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: 5 }));
    // Nowhere: a script's click has no place, and is not recorded.
    push.click();
  }`);
  await visit.move(400, 700);
  const view = await visit.leaveOne();
  const untrusted = view.events.filter(({ trusted }) => !trusted);
  for (const kind of ['down', 'up', 'click', 'wheel']) {
    assert.deepEqual(untrusted.filter((event) => event.kind === kind).map(({ place }) => place), [[111, 222]], `an untrusted ${kind}`);
  }
  assert.ok(only(view, 'click', 'down', 'up').filter(({ trusted }) => trusted).every(({ place }) => String(place) === '150,120'), 'the real ones are trusted');
  assert.equal(only(view, 'click').length, 2);
  assert.deepEqual(untrusted.filter(({ place }) => String(place) !== '111,222'), []);
});

test('two fingers are two pointers with a path each', async () => {
  const visit = await lab.visit('kinds.html');
  // Both wander over the pad, which takes touches for itself.
  const ways = [Array.from({ length: 20 }, (_, i) => [150 + 4 * i, 500 + (i % 5) * 3]), Array.from({ length: 20 }, (_, i) => [600 - 5 * i, 600 - 2 * i])];
  await visit.touch('touchStart', [1, ...ways[0][0]], [2, ...ways[1][0]]);
  for (let i = 1; i < 20; i += 1) {
    await visit.touch('touchMove', [1, ...ways[0][i]], [2, ...ways[1][i]]);
    await pause(10);
  }
  await visit.touch('touchEnd', [2, ...ways[1][19]]);
  await pause(50);
  await visit.touch('touchEnd');
  const view = await visit.leaveOne();

  const touches = view.events.filter(({ pointer_type: type, kind }) => type === 'touch' && ['down', 'move', 'up', 'enter', 'leave', 'cancel'].includes(kind));
  const ids = [...new Set(touches.map(({ pointer_id: id }) => id))];
  assert.equal(ids.length, 2, `two pointers: ${ids}`);
  for (const id of ids) {
    const own = touches.filter(({ pointer_id: its }) => its === id);
    assert.deepEqual([own[0].kind, own.at(-1).kind], ['down', 'up'], 'a finger has a path from its down to its up');
    assert.equal(own.filter(({ kind }) => kind !== 'move').length, 2);
    const way = ways.find(([from]) => String(from) === String(own[0].place));
    assert.ok(way, `it begins where a finger did: ${own[0].place}`);
    assert.deepEqual(own.at(-1).place, way[19]);
    for (const { x, y } of own) {
      const off = Math.min(...way.map(([wayX, wayY]) => Math.hypot(x - wayX, y - wayY)));
      assert.ok(off <= 2, `${x}, ${y} is ${off} px off the way of this finger`);
    }
  }
});

test('a finger that scrolls is taken over by the browser', async () => {
  const visit = await lab.visit('kinds.html');
  await visit.touch('touchStart', [1, 800, 700]);
  for (let y = 690; y > 400; y -= 20) {
    await visit.touch('touchMove', [1, 800, y]);
    await pause(16);
  }
  await visit.touch('touchEnd');
  await pause(300);
  const scrollY = await visit.run('Math.round(scrollY)');
  const view = await visit.leaveOne();
  assert.ok(scrollY > 100, `it scrolled: ${scrollY}`);
  const touches = view.events.filter(({ pointer_type: type }) => type === 'touch');
  assert.deepEqual(kindsOf(touches.filter(({ kind }) => ['down', 'up', 'cancel', 'click'].includes(kind))), ['down', 'cancel']);
  assert.deepEqual(touches.find(({ kind }) => kind === 'down').place, [800, 700]);
  assert.equal(only(view, 'scroll').at(-1).y, scrollY);
  const cancel = view.events.find(({ kind }) => kind === 'cancel');
  assert.deepEqual(view.events.filter(({ kind, offset_ms: ms, pointer_type: type }) => kind === 'move' && type === 'touch' && ms > cancel.offset_ms), [], 'no path of a finger that nobody follows');
});

test('a pen has its pressure', async () => {
  const visit = await lab.visit('kinds.html');
  const pen = (type, x, y, force, buttons = 1) => visit.mouse(type, x, y, { pointerType: 'pen', force, buttons, button: type === 'mouseMoved' ? 'none' : 'left', clickCount: 1 });
  await pen('mouseMoved', 200, 500, 0, 0);
  await pen('mousePressed', 200, 500, 0.25);
  await pen('mouseMoved', 300, 520, 0.5);
  await visit.settle();
  await pen('mouseMoved', 400, 480, 0.75);
  await pen('mouseReleased', 400, 480, 0, 0);
  await visit.settle();
  const view = await visit.leaveOne();
  const pens = view.events.filter(({ pointer_type: type }) => type === 'pen');
  const down = pens.find(({ kind }) => kind === 'down');
  assert.ok(down, 'a pen goes down');
  assert.deepEqual(down.place, [200, 500]);
  assert.ok(Math.abs(down.pressure - 0.25) < 0.001, `its pressure: ${down.pressure}`);
  assert.ok(pens.some(({ kind, place, pressure }) => kind === 'move' && String(place) === '300,520' && Math.abs(pressure - 0.5) < 0.001), 'the turn of the way, with its pressure');
  assert.equal(pens.find(({ kind }) => kind === 'up').pressure, 0);
  assert.ok(view.events.every(({ pressure, pointer_type: type }) => type === 'pen' || pressure === null), 'a mouse has none');
});

// Whether the page answers a click, and the link by which somebody leaves his own visits out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { pause } from './collector.mjs';
import { only, startLab } from './lab.mjs';

let lab;
before(async () => { lab = await startLab(); });
after(() => lab?.close());

/** The `document` events after a click, in ms since it. */
const answers = (view) => {
  const [click] = only(view, 'click');
  return only(view, 'document').map(({ offset_ms: ms }) => ms - click.offset_ms).filter((ms) => ms >= 0);
};

describe('a click', () => {
  for (const [what, y, from, to] of [
    ['that changes a text', 60, 0, 300], ['that changes an attribute', 120, 0, 300], ['that changes something a little later', 180, 500, 1_000],
    ['that changes something in an open shadow tree', 420, 0, 300],
  ]) {
    test(`${what} is answered once`, async () => {
      const visit = await lab.visit('answer.html');
      await visit.click(150, y);
      await pause(1_500);
      const view = await visit.leaveOne();
      const [ms, ...more] = answers(view);
      assert.ok(ms >= from && ms <= to, `${ms} ms after the click`);
      assert.deepEqual(more, []);
      const size = only(view, 'document').at(-1);
      assert.ok(size.x > 0 && size.y >= 3000, 'the sizes are those of the document');
    });
  }

  for (const [what, y] of [['that does nothing', 300], ['that does something too late', 240]]) {
    test(`${what} is not answered`, async () => {
      const visit = await lab.visit('answer.html');
      await visit.click(150, y);
      await pause(2_000);
      const view = await visit.leaveOne();
      assert.deepEqual(answers(view), []);
      assert.equal(lab.collector.query(`select count(*) as dead from dead_click where site_id = ${visit.siteId}`)[0].dead, 1);
    });
  }

  test('on a page that a script animates all the time is told of once', async () => {
    const visit = await lab.visit('answer.html');
    await visit.run('animate()');
    for (let clicks = 0; clicks < 3; clicks += 1) {
      await visit.click(150, 300);
      await pause(1_100);
    }
    const view = await visit.leaveOne();
    assert.equal(only(view, 'click').length, 3);
    const first = only(view, 'click')[0].offset_ms;
    assert.equal(only(view, 'document').filter(({ offset_ms: ms }) => ms >= first).length, 3, 'one for each click, and not one for each frame');
  });
});

describe('one\'s own visits', () => {
  /** What the page has to say of the wish, and what it wrote to the console. */
  const flag = (visit) => visit.run('localStorage.getItem("mousetrail")');
  const listen = (lines) => async (tab) => tab.on('Runtime.consoleAPICalled', ({ type, args }) => lines.push(`${type}: ${args.map(({ value }) => value).join(' ')}`));
  const others = { OFF: 'info: mousetrail is off in this browser', ON: 'info: mousetrail is on in this browser' };

  test('are left out from the link on, on every page, until the other link', async () => {
    const lines = [];
    const visit = await lab.visit('answer.html#mousetrail=off', { prepare: listen(lines), wait: false });
    await visit.click(150, 60);
    await visit.tab.go(`${lab.pages.url}/app.html`);
    await visit.click(150, 60);
    await pause(1_200);
    assert.equal(await flag(visit), 'off');
    assert.deepEqual(visit.views(), [], 'nothing is stored of either page');
    assert.deepEqual(lines, [others.OFF], 'it says so once');
    await visit.tab.go(`${lab.pages.url}/app.html?again#mousetrail=on`);
    await visit.until((views) => views.length === 1, 'the visit is recorded again');
    assert.equal(await flag(visit), null);
    assert.deepEqual(lines, [others.OFF, others.ON]);
    await visit.click(150, 60);
    const view = await visit.leaveOne();
    assert.equal(view.path, '/app.html');
  });

  test('end and begin as well where the page is open already, and the address stays as it is', async () => {
    const visit = await lab.visit('app.html');
    const length = await visit.run('history.length');
    await visit.run('location.hash = "#mousetrail=off"; 1');
    await pause(700);
    await visit.click(150, 60);
    await pause(700);
    assert.equal(await visit.run('location.hash'), '#mousetrail=off');
    assert.equal(await visit.run('history.length'), length + 1, 'the one that the link itself made');
    assert.equal(only(visit.views()[0], 'click').length, 0);
    await visit.run('location.hash = "#mousetrail=on"; 1');
    await visit.until((views) => views.length === 2, 'a new page view begins');
    await visit.click(150, 60);
    const views = await visit.leave();
    assert.deepEqual(views.map((view) => only(view, 'click').length), [0, 1]);
  });

  test('are no matter where the browser keeps its storage to itself', async () => {
    const source = 'Object.defineProperty(window, "localStorage", { get() { throw new DOMException("no", "SecurityError") } })';
    const visit = await lab.visit('app.html#mousetrail=off', { prepare: (tab) => tab.send('Page.addScriptToEvaluateOnNewDocument', { source }) });
    await visit.click(150, 60);
    await visit.leaveOne();
  });
});

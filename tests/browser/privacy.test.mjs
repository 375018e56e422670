// What leaves the browser and what doesn't, judged by the bytes on the wire: 40 secrets on a page, fields that nobody may unmask, and what a site
// can say about its elements and addresses. consent.test.mjs has who may be recorded at all; wiretap.test.mjs shows that the wiretap hears.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { canaries, ends, SHAPES } from './canaries.mjs';
import { pause } from './collector.mjs';
import { inTurns, startTheatre, testEach } from './stage.mjs';

let theatre;

before(async () => { theatre = await startTheatre(); });
after(() => theatre?.close());

/** Everything that a visitor can do to a page that is full of secrets. */
async function visitPrivatePage(visit) {
  const { shape, attributes = '', blocksSockets } = visit;
  const values = canaries(shape);
  const { c28, c29, c30, c31, c32 } = values;
  const stage = await theatre.stage('private', {
    attributes, values, blocksSockets, query: `?q=${c28}&${c28}=1#${c29}`, referrer: `/before.html?from=${c28}#${c29}`,
  });
  const { tab } = stage;
  await tab.send('Page.setInterceptFileChooserDialog', { enabled: true });
  assert.match(await tab.evaluate('document.referrer'), /from=/, 'the page before is known to the page');

  // The outline waits until the page is complete and idle. What it has told isn't told again.
  await stage.until(() => outlines(stage).length > 0, 'the outline is posted', 6_000).catch((error) => { stage.hasNoOutline = error; });
  const spots = await tab.evaluate('spots()');
  assert.ok(spots.length > 80, `${spots.length} elements to point at`);
  for (const [x, y] of spots) {
    await stage.click(x, y);
    // Lists and calendars that the browser opens close again.
    await tab.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', key: 'Escape', code: 'Escape', windowsVirtualKeyCode: 27 });
  }
  // Typed, pasted, selected, copied.
  for (const field of ['typed', 'typedarea', 'note', 'ordinary']) {
    await tab.evaluate(`document.getElementById('${field}').focus()`);
    await stage.type(c32);
  }
  await tab.evaluate('document.activeElement.blur()');
  await stage.type(c32);
  await alone(async () => {
    await tab.evaluate('getSelection().selectAllChildren(document.getElementById("copied"))');
    await stage.command('copy', 'c');
    await tab.evaluate('document.getElementById("typed").focus()');
    await stage.command('paste', 'v');
    assert.ok((await tab.evaluate('document.getElementById("typed").value')).endsWith(c31), 'the secret was typed, copied and pasted');
  });
  await stage.command('selectAll', 'a');
  await stage.command('cut', 'x');
  // A route of a single-page app, with a title of its own; and a fragment alone.
  await tab.evaluate(`history.pushState({ secret: '${c28}' }, '', '/privateroute.html?route=${c28}#${c29}'); document.title = 'Route ${c30}'; undefined`);
  await stage.mouse('mouseWheel', 300, 300, { deltaX: 0, deltaY: 400 });
  await stage.wander(400);
  await tab.evaluate(`location.hash = '${c29}'; undefined`);
  await stage.wander(300);
  await stage.untilFrame();
  await stage.click(300, 60);
  await stage.leave();
  return { stage, values, visit };
}

/** There is one clipboard for all windows. */
let clipboardIsFree = Promise.resolve();
function alone(act) {
  const done = clipboardIsFree.then(act);
  clipboardIsFree = done.catch(() => {});
  return done;
}

/** Frames with seq 0, which only a POST brings. */
const outlines = ({ frames }) => frames.filter(({ seq }) => seq === 0);

const VISITS = {
  'over the socket, secrets with digits': { shape: 'digits' },
  'over the socket, secrets that pass as words': { shape: 'words' },
  'by POST, secrets that pass as words': { shape: 'words', blocksSockets: true },
  'with data-mask="inputs", secrets with digits': { shape: 'digits', attributes: 'data-mask="inputs"' },
  'with data-mask="inputs", secrets that pass as words': { shape: 'words', attributes: 'data-mask="inputs"' },
};

test('P1: no text of a page leaves the browser', async (t) => {
  const done = await inTurns(VISITS, visitPrivatePage, 3);
  await testEach(t, done, async ({ stage, values, visit }, t) => {
    const sendsTitles = visit.attributes?.includes('inputs');
    const { blocksSockets } = visit;
    await t.test('0 of 40 are in the bytes of the wire', () => {
      assert.deepEqual(stage.tap.unread, [], 'every byte is understood');
      const { c30, ...others } = values;
      const found = stage.tap.search(ends(sendsTitles ? others : values));
      assert.deepEqual(brief(found), []);
      if (sendsTitles) assert.ok(stage.tap.search([c30]).length > 0, 'the title may leave here, and does');
    });

    await t.test('every frame can be decoded', () => assert.deepEqual(stage.broken, []));

    await t.test('the visit itself was recorded', () => {
      const kinds = count(stage.events.map(({ kind }) => kind));
      for (const kind of ['move', 'down', 'click', 'scroll', 'key', 'copy', 'unload']) assert.ok(kinds[kind] > 0, `${kind}: ${JSON.stringify(kinds)}`);
      assert.ok(stage.elements.length > 60, `${stage.elements.length} descriptions`);
      const isUsed = (way) => stage.tap.frames.length > 0 && stage.tap.messages.some(way);
      assert.ok(isUsed(({ kind }) => kind === 'binary') !== Boolean(blocksSockets), 'the socket is used unless it is blocked');
      assert.ok(isUsed(({ method }) => method === 'POST'), 'the last words are posted');
      assert.ok(stage.tap.search(['#pricing']).length > 0, 'a name that a person made for programs is a selector');
      assert.deepEqual(stage.tab.errors, [], 'no error');
    });

    await t.test('the outline was among it', () => {
      if (stage.hasNoOutline) throw stage.hasNoOutline;
      assert.ok(outlines(stage)[0].elements.length > 40, `${outlines(stage)[0].elements.length} elements`);
    });

    await t.test('a page view says what the contract lists and no more', () => {
      const allowed = ['n', 'nonce', 'age_ms', 'url', 'referrer', 'viewport', 'document', 'scroll', 'screen', 'dpr', 'pointer', 'language', 'via', 'id', 'token', 'from'];
      if (sendsTitles) allowed.push('title');
      const pages = stage.tap.hellos.flatMap((message) => message.pages ?? [message]);
      const fields = new Set(pages.flatMap((page) => Object.keys(page)).filter((key) => key !== 'type'));
      assert.deepEqual([...fields].filter((key) => !allowed.includes(key)), []);
      const urls = new Set(pages.map(({ url }) => url).filter(Boolean));
      assert.deepEqual([...urls], [`${stage.pages.url}/private.html`, `${stage.pages.url}/privateroute.html`]);
      assert.ok(pages.every(({ referrer = '' }) => !/[?#]/.test(referrer)));
    });

    await t.test('selectors hold names for programs only, roles and tags what HTML knows', () => {
      // Read where the browser parses them: nothing but these can stand in a selector.
      const known = new Set(['ordinary', 'upload', 'note', 'choice', 'known', 'open', 'closed', 'inner', 'copied', 'sent', 'typed', 'typedarea',
        'pictured', 'styled', 'pricing', 'hero-card', 'cart-button', 'inside', 'all', 'state', 'action', 'data-testid', 'name', 'class', 'role', 'slider']);
      const tags = /^(html|body|main|input|textarea|div|b|i|p|select|optgroup|option|datalist|iframe|button|a|h2|label|summary|img|span|abbr|nav|section|form|video|canvas|svg|title|desc|text|object|nth-of-type|nth-child|not|is|where|scope|host|\d+)$/;
      const tokens = new Set(stage.elements.flatMap(({ selectors }) => selectors).join(' ').match(/[\w-]+/g));
      assert.deepEqual([...tokens].filter((token) => !known.has(token) && !tags.test(token)), []);
      const roles = /^(|slider|button|submit|reset|image|text|password|search|email|url|tel|number|range|date|time|datetime-local|month|week|color|file|hidden|checkbox|radio|select-one|select-multiple|textarea|link|heading|img|navigation|region|main|form|label|textbox|listbox|combobox)$/;
      assert.deepEqual([...new Set(stage.elements.map(({ role }) => role))].filter((role) => !roles.test(role)), []);
      assert.deepEqual([...new Set(stage.elements.map(({ tag }) => tag))].filter((tag) => !tags.test(tag)), []);
    });

    await t.test('what people type is not even counted', () => {
      const fields = stage.elements.filter(({ tag }) => ['input', 'textarea', 'select', 'option'].includes(tag));
      assert.ok(fields.length > 20);
      assert.deepEqual(fields.filter(({ text_length: length }) => length > 0).map(({ selectors }) => selectors[0]), []);
      const note = stage.elements.filter(({ selectors }) => selectors.some((selector) => /#note$/.test(selector)));
      assert.ok(note.length > 0 && note.every(({ text_length: length }) => length === 0), `contenteditable: ${JSON.stringify(note)}`);
      // What stands inside of an editable element is typed as well.
      const bold = stage.elements.filter(({ selectors }) => selectors.some((selector) => /#note\b.* > b$/.test(selector)));
      assert.deepEqual(bold.filter(({ text_length: length }) => length > 0).map(({ selectors }) => selectors[0]), [], 'inside a contenteditable');
    });

    await t.test('nothing of it is stored either', () => {
      const { c30, ...others } = values;
      const text = JSON.stringify([stage.views, theatre.collector.query(`select * from element where page_view_id in (select page_view_id from page_view where host = '${stage.pages.url}')`)]);
      assert.deepEqual(ends(sendsTitles ? others : values).filter((end) => text.includes(end)), []);
    });
  });
});

/** Each find once, without the many places where the same bytes show up again. */
const brief = (found) => [...new Set(found.map(({ text, disguise }) => `${text} (${disguise})`))];
const count = (words) => words.reduce((counts, word) => ({ ...counts, [word]: (counts[word] ?? 0) + 1 }), {});

test('P1: the Referer header carries no address, whatever the page\'s policy is', async () => {
  const secret = SHAPES.words(28);
  const setup = '<meta name="referrer" content="unsafe-url">';
  const stage = await theatre.stage('privateplain', { setup, query: `?q=${secret}`, blocksSockets: true });
  await stage.wander(600);
  await stage.untilFrame();
  await stage.click(60, 60);
  await stage.leave();
  assert.ok(stage.tap.requests.some(({ method }) => method === 'POST'));
  assert.deepEqual(brief(stage.tap.searchAmong(stage.tap.said, [secret])), []);
  const script = stage.tap.messages.find(({ path }) => path.endsWith('.js'));
  assert.ok(script.header('referer').includes(secret), 'the request for the script is the page\'s own: docs/privacy.md says what to do about it');
});

const UNMASKING = {
  'nothing said': {},
  'data-mask="inputs"': { attributes: 'data-mask="inputs"' },
  'data-mask="none"': { attributes: 'data-mask="none"' },
  'data-mask="false"': { attributes: 'data-mask="false"' },
  'data-mt-mask="false" on the fields': { values: { field: 'data-mt-mask="false"' } },
  'data-mt-mask="false" on the form': { values: { form: 'data-mt-mask="false"' } },
  'data-mt-unmask on fields and form': { values: { field: 'data-mt-unmask', form: 'data-mt-unmask' } },
  'everything else at once': {
    attributes: 'data-mask="" data-mask-inputs="false" data-mask-text="false" data-unmask="*" data-tolerance="0" data-sample="1" data-params="*" data-hash="keep" data-respect-dnt="false"',
    values: { field: 'data-mt-mask="0" data-mask="false" data-mt-allow data-mt-ignore="false"' },
  },
  'a role and ARIA names on the fields': { values: { field: 'role="textbox" aria-label="sesamelabel" aria-hidden="false"' } },
  'by POST, with consent given': { attributes: 'data-consent="required" data-mask="inputs"', setup: '<script>window.mousetrail = [["consent", true]]</script>', blocksSockets: true },
};

test('P2: nobody can unmask passwords and payment fields', async (t) => {
  assert.equal(Object.keys(UNMASKING).length, 10);
  const done = await inTurns(UNMASKING, ({ values, ...options }) => payOnce({ ...options, values: { field: '', form: '', ...canaries('words'), ...values } }), 3);
  await testEach(t, done, ({ stage, fields }) => {
    assert.deepEqual(stage.tap.unread, []);
    assert.deepEqual(brief(stage.tap.search(ends(canaries('words')))), [], 'no value leaves');
    const said = fields.map(({ names, x, y, w, h }) => ({
      names, said: stage.elements.filter((it) => it.tag === 'input' && it.x === x && it.y === y && it.w === w && it.h === h),
    }));
    assert.deepEqual(said.filter((field) => !field.said.length).map(({ names }) => names), [], 'each field is described, so it can be clicked on a heatmap');
    // What kind of field it is may be said; what its attributes call it may not.
    const isPlain = ({ role, selectors, text_length: length }) => length === 0 && ['', 'text', 'password'].includes(role)
      && selectors.every((selector) => /(^|> )input(:nth-(of-type|child)\(\d+\))?$/.test(selector));
    const told = said.flatMap(({ names, said: descriptions }) => descriptions.filter((it) => !isPlain(it)).map(({ role, selectors }) => `${names[0]}: ${role} ${selectors[0]}`));
    assert.deepEqual([...new Set(told)], []);
    const names = fields.flatMap((field) => field.names).filter((one) => one.length > 3);
    assert.deepEqual(brief(stage.tap.search([...names, 'sesamelabel'])), [], 'no name of theirs leaves');
  });
});

async function payOnce(options) {
  const stage = await theatre.stage('privatepay', options);
  const fields = await stage.tab.evaluate(`[...document.querySelectorAll('#checkout input')].map((field) => {
    const { x, y, width: w, height: h } = field.getBoundingClientRect();
    return { x, y, w, h, names: [...new Set([field.id, field.name, field.className].filter(Boolean))] };
  })`);
  for (const { x, y } of fields) {
    await stage.click(x + 40, y + 15);
    await stage.type(canaries('words').c32);
  }
  await stage.wander(200);
  await stage.untilFrame();
  await stage.leave();
  return { stage, fields };
}

test('P2: how long a field\'s text is does not show by how far the field is scrolled', async () => {
  const stage = await theatre.stage('private', { values: canaries('words') });
  for (const field of ['input[type=password]', '#typed', '#typedarea', '#note']) {
    await stage.tab.evaluate(`document.querySelector('${field}').focus()`);
    await stage.type(canaries('words').c32.repeat(4));
    await stage.tab.evaluate(`document.querySelector('${field}').scrollBy(40, 40)`);
    await stage.wander(100);
  }
  await stage.leave();
  assert.ok(stage.events.length > 0);
  const scrolled = stage.events.filter(({ kind }) => kind === 'inner_scroll').map(({ x, y }) => `${x},${y}`);
  assert.equal(scrolled.join(' '), '');
});

/** Names of form fields: those that pages use, and those that hurt most. The form's own properties of these names are hidden by them. */
const HIDING = ['id', 'type', 'title', 'name', 'action', 'children', 'localName', 'textContent', 'classList', 'parentElement', 'getAttribute', 'matches',
  'ownerDocument', 'getBoundingClientRect', 'getRootNode', 'closest', 'isConnected', 'nodeType', 'shadowRoot', 'contentDocument'];

test('a form whose fields hide its own properties spoils nothing', async () => {
  const stage = await theatre.stage('privateplain');
  await stage.tab.evaluate(`document.body.insertAdjacentHTML('afterbegin', ${JSON.stringify(HIDING.map((name) => `<form style="padding: 5px; height: 8px; margin: 0"><input name="${name}" style="width: 20px; height: 4px; display: block"></form>`).join(''))})`);
  const places = await stage.tab.evaluate(`[...document.querySelectorAll('form')].map((form) => { const { x, y } = Element.prototype.getBoundingClientRect.call(form); return [Math.round(x + 200), Math.round(y + 3)]; })`);
  assert.equal(places.length, HIDING.length);
  for (const place of places) {
    await stage.click(...place);
    await pause(20);
  }
  await stage.tab.evaluate('document.querySelectorAll("form").forEach((form) => form.remove())');
  await pause(300);
  await stage.click(60, 100);
  await stage.wander(200);
  await stage.leave();
  const clicked = new Set(stage.events.filter(({ kind }) => kind === 'click').map(({ x, y }) => `${x},${y}`));
  assert.deepEqual(HIDING.filter((_, i) => !clicked.has(places[i].join())), [], 'clicks that are lost');
  // Such a form itself needs no description; everything else does.
  assert.ok(stage.elements.some(({ tag }) => tag !== 'form' && tag !== 'input'), 'others are described');
});

test('data-mt-ignore: the pointer leaves at the border, and nothing inside is described', async () => {
  const stage = await theatre.stage('privatemask');
  // In at the left, over the block and out again: open, then ignored.
  for (const y of [60, 240]) {
    for (let x = 440; x > 30; x -= 15) {
      await stage.mouse('mouseMoved', x, y);
      await pause(8);
    }
    await stage.click(50, y - 10);
    await stage.tab.evaluate(`document.querySelector('${y === 60 ? '#openbutton' : '#ignoredfield'}').focus()`);
  }
  await stage.click(280, 240);
  await stage.type(canaries('words').c32);
  await stage.tab.evaluate('document.querySelector("#ignorednav").scrollTop = 40; undefined');
  await pause(100);
  await stage.mouse('mouseMoved', 600, 350);
  await stage.mouse('mouseMoved', 620, 360);
  await stage.wander(200);
  await stage.until(() => outlines(stage).length > 0, 'the outline is posted', 5_000).catch(() => {});
  await stage.leave();
  const isInside = ({ x, y }) => x > 22 && x < 418 && y > 202 && y < 298;
  const placed = stage.events.filter(({ kind }) => !['scroll', 'resize', 'document', 'inner_scroll'].includes(kind));
  assert.ok(placed.some(({ kind, y }) => kind === 'click' && y < 120), 'the open block is recorded');
  assert.deepEqual(placed.filter(isInside).map(({ kind, x, y }) => ({ kind, x, y })), []);
  assert.ok(placed.some(({ kind, y }) => kind === 'leave' && y >= 195), 'the pointer leaves at the border');
  assert.ok(placed.some(({ kind, at }) => kind === 'enter' && at >= 0), 'and comes back');
  const inside = stage.elements.filter(({ y, h, tag }) => y >= 205 && y + h <= 300 && ['button', 'input', 'nav', 'a'].includes(tag));
  assert.deepEqual(inside.map(({ selectors }) => selectors[0]), []);
  assert.deepEqual(brief(stage.tap.search(['ignoredbutton', 'ignoredfield', 'ignorednav', 'ignoredlink'])), []);
});

test('data-mt-mask: described by structure only', async () => {
  const stage = await theatre.stage('privatemask', { attributes: 'data-mask="inputs"' });
  for (const [x, y] of [[60, 50], [260, 50], [60, 430], [260, 430]]) await stage.click(x, y);
  await stage.untilFrame();
  await stage.until(() => outlines(stage).length > 0, 'the outline is posted', 5_000).catch(() => {});
  await stage.leave();
  const at = (left, top) => stage.elements.filter(({ x, y }) => x === left && y === top);
  assert.equal(at(220, 30)[0]?.text_length, 'Five words of open text'.length, 'open text is counted');
  for (const [left, top, tag] of [[30, 410, 'button'], [220, 410, 'p']]) {
    const described = at(left, top);
    assert.ok(described.length > 0, `the ${tag} is described`);
    for (const { text_length: length, role, selectors } of described) {
      assert.equal(length, 0, tag);
      assert.ok(role === '' || role === 'button', `${tag}: ${role}`);
      assert.ok(selectors.every((selector) => new RegExp(`${tag}(:nth-of-type\\(\\d+\\))?$`).test(selector)), `${tag}: ${selectors}`);
    }
  }
  assert.deepEqual(brief(stage.tap.search(['maskedblock', 'maskedbutton', 'maskedname', 'maskedtest', 'maskedtext', 'switch'])), []);
});

const ADDRESSES = {
  'neither query nor fragment by default': { query: `?a=1&secret=${SHAPES.words(28)}#/checkout`, path: '/privateplain.html', asked: null },
  'data-params: the allowed ones in the order of the list': {
    attributes: 'data-params="a,b"', query: `?b=2&secret=${SHAPES.words(28)}&a=1#/checkout`, path: '/privateplain.html', asked: 'a=1&b=2',
  },
  'what has no name is no parameter': { query: `?=${SHAPES.words(28)}&=${SHAPES.words(28)}`, path: '/privateplain.html', asked: null },
  'data-params="": the same': { attributes: 'data-params=""', query: `?=${SHAPES.words(28)}&a=${SHAPES.words(28)}`, path: '/privateplain.html', asked: null },
  'data-params: blanks in the list don\'t count': { attributes: 'data-params="a, b"', query: '?b=2&a=1', path: '/privateplain.html', asked: 'a=1&b=2' },
  'data-params: only whole names count': { attributes: 'data-params="a,b"', query: `?ab=${SHAPES.words(28)}&A=${SHAPES.words(28)}&a%20=1`, path: '/privateplain.html', asked: null },
  'data-hash="keep": a fragment that is a route is part of the path': {
    attributes: 'data-hash="keep"', query: `?secret=${SHAPES.words(28)}#/checkout`, path: '/privateplain.html#/checkout', asked: null,
  },
  'both': { attributes: 'data-hash="keep" data-params="a"', query: `?x=${SHAPES.words(28)}&a=1#/checkout`, path: '/privateplain.html#/checkout', asked: 'a=1' },
};

test('addresses are stored as the contract says', async (t) => {
  const done = await inTurns(ADDRESSES, async ({ attributes, query, ...wanted }) => {
    const stage = await theatre.stage('privateplain', { attributes, query });
    await stage.click(60, 60);
    await stage.untilFrame();
    await stage.leave();
    return { stage, ...wanted };
  }, 3);
  await testEach(t, done, ({ stage, path, asked }) => {
    assert.deepEqual(brief(stage.tap.search([SHAPES.words(28)])), []);
    assert.equal(stage.views.length, 1);
    const [view] = stage.views;
    assert.equal(view.path, path);
    assert.equal((view.query || null)?.replace(/^\?/, '') ?? null, asked);
    assert.equal(view.title || null, null, 'no title unless the site asks for it');
  });
});

// The npm package: what the tarball holds, what importing it costs, and its examples in a real Chromium before a real collector.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

import { startChromium } from './chromium.mjs';
import { newCollector, pause } from './collector.mjs';
import { listFiles, startExample, unpack } from './examples.mjs';
import { Visitor } from './visitor.mjs';

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const root = fileURLToPath(new URL('../..', import.meta.url));

let unpacked;
before(() => { unpacked = unpack(); });
after(() => unpacked?.remove());

/** Runs a module in a plain Node, in a folder where the package is installed. Returns what it printed. */
const runInNode = (source) => execFileSync(process.execPath, ['--input-type=module', '-e', source], { cwd: unpacked.folder, encoding: 'utf8' }).trim();

/** What a bundler makes of a page's code. */
async function bundle(source) {
  const { outputFiles: [file] } = await build({
    stdin: { contents: source, resolveDir: unpacked.folder }, bundle: true, format: 'esm', minify: true, write: false, logLevel: 'error',
  });
  return file.contents;
}

describe('the tarball', () => {
  test('holds the module, its types, a README and the licences, and nothing else', () => {
    assert.deepEqual(listFiles(unpacked.package), ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/index.d.ts', 'dist/index.js', 'package.json']);
    for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) assert.equal(read(`snippet/${name}`), read(name), name);
  });

  test('has the version of the collector, which the module tells it too', () => {
    const { version, license, dependencies } = JSON.parse(readFileSync(join(unpacked.package, 'package.json'), 'utf8'));
    const [, ofCargo] = /^version = "(.+)"$/m.exec(read('Cargo.toml'));
    assert.equal(version, ofCargo);
    assert.equal(license, 'MIT OR Apache-2.0');
    assert.equal(dependencies, undefined);
    assert.match(readFileSync(join(unpacked.package, 'dist/index.js'), 'utf8'), new RegExp(`mousetrail\\.js/${version.replaceAll('.', '\\.')}"`));
  });

  test('has types that a strict compiler takes, and that refuse what the module refuses', () => {
    writeFileSync(join(unpacked.folder, 'page.ts'), `
      import { createMousetrail, type Mousetrail, type Options } from "mousetrail";
      const options: Options = {
        site: "mt_key", collector: "/v1", consent: "required", sample: 0.5, tolerance: 2, respectDnt: false, params: ["q"], hash: "keep", mask: "inputs", storage: "session",
      };
      const mousetrail: Mousetrail = createMousetrail(options);
      mousetrail.start();
      mousetrail.consent(false, true);
      mousetrail.identify("customer-7");
      mousetrail.tag("variant", "B");
      mousetrail.event("add to cart", { product: 7 });
      mousetrail.stop();
      // @ts-expect-error a site is needed
      createMousetrail({ collector: "/v1" });
      // @ts-expect-error there is no such option
      createMousetrail({ site: "mt_key", collector: "/v1", consents: "required" });
      // @ts-expect-error it is "required" or nothing
      createMousetrail({ site: "mt_key", collector: "/v1", consent: true });
      // @ts-expect-error a tag has a value
      mousetrail.tag("variant");
    `);
    const options = ['--ignoreConfig', '--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2020', '--lib', 'es2020,dom', '--types', ''];
    const { status, stdout } = run(join(root, 'node_modules/typescript/bin/tsc'), [...options, 'page.ts']);
    assert.equal(status, 0, stdout);
  });
});

/** Runs a script of Node that may fail. */
function run(script, args) {
  try {
    return { status: 0, stdout: execFileSync(process.execPath, [script, ...args], { cwd: unpacked.folder, encoding: 'utf8' }) };
  } catch ({ status, stdout }) {
    return { status, stdout };
  }
}

describe('importing it', () => {
  test('adds nothing to a bundle that does not use it', async () => {
    const unused = await bundle('import { createMousetrail } from "mousetrail"; console.log(1)');
    assert.ok(unused.length < 100, `${unused.length} bytes`);
    const used = await bundle('import { createMousetrail } from "mousetrail"; createMousetrail({ site: "mt_key", collector: "/v1" }).start()');
    assert.ok(used.length > 5_000, 'it is in the bundle that uses it');
  });

  test('touches no window and no document, and on a server all calls do nothing', () => {
    const printed = runInNode(`
      const touched = [];
      const names = ["window", "document", "self", "location", "history", "screen", "localStorage", "sessionStorage", "addEventListener", "matchMedia", "WebSocket"];
      const watched = names.filter((name) => !(name in globalThis));
      for (const name of watched) Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); } });
      const before = Object.getOwnPropertyNames(globalThis).length;
      const { createMousetrail } = await import("mousetrail");
      const touchedByImport = [...touched];
      for (const name of watched) delete globalThis[name];
      const added = Object.getOwnPropertyNames(globalThis).length - before + watched.length;
      const mousetrail = createMousetrail({ site: "mt_key", collector: "/v1" });
      const answers = [mousetrail.start(), mousetrail.identify("a"), mousetrail.tag("a", "b"), mousetrail.event("a", {}),
        mousetrail.consent(true), mousetrail.consent(false, true), mousetrail.stop()];
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log(JSON.stringify([touchedByImport, added, answers.every((answer) => answer === undefined)]));
    `);
    assert.deepEqual(JSON.parse(printed), [[], 0, true]);
  });
});

describe('options', () => {
  const wrong = [
    [undefined, /site has to be the site's public key/],
    [{ collector: '/v1' }, /site has to be the site's public key/],
    [{ site: ' ', collector: '/v1' }, /site has to be .* not " "/],
    [{ site: 'mt_key' }, /collector has to be .*https:\/\/mouse\.example\.com\/v1/],
    [{ site: 'mt_key', collector: 'wss://mouse.example.com/v1' }, /collector has to be/],
    [{ site: 'mt_key', collector: 'https://' }, /collector has to be/],
    [{ site: 'mt_key', collector: '/v1', sample: 25 }, /sample has to be a number from 0 to 1, not 25/],
    [{ site: 'mt_key', collector: '/v1', sample: '0.5' }, /sample has to be a number/],
    [{ site: 'mt_key', collector: '/v1', sample: NaN }, /sample has to be a number/],
    [{ site: 'mt_key', collector: '/v1', tolerance: 0 }, /tolerance has to be a number of px from 1 to 50, not 0/],
    [{ site: 'mt_key', collector: '/v1', consent: true }, /consent has to be "required" or left out, not true/],
    [{ site: 'mt_key', collector: '/v1', consents: 'required' }, /there is no option "consents", only site, collector, consent, /],
    [{ site: 'mt_key', collector: '/v1', respectDnt: 'false' }, /respectDnt has to be true or false/],
    [{ site: 'mt_key', collector: '/v1', params: 'q' }, /params has to be a list of names/],
    [{ site: 'mt_key', collector: '/v1', params: ['q,page'] }, /params has to be a list of names without commas/],
    [{ site: 'mt_key', collector: '/v1', hash: true }, /hash has to be "keep"/],
    [{ site: 'mt_key', collector: '/v1', mask: 'none' }, /mask has to be "text" or "inputs"/],
    [{ site: 'mt_key', collector: '/v1', storage: 'local' }, /storage has to be "session"/],
    [{ site: 'mt_key', collector: '/v1', storage: 'session' }, /storage needs consent: "required"/],
  ];
  for (const [options, words] of wrong) {
    test(`${JSON.stringify(options)} is refused in words`, async () => {
      const { createMousetrail } = await import(join(unpacked.package, 'dist/index.js'));
      assert.throws(() => createMousetrail(options), (error) => error instanceof TypeError && words.test(error.message));
    });
  }

  test('that are left out, or undefined, are fine', async () => {
    const { createMousetrail } = await import(join(unpacked.package, 'dist/index.js'));
    createMousetrail({ site: 'mt_key', collector: 'https://mouse.example.com/v1', consent: undefined, sample: 0, tolerance: 1, params: [] });
  });
});

describe('the examples', () => {
  let collector, chromium;
  before(async () => {
    collector = await newCollector();
    [chromium] = await Promise.all([startChromium(), collector.start()]);
  });
  after(async () => {
    await chromium?.close();
    await collector?.stop();
  });

  /** Opens an example as a visitor who has never been there. */
  async function open(t, name) {
    const example = await startExample(unpacked, name, collector);
    t.after(() => example.close());
    const tab = await chromium.open();
    const complaints = [];
    const hear = (level, words) => /error|warn|assert/.test(level) && complaints.push(`${level}: ${words}`);
    tab.on('Runtime.consoleAPICalled', ({ type, args }) => hear(type, args.map(({ value, description }) => value ?? description).join(' ')));
    tab.on('Log.entryAdded', ({ entry: { level, text } }) => hear(level, text));
    await tab.send('Log.enable');
    await tab.go(example.url);
    const visitor = new Visitor(tab, 7);
    const rows = (sql) => collector.query(sql.replaceAll('$site', example.site));
    return {
      /** Moves to an element and clicks it. */
      async click(selector) {
        const place = await tab.evaluate(`(({ x, y, width, height }) => [Math.round(x + width / 2), Math.round(y + height / 2)])(document.querySelector('${selector}').getBoundingClientRect())`);
        await visitor.move(place);
        await visitor.click();
        await visitor.settle();
      },
      rows,
      /** Waits until a query has an answer that is fine, and returns it. */
      async until(sql, isFine, what) {
        for (const end = Date.now() + 5_000; ;) {
          const answer = rows(sql);
          if (isFine(answer)) return answer;
          assert.ok(Date.now() < end, `${what}: ${JSON.stringify(answer)}`);
          await pause(100);
        }
      },
      tab,
      url: example.url,
      async close() {
        assert.deepEqual([...tab.errors, ...complaints], [], 'no word of trouble in the console');
        await tab.close();
      },
    };
  }

  const VIEWS = 'select path, clicks, events from page_view where site_id = $site order by started_at';

  /** A visit of the shop with two routes. */
  async function shop(t, name) {
    const page = await open(t, name);
    await page.click('#sign-in');
    await pause(400);
    assert.deepEqual(page.rows(VIEWS), [], 'nothing before consent');

    await page.click('#accept');
    await page.click('#sign-in');
    await page.until(VIEWS, ([view]) => view?.events > 0, 'after consent the first events are stored');
    // The shop knows the answer now and gives it while it is put together.
    await page.tab.go(page.url);
    await page.click('#sign-in');
    await page.until(VIEWS, (views) => views[1]?.events > 0, 'who said yes before is recorded at once');
    assert.equal(page.rows(VIEWS).length, 2, 'one page view for each load, though effects run twice');
    await page.click('#teapot-1');
    await page.click('#add');
    await page.click('#home');
    await page.click('#teapot-2');
    await page.close();

    const views = await page.until(VIEWS, (views) => views.length === 5 && views[4].events > 0, 'each route is a page view');
    assert.deepEqual(views.map(({ path }) => path), ['/', '/', '/teapot/1', '/', '/teapot/2']);
    // The click that leads to another route belongs to the one that it was made on.
    assert.deepEqual(views.map(({ clicks }) => clicks), [1, 2, 2, 1, 0]);
    assert.ok(views.slice(0, 4).every(({ events }) => events > 10), JSON.stringify(views));
    const session = 'select identified_as, session_id from session where site_id = $site';
    assert.deepEqual(page.rows(`select identified_as from (${session}) s`), [{ identified_as: 'customer-7' }]);
    const once = { name: 'variant', value: 'large pictures' };
    assert.deepEqual(page.rows(`select name, value from tag join (${session}) s using (session_id)`), [once, once], 'said once in each load');
    assert.deepEqual(page.rows('select name, props from custom_event where site_id = $site'), [{ name: 'add to cart', props: { product: 1, price: 24 } }]);
  }

  test('React under StrictMode: routes are page views, and nothing is there twice', (t) => shop(t, 'react'));
  test('Vue: the same shop', (t) => shop(t, 'vue'));

  test('plain HTML without a build: recorded after consent, erased on withdrawal', async (t) => {
    const page = await open(t, 'html');
    await page.click('.add');
    await pause(400);
    assert.deepEqual(page.rows(VIEWS), [], 'nothing before consent');
    await page.click('#accept');
    await page.click('.add');
    await page.until('select 1 from pointer_event where site_id = $site', (rows) => rows.length > 0, 'after consent the first events are stored');
    await page.click('#withdraw');
    await page.until(VIEWS, (views) => views.length === 0, 'a withdrawal erases');
    await page.close();
  });
});

// The fixture sites of harmless.test.mjs: sites/<name>.html with what belongs to it, and the server. Each run has a host of its own under `localhost`,
// so that no run sees what another has stored.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

import { pause } from './collector.mjs';

const NONCE = 'bm90IGd1ZXNzYWJsZQ';
const BUILT = new URL(process.env.SNIPPET ?? '../../snippet/dist/mousetrail.js', import.meta.url);
const snippet = readFileSync(BUILT);

/** What every site has done at the end of a visit that clicked its link twice. */
const TYPICAL = { clicks: 2, fetch: 'pong', xhr: 'pong', ticks: '3', frame: 'came', event: 'heard', history: 1, moved: true, scrolled: true };
/** In a frame: the same, but it is not scrolled. */
const FRAMED = { ...TYPICAL, clicks: 1, scrolled: undefined };

/**
 * `works` is what the site says of itself after a visit, `policy` its Content-Security-Policy, `visit` what a visitor does besides moving, clicking and
 * scrolling. `inside`: what its frame says. `tags`: how many documents load the snippet. `hasStub`: `mousetrail` is there from the start. `isRefused`: the policy lets nothing through to a collector.
 * `isRecorded: false`: nothing that a collector understands comes from there.
 */
export const SITES = {
  policy: { policy: (run) => `default-src 'none'; script-src 'nonce-${NONCE}' ${run.scripts}; connect-src 'self' ${run.reach}; img-src data:; base-uri 'none'` },
  unreachable: { page: 'policy', isRefused: true, isRecorded: false, policy: (run) => `default-src 'none'; script-src 'nonce-${NONCE}' ${run.scripts}; connect-src 'self'; img-src data:` },
  frozen: { works: { frozen: true } },
  app: {
    works: { routes: 'push /app/list, push /app/item?id=7, pop /app/list, pop /app/list#part, hash /app/list#part, ', history: 1 },
    async visit({ tab, click }) {
      for (const link of ['nav a:nth-child(1)', 'nav a:nth-child(2)']) await click(link);
      await tab.evaluate("new Promise((done) => { addEventListener('popstate', done, { once: true }); history.back() })");
      await click('nav a:nth-child(3)');
    },
  },
  worker: { works: { worker: 'from the worker' } },
  jquery: { works: { delegated: 'triggered', ajax: 'pong', parsed: '3', faded: 'true', scroller: 'called' } },
  // `JSON.stringify` makes other JSON there than anybody else's, also of what the snippet says.
  prototype: { works: { json: '[1, 2]', found: 'A', observed: 2 }, isRecorded: false },
  frame: { tags: 2, works: {}, inside: [FRAMED], visit: clickInside },
  sandbox: { tags: 2, works: {}, inside: [FRAMED], visit: clickInside },
  streams: { works: { read: '70000 bytes, 11 parts', sent: 'streamed', pushed: 'event', aborted: 'AbortError' } },
  cached: {
    works: { shows: 'loaded restored ', reasons: 'null', clicks: 3 },
    async visit({ tab, click, stroll }) {
      const away = loads(tab);
      await click('#away');
      await away;
      await pause(150);
      const back = shows(tab, '/cached.html');
      await tab.evaluate('history.back()');
      await back;
      await stroll();
      await click('#act');
    },
  },
  trusted: { policy: () => "require-trusted-types-for 'script'; trusted-types own", works: { html: '<b>trusted</b>', refused: 'TypeError' } },
  written: {
    works: { written: 1, again: 1 },
    async visit({ tab, click, stroll }) {
      await tab.evaluate('writeAgain()');
      await stroll();
      await click('#act');
    },
  },
  many: { works: { nodes: 10_000, churned: '10000' } },
  socketless: { works: { sockets: 'undefined' } },
  // Calls the snippet before it is there, by the stub that stands in for it.
  queue: { hasStub: true, works: { called: 'identify, tag, event' } },
  throwing: { works: { sockets: 'no sockets on this page' } },
};

for (const site of Object.values(SITES)) site.works = { ...TYPICAL, ...site.works };

/** Clicks the link of the frame, which lies where sites/framed.html puts it. */
async function clickInside({ tab, moveTo, press }) {
  const [x, y] = await tab.evaluate("(({ x, y }) => [x, y])(document.getElementById('inner').getBoundingClientRect())");
  await moveTo([x + 60, y + 130]);
  await press([x + 60, y + 130]);
}

const once = (tab, method, isWanted = () => true) => new Promise((resolve) => tab.on(method, (params) => isWanted(params) && resolve()));
const loads = (tab) => once(tab, 'Page.loadEventFired');
const shows = (tab, path) => once(tab, 'Page.frameNavigated', ({ frame: { parentId, url } }) => !parentId && new URL(url).pathname === path);

const FILES = { '/probe.js': 'sites/probe.js', '/common.js': 'sites/common.js', '/worker.js': 'sites/worker.js' };
const PAGES = /^\/[a-z]+\.html$/;
const JAVASCRIPT = { 'content-type': 'text/javascript' };
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const read = (name) => readFileSync(new URL(name, import.meta.url));

/** How the script itself fails: what its host answers, or what the tag says of it. */
const SCRIPTS = {
  missing: (answer) => answer.writeHead(404).end(),
  broken: (answer) => answer.writeHead(500).end('broken'),
  refused: (answer) => answer.socket.destroy(),
};

/** Serves all sites. `add` gives a new run of one of them: its url, and `asked`, which collects the requests that its hosts get. */
export async function startSites() {
  const runs = new Map();
  const server = createServer((request, answer) => {
    const { hostname, pathname, searchParams } = new URL(request.url, `http://${request.headers.host}`);
    const [name] = hostname.split('.').slice(-2);
    const run = runs.get(name);
    if (!run) return answer.writeHead(404).end();
    run.asked.push(`${request.method} ${hostname.replace(name, 'run')} ${pathname}`);
    if (pathname === '/mousetrail.js') return serveSnippet(run, answer);
    if (PAGES.test(pathname)) return answer.writeHead(200, { ...HTML, ...run.headers }).end(fill(read(`sites${pathname}`).toString(), run));
    if (FILES[pathname]) return answer.writeHead(200, JAVASCRIPT).end(fill(read(FILES[pathname]).toString(), run));
    if (pathname === '/jquery.js') return answer.writeHead(200, JAVASCRIPT).end(readFileSync(createRequire(import.meta.url).resolve('jquery/dist/jquery.js')));
    answerApi(pathname, searchParams, answer);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    add(name, site, { collector, key, script, isPatient } = {}) {
      const host = `${name}.localhost:${port}`;
      const scripts = `http://scripts.${host}`;
      const page = `${site.page ?? name.split('-')[0]}.html`;
      const run = { name, host, scripts, script, isPatient, asked: [], url: `http://${host}/${page}`, other: `http://other.${host}`, away: `http://${host}/away.html` };
      run.reach = collector ? `${collector} ${collector.replace('http', 'ws')}` : '';
      run.tag = collector ? tagOf(run, collector, key) : '';
      run.headers = site.policy ? { 'content-security-policy': site.policy(run) } : {};
      runs.set(name, run);
      return run;
    },
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

function tagOf({ scripts, script }, collector, key) {
  const hash = createHash('sha384').update(script === 'altered' ? 'something else' : snippet).digest('base64');
  const integrity = script === 'altered' || script === 'pinned' ? ` integrity="sha384-${hash}" crossorigin="anonymous"` : '';
  return `<script defer nonce="${NONCE}" src="${scripts}/mousetrail.js" data-site="${key}" data-collector="${collector}/v1"${integrity}></script>`;
}

function fill(html, run) {
  const values = { snippet: run.tag, written: JSON.stringify(run.tag).replaceAll('</', '<\\/'), nonce: NONCE, other: run.other, random_most: run.isPatient ? 1 : 0.15 };
  return html.replace(/\{\{(\w+)\}\}/g, (_, key) => values[key]);
}

function serveSnippet({ script }, answer) {
  if (SCRIPTS[script]) return SCRIPTS[script](answer);
  answer.writeHead(200, { ...JAVASCRIPT, 'access-control-allow-origin': '*' }).end(snippet);
}

/** What the sites ask of their own server. A sandboxed frame is of no origin, so it needs to be allowed. */
function answerApi(pathname, searchParams, answer) {
  answer.setHeader('access-control-allow-origin', '*');
  answer.setHeader('access-control-allow-headers', 'x-site');
  const answers = {
    '/api/pong': () => answer.end('pong'),
    '/api/json': () => answer.writeHead(200, JAVASCRIPT).end(`${searchParams.get('callback')}({"numbers":[1,2,3]})`),
    '/api/stream': () => {
      for (let i = 0; i < 10; i++) setTimeout(() => answer.write('line'.padEnd(7_000, '.')), 10 * i);
      setTimeout(() => answer.end(), 100);
    },
    '/api/events': () => answer.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: event\n\n'),
    '/api/never': () => {},
  };
  if (answers[pathname]) answers[pathname]();
  else answer.writeHead(404).end();
}

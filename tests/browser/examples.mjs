// The examples of the npm package as their readers get them: built from the tarball that `npm pack` makes, with nothing downloaded.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/** Packs the package and unpacks it into the node_modules of a new folder, beside the root's React, Vue and esbuild. */
export function unpack() {
  const folder = mkdtempSync(join(tmpdir(), 'mousetrail-package-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'mousetrail'), { recursive: true });
  const tarball = execFileSync('npm', ['pack', '--silent', '--offline', '--pack-destination', folder], {
    cwd: join(ROOT, 'snippet'), encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  execFileSync('tar', ['xzf', join(folder, tarball), '--strip-components=1', '-C', join(modules, 'mousetrail')]);
  for (const name of ['react', 'react-dom', 'scheduler', 'vue', '@vue', 'esbuild']) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  return { folder, package: join(modules, 'mousetrail'), remove: () => rmSync(folder, { recursive: true }) };
}

/** The paths of all files below a folder. */
export function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Copies one example into an unpacked folder, fills in the key and the collector, builds it, and serves it. */
export async function startExample({ folder }, name, collector) {
  const app = join(folder, name);
  cpSync(join(ROOT, 'snippet/examples', name), app, { recursive: true });
  // As `npm install` in the example would leave it, for the page that has no build.
  symlinkSync(join(folder, 'node_modules'), join(app, 'node_modules'));
  const server = createServer((asked, answer) => {
    const path = join(app, new URL(asked.url, 'http://example').pathname);
    // Routes of the app are made in the browser.
    const file = statSync(path, { throwIfNoEntry: false })?.isFile() ? path : join(app, 'index.html');
    answer.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain' }).end(readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;

  const key = collector.addSite(url);
  for (const file of readdirSync(app).filter((file) => /\.(jsx?|vue)$/.test(file))) {
    const source = readFileSync(join(app, file), 'utf8');
    writeFileSync(join(app, file), source.replace('PUBLIC_KEY', key).replace('https://mouse.example.com', collector.url));
  }
  if (readdirSync(app).includes('build.mjs')) execFileSync(process.execPath, ['build.mjs'], { cwd: app });
  return { url, site: collector.query('select max(site_id) as id from site')[0].id, close: () => server.closeAllConnections() ?? server.close() };
}

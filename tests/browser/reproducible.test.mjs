// What browsers load is the same bytes wherever, whenever and by whomever it is built, and brings nobody else's code along.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const NEEDED = ['build.mjs', 'package.json', 'tsconfig.json', 'snippet', 'templates/assets'];
const BUILT = ['snippet/dist', 'templates/assets/dist'];
const temporary = mkdtempSync(join(tmpdir(), 'mousetrail-build-'));
chmodSync(temporary, 0o755);

after(() => rmSync(temporary, { recursive: true, force: true }));

/** Another user than root, if it can be had here and may read the build's tools. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const canBeNobody = process.getuid?.() === 0
  && spawnSync(process.execPath, ['-e', 'require("esbuild").transformSync("")'], { cwd: root, ...NOBODY, env: { PATH: process.env.PATH } }).status === 0;

/** Builds a copy of the tree and gives the SHA-256 of each file that came out of it. */
function build(folder, { umask, environment, user = {} }) {
  const copy = join(temporary, folder);
  for (const name of NEEDED) cpSync(join(root, name), join(copy, name), { recursive: true });
  for (const name of BUILT) rmSync(join(copy, name), { recursive: true, force: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  if (user.uid) execFileSync('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
  execFileSync('sh', ['-c', `umask ${umask} && exec "$0" build.mjs`, process.execPath], {
    cwd: copy, env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'ignore', 'inherit'], ...user,
  });
  return hashes(copy);
}

const hashes = (tree) => Object.fromEntries(BUILT.flatMap((folder) => readdirSync(join(tree, folder)).sort().map((name) => [
  `${folder}/${name}`, createHash('sha256').update(readFileSync(join(tree, folder, name))).digest('hex'),
])));

test('two builds in two folders, by two users, at two times give the same bytes, and those are committed', () => {
  mkdirSync(join(temporary, 'deep/er'), { recursive: true });
  const one = build('one', { umask: '022', environment: { SOURCE_DATE_EPOCH: '1', USER: 'ada', HOME: temporary, TZ: 'UTC', LANG: 'C' } });
  const other = build('deep/er/another one', {
    umask: '077',
    environment: { SOURCE_DATE_EPOCH: '2000000000', USER: 'grace', HOME: '/', TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', NODE_ENV: 'production' },
    user: canBeNobody ? NOBODY : {},
  });
  assert.ok(Object.keys(one).includes('snippet/dist/mousetrail.js'));
  assert.deepEqual(other, one);
  assert.deepEqual(one, hashes(root));
  console.log(`${Object.keys(one).length} files, second user ${canBeNobody ? 'nobody' : 'by name only'}, snippet sha256 ${one['snippet/dist/mousetrail.js']}`);
});

test('there are no run-time dependencies', () => {
  const packages = ['package.json', 'snippet/package.json'].filter((name) => existsSync(join(root, name)));
  for (const name of packages) {
    const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, bundleDependencies = [], scripts = {} } = JSON.parse(readFileSync(join(root, name)));
    assert.deepEqual({ ...dependencies, ...optionalDependencies, ...peerDependencies, ...bundleDependencies }, {}, name);
    // Whoever installs it runs nothing of ours.
    assert.deepEqual(Object.keys(scripts).filter((script) => /^(pre|post)?install$/.test(script)), [], name);
  }
  const built = readFileSync(join(root, 'snippet/dist/mousetrail.js'), 'utf8');
  assert.doesNotMatch(built, /\bimport\s*\(|\brequire\s*\(|importScripts|createElement\(["'`]script|\beval\(|new Function|https?:\/\//);
});

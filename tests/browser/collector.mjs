// The real binary on a private Postgres of its own, for tests that kill and restart it.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BINARY = process.env.MOUSETRAIL ?? 'target/debug/mousetrail';

/** A port that nobody listens on at the moment. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Makes a collector; `start()` it. */
// All visitors of a test come from one address.
const MANY = ['--posts-per-second', '10000', '--page-views-per-minute', '1000000', '--max-connections-per-address', '1000', '--max-connections-per-prefix', '1000'];

export async function newCollector() {
  const folder = mkdtempSync(join(tmpdir(), 'mt-'));
  // Postgres runs as a user of its own when we are root.
  execFileSync('chmod', ['755', folder]);
  const port = await freePort();
  const environment = { ...process.env, MOUSETRAIL_DATA_DIR: join(folder, 'data'), MOUSETRAIL_LISTEN: `127.0.0.1:${port}`, DATABASE_URL: '' };
  const run = (...args) => execFileSync(BINARY, args, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  let child;
  let said = '';
  const collector = {
    url: `http://127.0.0.1:${port}`,
    port,
    /** Starts it and waits until it is ready. */
    async start() {
      child = spawn(BINARY, ['serve', ...MANY], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
      child.stderr.setEncoding('utf8');
      child.stderr.on('data', (text) => { said += text; });
      const until = Date.now() + 60_000;
      for (;;) {
        const answer = await fetch(`${collector.url}/health/ready`).catch(() => undefined);
        if (answer?.ok) return;
        if (child.exitCode !== null || Date.now() > until) throw new Error(`the collector is not ready:\n${said}`);
        await pause(50);
      }
    },
    /** kill -9, as a power cut would. */
    async kill() {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
    /** All that it has said so far. */
    get said() { return said; },
    /** Creates a site and returns its key. */
    addSite: (origin) => JSON.parse(run('site', 'add', 'Test', '--origin', origin, '--json')).key,
    run,
    /** Rows of a query as the read-only role. */
    query: (sql) => JSON.parse(run('psql', '--', '-At', '-c', `select coalesce(json_agg(t), '[]') from (${sql}) t`)),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.on('exit', resolve));
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
  return collector;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// The wiretap itself: what isn't there is only worth something if what is there would have been found.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { canaries, COUNT, ends, SHAPES } from './canaries.mjs';
import { startChromium } from './chromium.mjs';
import { pause } from './collector.mjs';
import { startPages } from './servers.mjs';
import { Listener, startWiretap } from './wiretap.mjs';

let sink, chromium;

/** Takes whatever comes. */
async function startSink() {
  const server = createServer((asked, answer) => {
    asked.resume().on('end', () => answer.writeHead(200, { 'access-control-allow-origin': '*' }).end('[]'));
  });
  server.on('upgrade', (asked, socket) => {
    const accept = createHash('sha1').update(`${asked.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n\r\n`);
    socket.on('error', () => {}).resume();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.closeAllConnections() ?? server.close() };
}

before(async () => {
  sink = await startSink();
  chromium = await startChromium();
});

after(async () => {
  await chromium?.close();
  sink?.close();
});

const WAYS = [
  'plain', 'UTF-16', 'base64', 'base64 out of step', 'percent-encoded', 'reversed', 'gzip', 'a beacon', 'a keepalive POST', 'the path', 'the query',
  'a header', 'capitals', 'hex', 'base64 of percent-encoded', 'JSON escapes', 'a binary message', 'a message of many frames', 'two messages',
];

for (const shape of Object.keys(SHAPES)) {
  test(`a page that tells on purpose is heard in every disguise (${shape})`, async (t) => {
    const tap = await startWiretap(sink.url);
    const pages = await startPages({ collector: tap.url });
    t.after(() => {
      tap.close();
      pages.close();
    });
    const told = WAYS.map((_, i) => SHAPES[shape](i + 1));
    const tab = await chromium.open(`${pages.url}/privateleak.html`);
    await tab.evaluate(`tell(${JSON.stringify(told)})`);
    await tab.close();
    await pause(200);
    assert.deepEqual(tap.unread, []);
    // By message, so that a text isn't only found in the raw bytes, where no mask and no gzip hides it.
    const messages = tap.searchAmong(tap.messages, told);
    const deaf = WAYS.filter((_, i) => !messages.some(({ text }) => text === told[i]));
    assert.deepEqual(deaf, [], `of ${tap.messages.length} messages`);
    assert.deepEqual(tap.search(ends({ other: SHAPES[shape](COUNT) })), [], 'what was not told is not heard');
  });
}

test('a text in the raw bytes alone is heard too, and what is not understood is said', () => {
  const heard = [];
  const unread = [];
  const listener = new Listener((message) => heard.push(message), (why) => unread.push(why));
  listener.hear(Buffer.from('GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nContent-Le'));
  listener.hear(Buffer.from('ngth: 4\r\n\r\nab'));
  assert.deepEqual(heard.map(({ path }) => path), ['/a']);
  listener.hear(Buffer.from('cd'));
  assert.deepEqual(heard.map(({ path, body }) => [path, body.toString()]), [['/a', ''], ['/b', 'abcd']]);
  listener.hear(Buffer.from('rubbish\r\n\r\n'));
  assert.equal(unread.length, 1);
  listener.hear(Buffer.from('POST /c HTTP/1.1\r\nContent-Length: 9\r\n\r\nab'));
  listener.end();
  assert.equal(unread.length, 2);
});

test('the canaries are what they are said to be', () => {
  const { digits, words } = { digits: Object.values(canaries('digits')), words: Object.values(canaries('words')).slice(0, COUNT) };
  assert.equal(COUNT, 40);
  assert.equal(new Set(ends({ ...words })).size, 80, 'no two words begin or end alike');
  assert.equal(new Set(digits).size, 49);
  for (const word of words) assert.ok(/^[a-z]{9,}$/.test(word) && !/[^aeiouy]{4}/.test(word), `${word} passes as a word`);
});

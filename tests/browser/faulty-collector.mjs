// Collectors as they should not be: one that hangs, one that fails, one that talks rubbish. Each is made for one visit.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

/** `connections` counts what a client opened, `rubbish` names what it was given. */
const makers = { down, hanging, failing, rubbish };

/** `only` names the one kind of rubbish that it always sends. Otherwise they take turns, over all of these collectors, so that short visits see each of them. */
export const startFaultyCollector = (fault, { only } = {}) => makers[fault](only);

async function serve(server) {
  const sockets = new Set();
  const faulty = { connections: 0, rubbish: [] };
  server.on('connection', (socket) => {
    faulty.connections++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  faulty.url = `http://127.0.0.1:${server.address().port}`;
  faulty.close = () => {
    server.close();
    sockets.forEach((socket) => socket.destroy());
  };
  return faulty;
}

/** Nobody listens. */
async function down() {
  const faulty = await serve(createTcpServer());
  faulty.close();
  return { ...faulty, close() {} };
}

/** Accepts, and never says a word. */
function hanging() {
  return serve(createTcpServer());
}

/** Answers everything with 500 and without CORS headers, as a proxy does whose collector is broken. */
function failing() {
  const server = createServer((_, answer) => answer.writeHead(500).end('broken'));
  server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
  return serve(server);
}

let upgrades = 0;
let requests = 0;

async function rubbish(only) {
  const upgradeActs = UPGRADES.filter(([name]) => !only || name === only);
  const server = createServer();
  const faulty = await serve(server);
  server.on('upgrade', (request, socket) => {
    const [name, act] = upgradeActs[upgrades++ % upgradeActs.length];
    faulty.rubbish.push(name);
    act(socket, request);
  });
  server.on('request', (request, answer) => {
    // Read to its end: the browser wants to see its body gone.
    request.resume().on('end', () => {
      const [name, act] = REQUESTS[requests++ % REQUESTS.length];
      faulty.rubbish.push(name);
      act(answer);
    });
  });
  return faulty;
}

const JUNK = Buffer.from(Array.from({ length: 600 }, (_, i) => (i * 151 + (i >> 3) * 29) & 255));

/** JSON and no JSON; known types with fields that are missing, of a wrong type or out of all bounds; types that nobody knows. */
export const MESSAGES = [
  '', 'null', 'true', '7', '"ack"', '[]', '{}', '[null]', '{', 'ack', '\u0000', '{"type":null}', '{"type":{}}', '{"type":"__proto__"}', '{"__proto__":{"n":0}}',
  '{"type":"ack"}', '{"type":"ack","n":{}}', '{"type":"ack","n":0}', '{"type":"ack","n":0,"seq":{}}', '{"type":"ack","n":0,"seq":-1}', '{"type":"ack","n":"0","seq":1e999}',
  '{"type":"welcome"}', '{"type":"welcome","n":0}', '{"type":"welcome","n":0,"id":{},"token":[],"acked":"x"}', '{"type":"welcome","n":65536,"id":"1","token":"t","acked":0}',
  '{"type":"slow"}', '{"type":"slow","level":1e9}', '{"type":"slow","level":-1e9}', '{"type":"slow","level":{}}', '{"type":"slow","level":"4"}',
  '{"type":"watch"}', '{"type":"watch","on":"perhaps"}', '{"type":"watch","on":false}',
  '{"type":"nack"}', '{"type":"nack","n":0,"retry":true}', '{"type":"nack","n":0,"seq":99,"retry":true}', '{"type":"nack","n":0,"seq":{},"retry":"yes"}', '{"type":"nack","n":9}',
  '{"type":"error"}', '{"type":"error","code":{}}', '{"type":"error","code":1e9}', '{"type":"toString"}', '{"type":"hello"}', `{"type":"${'x'.repeat(100_000)}"}`,
];

/** A WebSocket frame of a server: not masked unless told so. */
function frame(opcode, payload, first = 0x80) {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [bytes.length] : bytes.length < 65_536 ? [126, bytes.length >> 8, bytes.length & 255]
    : [127, 0, 0, 0, 0, bytes.length >>> 24, (bytes.length >> 16) & 255, (bytes.length >> 8) & 255, bytes.length & 255];
  return Buffer.concat([Buffer.from([first | opcode, ...length]), bytes]);
}

function accept(socket, { headers }, key = headers['sec-websocket-key']) {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write([
    'HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${proof}`,
    'Sec-WebSocket-Protocol: mousetrail.v1', '', '',
  ].join('\r\n'));
}

/** Accepts, says all this one after the other, and hangs up a little later, so that the next kind gets its turn. */
const saying = (...frames) => (socket, request) => {
  accept(socket, request);
  frames.forEach((bytes) => socket.write(bytes));
  setTimeout(() => socket.end(), 150);
};
const texts = (...messages) => messages.map((message) => frame(1, message));

/** Welcomes page 0 as it should, and then says something. */
const welcoming = (...messages) => saying(...texts('{"type":"welcome","n":0,"id":"1","token":"t","acked":0}', ...messages));

const UPGRADES = [
  ['messages that mean nothing', saying(...texts(...MESSAGES))],
  ['bytes for an HTTP answer', (socket) => socket.end(JUNK)],
  ['a drain into the past', welcoming('{"type":"drain","after_ms":-5}')],
  ['a wrong proof', (socket, request) => (accept(socket, request, 'wrong'), socket.end())],
  ['reserved bits', saying(frame(1, 'x', 0xf0))],
  ['a drain without a time', welcoming('{"type":"drain"}')],
  ['bytes for a frame', saying(JUNK)],
  ['binary messages', saying(frame(2, JUNK), frame(2, ''))],
  ['a welcome and messages that mean nothing', welcoming(...MESSAGES)],
  ['a masked frame', saying(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5]))],
  ['a length beyond all bounds', saying(Buffer.from([0x81, 127, 0x7f, 255, 255, 255, 255, 255, 255, 255]))],
  ['text that is not UTF-8', saying(frame(1, Buffer.from([0xc3, 0x28])))],
  ['an odd close code', saying(frame(8, Buffer.from([0x13, 0x87])))],
  ['a drain for ever', welcoming('{"type":"drain","after_ms":1e300}')],
  ['a close at once', welcoming()],
  ['the word to stop, after a refusal', welcoming('{"type":"nack","n":0,"retry":false,"reason":7}', '{"type":"error","code":4001}')],
];

/** Answers to POSTs. With CORS headers, because without them a script never sees the answer. */
const answering = (status, body, more = {}) => (answer) => answer.writeHead(status, { 'access-control-allow-origin': '*', ...more }).end(body);

const REQUESTS = [
  ['control messages that mean nothing', answering(200, `[${MESSAGES.filter(isJson).join()}]`)],
  ['HTML', answering(200, '<!doctype html><h1>It works!</h1>', { 'content-type': 'text/html' })],
  ['bytes for an answer', (answer) => answer.socket.end(JUNK)],
  ['nothing at all', answering(204)],
  ['an answer that ends too soon', (answer) => (answering(200, '[', { 'content-length': 100 })(answer), answer.socket.end())],
  ['gzip that is none', answering(200, JUNK, { 'content-encoding': 'gzip' })],
  ['a redirect to itself', answering(307, '', { location: '/v1/post' })],
  ['an array in an array', answering(200, '[[[{"type":"ack"}]],null]')],
  ['a status that nobody knows', answering(799, '{"type":"error","code":"4001"}')],
  ['a teapot', answering(418, 'null')],
];

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The names of all kinds of rubbish. */
export const RUBBISH = [...UPGRADES, ...REQUESTS].map(([name]) => name);

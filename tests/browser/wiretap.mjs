// A wire with an ear on it: a TCP proxy between the browser and the collector that keeps every byte that the browser sends, takes requests, WebSocket
// messages and gzip apart, and looks for texts in whatever disguise they may travel.
import { connect, createServer } from 'node:net';
import { gunzipSync } from 'node:zlib';

/**
 * Hands everything on to the collector at `target`. With `blocksSockets` it refuses upgrades, as a company's proxy does; with
 * `addsHeader` it adds a line to the head of each request, as a browser's settings may; with `answersAfterMs` the collector seems far away.
 * `messages` holds what the browser said, in order: requests (`kind` "request", with method, path, head and body) and WebSocket messages (`kind`
 * "text", "binary", "close", "ping" or "pong"), each with its time `at` (Unix ms), the number of its connection, and `body`, unmasked and inflated.
 */
export async function startWiretap(target, { blocksSockets = false, addsHeader, answersAfterMs } = {}) {
  const { hostname, port } = new URL(target);
  const messages = [];
  const connections = [];
  const sockets = new Set();
  /** What the ear couldn't understand. A test has to see that this stays empty: what isn't understood isn't searched well. */
  const unread = [];

  const server = createServer((browser) => {
    const number = connections.length;
    const heard = { chunks: [], times: [] };
    connections.push(heard);
    const onward = connect(Number(port), hostname);
    for (const socket of [browser, onward]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => browser.destroy() && onward.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    let isRefused = false;
    const listener = new Listener((message) => {
      messages.push({ at: Date.now(), connection: number, ...message });
      if (message.isUpgrade && blocksSockets) isRefused = true;
    }, (why) => unread.push(`connection ${number}: ${why}`));
    browser.on('data', (bytes) => {
      heard.chunks.push(bytes);
      heard.times.push(Date.now());
      listener.hear(bytes);
      if (isRefused) browser.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      else onward.write(addsHeader ? withHeader(bytes, addsHeader) : bytes);
    });
    browser.on('end', () => {
      listener.end();
      onward.end();
    });
    if (!answersAfterMs) onward.pipe(browser);
    else onward.on('data', (bytes) => setTimeout(() => browser.write(bytes), answersAfterMs));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

  const tap = {
    url: `http://127.0.0.1:${server.address().port}`,
    messages,
    unread,
    /** Requests, but for those of the script itself. */
    get requests() { return messages.filter(({ kind, path }) => kind === 'request' && !/\/mousetrail[^/]*\.js$/.test(path)); },
    /** Everything that the browser said except that it asked for the script. */
    get said() { return messages.filter(({ kind, path }) => kind !== 'request' || !/\/mousetrail[^/]*\.js$/.test(path)); },
    /** How many bytes came after a time (Unix ms), understood or not. */
    bytesAfter(at) {
      return connections.flatMap(({ chunks, times }) => chunks.filter((_, i) => times[i] > at)).reduce((sum, { length }) => sum + length, 0);
    },
    /** Pointer frames, over the socket and in POSTs. */
    get frames() { return messages.flatMap(framesIn); },
    /** The hellos and pages, over the socket and in POSTs. */
    get hellos() { return messages.flatMap(hellosIn); },
    /** Which of the texts the browser sent, in any of the disguises: [{text, disguise, where}]. Empty is what one hopes for. */
    search: (texts) => searchIn(haystacks(messages, connections), texts),
    /** The same, in these messages only. */
    searchAmong: (some, texts) => searchIn(haystacks(some, []), texts),
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
  return tap;
}

/** Takes apart what a browser sends on one connection: HTTP/1.1 requests, and after an upgrade WebSocket frames. No I/O. */
export class Listener {
  constructor(onMessage, onUnread) {
    this.onMessage = onMessage;
    this.onUnread = onUnread;
    this.rest = Buffer.alloc(0);
    this.isSocket = false;
    /** The begun WebSocket message. */
    this.begun = undefined;
  }

  hear(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    while (this.isSocket ? this.hearFrame() : this.hearRequest());
  }

  end() {
    if (this.rest.length) this.onUnread(`${this.rest.length} bytes at the end are no whole message`);
    if (this.begun) this.onUnread('the last WebSocket message has no end');
  }

  hearRequest() {
    const end = this.rest.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.rest.toString('latin1', 0, end);
    const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n/.exec(`${head}\r\n`) ?? [];
    if (!method) return this.giveUp(`not a request: ${head.slice(0, 80)}`);
    const header = (name) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1].trim();
    if (header('transfer-encoding')) return this.giveUp('a chunked body');
    const length = Number(header('content-length') ?? 0);
    const from = end + 4;
    if (this.rest.length < from + length) return false;
    const sent = this.rest.subarray(from, from + length);
    this.rest = this.rest.subarray(from + length);
    const isUpgrade = /websocket/i.test(header('upgrade') ?? '');
    this.isSocket = isUpgrade;
    this.onMessage({ kind: 'request', method, path, head, header, body: this.inflate(sent), isGzip: isGzip(sent), isUpgrade });
    return true;
  }

  hearFrame() {
    const { rest } = this;
    if (rest.length < 2) return false;
    const [first, second] = rest;
    const opcode = first & 15;
    // The extension that would compress isn't offered by the collector.
    if (first & 112) return this.giveUp('a WebSocket frame with an extension');
    if (!(second & 128)) return this.giveUp('a WebSocket frame without a mask');
    const short = second & 127;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (rest.length < 6 + lengthBytes) return false;
    const length = short === 126 ? rest.readUInt16BE(2) : short === 127 ? Number(rest.readBigUInt64BE(2)) : short;
    const from = 6 + lengthBytes;
    if (rest.length < from + length) return false;
    const mask = rest.subarray(from - 4, from);
    const body = Buffer.from(rest.subarray(from, from + length));
    for (let i = 0; i < length; i += 1) body[i] ^= mask[i % 4];
    this.rest = rest.subarray(from + length);
    if (opcode >= 8) {
      this.onMessage({ kind: { 8: 'close', 9: 'ping', 10: 'pong' }[opcode] ?? 'unknown', body });
      return true;
    }
    this.begun = opcode ? { opcode, parts: [body] } : { ...this.begun, parts: [...(this.begun?.parts ?? []), body] };
    if (first & 128) {
      const whole = Buffer.concat(this.begun.parts);
      this.onMessage({ kind: this.begun.opcode === 1 ? 'text' : 'binary', body: this.inflate(whole), isGzip: isGzip(whole) });
      this.begun = undefined;
    }
    return true;
  }

  inflate(bytes) {
    if (!isGzip(bytes)) return bytes;
    try {
      return gunzipSync(bytes);
    } catch (error) {
      this.onUnread(`a broken gzip: ${error.message}`);
      return bytes;
    }
  }

  giveUp(why) {
    this.onUnread(why);
    this.rest = Buffer.alloc(0);
    return false;
  }
}

/** Browsers begin each request with a packet of its own. */
function withHeader(bytes, line) {
  const [first] = /^[A-Z]+ \S+ HTTP\/1\.1\r\n/.exec(bytes.toString('latin1')) ?? [];
  return first ? Buffer.concat([bytes.subarray(0, first.length), Buffer.from(`${line}\r\n`), bytes.subarray(first.length)]) : bytes;
}

const isGzip = (bytes) => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** The body of a POST: docs/protocol.md section 5. */
export function packEnvelope(hello, frames) {
  const parts = [Buffer.from(hello), ...frames];
  return Buffer.concat(parts.flatMap((part) => {
    const length = [];
    for (let rest = part.length; ; rest >>>= 7) {
      length.push(rest > 127 ? (rest & 127) | 128 : rest);
      if (rest <= 127) break;
    }
    return [Buffer.from(length), part];
  }));
}

/** The parts of a POST envelope: the hello and the frames. undefined for what is none. */
function openEnvelope({ kind, method, path, body }) {
  if (kind !== 'request' || method !== 'POST' || !path.endsWith('/post')) return undefined;
  const parts = [];
  for (let at = 0; at < body.length;) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at];
      at += 1;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
      if (byte === undefined) return undefined;
    }
    parts.push(body.subarray(at, at + length));
    at += length;
  }
  return parts;
}

function framesIn(message) {
  if (message.kind === 'binary') return [message.body];
  return openEnvelope(message)?.slice(1) ?? [];
}

function hellosIn(message) {
  if (message.kind === 'text') return [JSON.parse(message.body)];
  const [hello] = openEnvelope(message) ?? [];
  return hello ? [JSON.parse(hello)] : [];
}

/** What to search in: each message by itself, and what follows each other on a connection joined, in case a text was cut in two. */
function haystacks(messages, connections) {
  const found = messages.map(({ kind, method, path, head, body }, i) => ({
    where: kind === 'request' ? `${i}: ${method} ${path}` : `${i}: ${kind} message`,
    bytes: head ? Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body]) : body,
  }));
  for (const number of new Set(messages.map(({ connection }) => connection))) {
    const bodies = messages.filter(({ connection, kind }) => connection === number && kind !== 'request').map(({ body }) => body);
    found.push({ where: `the messages of connection ${number}, joined`, bytes: Buffer.concat(bodies) });
  }
  connections.forEach(({ chunks }, i) => found.push({ where: `the raw bytes of connection ${i}`, bytes: Buffer.concat(chunks) }));
  return found;
}

/** Looks for texts, in upper and lower case, in the bytes as they are and as they would be decoded; up to two disguises over one another. */
function searchIn(stacks, texts) {
  const found = [];
  const needles = texts.flatMap((text) => {
    const plain = text.toLowerCase();
    const reversed = [...plain].reverse().join('');
    const wide = (of) => Array.from(of).join('\0');
    return [[text, plain, 'UTF-8'], [text, wide(plain), 'UTF-16'], [text, reversed, 'reversed UTF-8'], [text, wide(reversed), 'reversed UTF-16']];
  });
  for (const { where, bytes } of stacks) {
    for (const [disguise, view] of views(bytes.toString('latin1'))) {
      const lower = view.toLowerCase();
      for (const [text, needle, form] of needles) {
        if (lower.includes(needle)) found.push({ text, disguise: disguise ? `${disguise} of ${form}` : form, where });
      }
    }
  }
  return found;
}

const latin1 = (text, encoding) => Buffer.from(text, encoding).toString('latin1');
const DISGUISES = {
  percent: (view) => (view.includes('%') ? view.replace(/%([0-9a-f]{2})/gi, (_, hex) => latin1(hex, 'hex')) : ''),
  escape: (view) => (view.includes('\\u') ? view.replace(/\\u00([0-9a-f]{2})/gi, (_, hex) => latin1(hex, 'hex')) : ''),
  // Nobody knows where a run of base64 begins when it stands behind other letters, so it is read from each of four places.
  base64: (view) => (view.match(/[A-Za-z0-9+/_-]{10,}/g) ?? []).flatMap((run) => [0, 1, 2, 3].map((from) => latin1(run.slice(from), 'base64'))).join('\n'),
  // base64 of reversed text is one thing, reversed base64 another.
  'reversed base64': (view) => DISGUISES.base64([...view].reverse().join('')),
  hex: (view) => (view.match(/[0-9a-f]{16,}/gi) ?? []).flatMap((run) => [run, run.slice(1)].map((part) => latin1(part, 'hex'))).join('\n'),
};

/** A text as it is, and decoded in each way. */
function views(text, depth = 2) {
  const found = [['', text]];
  if (depth === 0) return found;
  for (const [name, decode] of Object.entries(DISGUISES)) {
    const decoded = decode(text);
    if (!decoded || decoded === text) continue;
    for (const [inner, view] of views(decoded, depth - 1)) found.push([inner ? `${name} of ${inner}` : name, view]);
  }
  return found;
}

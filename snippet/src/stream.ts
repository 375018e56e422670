/** The only part that sends: over the socket, or where that is blocked by POST. docs/protocol.md says what and when. */
import { quiet } from "./bind";
import { frames, settle, type Held } from "./buffer";
import {
  ACK_TIMEOUT_MS, BLOCKED_TRIES, POST_BYTES, RECONNECT_FIRST_MS, RECONNECT_MAX_MS, SOCKET_BYTES, WELCOME_TIMEOUT_MS, type Config,
} from "./config";
import { packEnvelope } from "./envelope";
import { measurePage, type PageView } from "./page";

/** What the collector asks of the other parts. */
export interface Orders {
  slow(level: number): void;
  watch(isOn: boolean): void;
  /** For good. */
  stop(): void;
}

/** A control message of the collector. Which fields it has depends on its type. */
interface Message {
  type: string;
  n: number;
  id: string;
  token: string;
  acked: number;
  seq?: number;
  retry: boolean;
  reason: string;
  level: number;
  on: boolean;
  after_ms: number;
  code: number;
}

const AGENT = "mousetrail.js/0.1.0";
const HELLO_PAGES = 16;
/** From here on close codes mean that the collector isn't to be asked again. */
const FINAL = 4000;
/** Close codes for mistakes of ours, which a quick retry would only repeat. */
const MISTAKES = /10(02|03|07|09)/;

/** How far the connection in use has come. */
const enum Stage { Closed, Open, Welcomed }

let config: Config;
/** The page view that is being recorded; undefined while nothing is to be sent. */
let current: PageView | undefined;
let orders: Orders;
let socket: WebSocket | undefined;
/** What the connection in use has carried: frames, introductions of page views, and (by their `about`) welcomes. */
let carried = /* @__PURE__ */ new WeakSet<Held | PageView | PageView["about"]>();
let stage: Stage = 0;
/** With a socket: when to give up waiting for an answer. Without: when to connect again. */
let timer: ReturnType<typeof setTimeout> | undefined;
let tries = 0;
let failedOpens = 0;
let isPosting = false;
/** The newest POST went through, so the collector is there. */
let hasPosted = false;
/** The page views that the collector may know. */
let introduced = /* @__PURE__ */ new Set<PageView>();

/** Sends for a page view from now on, besides what still waits of those before. */
export function startStream(of: Config, page: PageView, by: Orders): void {
  config = of;
  current = page;
  orders = by;
  wake();
}

export function stopStream(): void {
  current = undefined;
  close();
  tries = failedOpens = 0;
}

/** There may be something new to send. */
export function wake(): void {
  if (!current) return;
  pump();
  // While POST fails too, it is tried along with the socket.
  if (isBlocked() && hasPosted) post();
  if (!timer) connect();
}

/** The page goes away: posts what isn't acknowledged, then closes the socket. `wake` brings everything back. */
export function leave(): void {
  post(true);
  close();
}

/** Asks the collector to erase what this load of the page has sent. */
export function forget(): void {
  const all = [...introduced];
  while (all.length) {
    const asked = all.splice(0, HELLO_PAGES);
    const body = packEnvelope(hello(asked, true), [], POST_BYTES);
    asked.forEach((page) => introduced.delete(page));
    // What didn't arrive can be asked again.
    request(body, true).then(({ ok }) => ok || Promise.reject()).catch(() => asked.forEach((page) => introduced.add(page)));
  }
}

/** The page views that the collector has to know: the current one, and those of frames that wait. */
function pages(): PageView[] {
  return [...new Set([current!, ...frames.map(({ page }) => page)])].filter(({ refused }) => !refused);
}

function introduce(page: PageView): object {
  carried.add(page);
  introduced.add(page);
  const { n, id, token, seq } = page;
  measurePage(page);
  const from = frames.find((frame) => frame.page === page)?.seq ?? seq + 1;
  return id ? { n, id, token, from } : { ...page.about, age_ms: Math.round(performance.now()) - page.beganMs };
}

export function hello(of = pages().slice(0, HELLO_PAGES), forget?: boolean): string {
  const { site, sample } = config;
  return JSON.stringify({ type: "hello", v: 1, site, agent: AGENT, sample: sample && +sample, forget, pages: of.map(introduce) });
}

function isIdle(): boolean {
  return !frames.length && pages().every(({ id }) => id);
}

function isBlocked(): boolean {
  return failedOpens >= BLOCKED_TRIES;
}

function connect(): void {
  timer = undefined;
  if (socket || (isIdle() && !isBlocked())) return;
  try {
    socket = new WebSocket(config.collector.replace(/^http/, "ws") + "/socket", "mousetrail.v1");
    socket.onopen = quiet(() => {
      stage = Stage.Open;
      carried = new WeakSet();
      socket!.send(hello());
      pump();
    });
    socket.onmessage = quiet(({ data }: MessageEvent) => receive(JSON.parse(data)));
    socket.onclose = quiet(({ code }: CloseEvent) => lose(code));
    expectAnswer(WELCOME_TIMEOUT_MS);
  } catch {
    // There is no such thing here, or the page may not use it.
    lose(0);
  }
}

/** Sends what the connection hasn't carried yet, as far as its page views are welcomed. */
function pump(): void {
  if (!stage) return;
  for (const page of pages()) {
    if (!carried.has(page)) socket!.send(JSON.stringify({ type: "page", ...introduce(page) }));
  }
  for (const frame of frames) {
    if (socket!.bufferedAmount > SOCKET_BYTES) break;
    if (carried.has(frame) || !carried.has(frame.page.about)) continue;
    socket!.send(frame.bytes);
    carried.add(frame);
  }
  if (frames.some((frame) => carried.has(frame))) expectAnswer(ACK_TIMEOUT_MS);
}

function receive({ type, n, id, token, acked, seq, retry, reason, level, on, after_ms, code }: Message): void {
  const page = current && pages().find((page) => page.n === n);
  if (type === "slow") orders.slow(level);
  if (type === "watch") orders.watch(on);
  if (type === "drain" && socket) lose(1012, Math.random() * Math.max(RECONNECT_FIRST_MS, Math.min(after_ms || 0, RECONNECT_MAX_MS)));
  if (type === "error" && code >= FINAL) orders.stop();
  if (!page) return;

  if (type === "welcome") {
    page.id = id;
    page.token = token;
    carried.add(page.about);
    settle((frame) => frame.page === page && frame.seq <= acked);
    if (stage) {
      stage = Stage.Welcomed;
      failedOpens = 0;
    }
    page.onNamed?.();
  }
  if (type === "ack") {
    // Not a welcome: a collector may welcome a client and then send it away, for its quota's sake, again and again.
    tries = 0;
    settle((frame) => frame.page === page && frame.seq <= seq!);
  }
  if (type === "nack") {
    // Everything comes again with the next connection.
    if (retry) return lose(1013);
    page.refused = !seq;
    settle((frame) => frame.page === page && (!seq || frame.seq === seq));
    // The whole session was drawn out.
    if (reason === "sample") orders.stop();
  }
  if (stage === Stage.Welcomed) {
    stopWaiting();
    pump();
  }
}

/** The connection is lost, by a close code or by our own impatience (0), and comes back after a while that grows with the tries. */
function lose(code: number, afterMs?: number): void {
  // A socket that opens and then stays silent is as good as blocked; one that the collector closes is not.
  if (stage < (code ? Stage.Open : Stage.Welcomed)) failedOpens++;
  close();
  orders.watch(false);
  if (code >= FINAL) return orders.stop();
  if (isBlocked()) post();
  const mostMs = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** tries++);
  timer = setTimeout(quiet(connect), afterMs ?? (MISTAKES.test(`${code}`) ? RECONNECT_MAX_MS : Math.random() * mostMs));
}

/** Lets go of the socket without waiting for its close event, which a dead network never brings. */
function close(): void {
  stopWaiting();
  stage = Stage.Closed;
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = undefined;
}

function expectAnswer(withinMs: number): void {
  timer ??= setTimeout(quiet(lose), withinMs, 0);
}

function stopWaiting(): void {
  clearTimeout(timer);
  timer = undefined;
}

/** The last POST of a page outlives it. */
export async function request(body: BodyInit, isLast?: boolean): Promise<Response> {
  return fetch(config.collector + "/post", {
    method: "POST",
    credentials: "omit",
    // Or the whole address of the page would come along.
    referrerPolicy: "origin",
    body,
    keepalive: isLast,
    signal: AbortSignal.timeout?.(ACK_TIMEOUT_MS),
  });
}

/** Posts the oldest frames that fit. Nobody waits for the answer to the last POST. */
async function post(isLast?: boolean): Promise<void> {
  if (isIdle() || (isPosting && !isLast)) return;
  isPosting = true;
  const [oldest] = frames;
  const name = current!.id;
  // Where only some sessions are wanted, nothing leaves of one that may be none of them.
  const sure = frames.filter(({ page }) => page.id || !config.sample);
  try {
    const response = await request(packEnvelope(hello(), sure.map(({ bytes }) => bytes), POST_BYTES), isLast);
    hasPosted = response.ok;
    [await response.json()].flat().forEach(quiet(receive));
  } catch {
    hasPosted = false;
  }
  isPosting = false;
  // What didn't fit, or came meanwhile, goes right after it, as long as the collector takes it.
  if (frames[0] !== oldest || current?.id !== name) quiet(wake)();
}

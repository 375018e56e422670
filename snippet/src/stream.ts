/** The only part that sends: over the socket, or where that is blocked by POST. docs/protocol.md says what and when. */
import { quiet } from "./bind";
import { frames, settle } from "./buffer";
import {
  ACK_TIMEOUT_MS, BLOCKED_TRIES, POST_BYTES, RECONNECT_BLOCKED_MS, RECONNECT_FIRST_MS, RECONNECT_MAX_MS, RETRY_MS, SOCKET_BYTES,
  WELCOME_TIMEOUT_MS, type Config,
} from "./config";
import { packEnvelope } from "./envelope";
import type { PageView } from "./page";

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
  level: number;
  on: boolean;
  after_ms: number;
  code: number;
}

const AGENT = "mousetrail.js/0.1.0";
const HELLO_PAGES = 16;
/** Close codes after which the collector isn't asked again. */
const FINAL = [4000, 4001, 4002];
/** Close codes for mistakes of ours, which a quick retry would only repeat. */
const MISTAKES = [1002, 1003, 1007, 1009];

/** How far the connection in use has come. */
const enum Stage { Closed, Connecting, Open, Welcomed }

type Timer = ReturnType<typeof setTimeout> | undefined;

let config: Config;
/** The page view that is being recorded; undefined while nothing is to be sent. */
let current: PageView | undefined;
let orders: Orders;
let socket: WebSocket | undefined;
let stage = Stage.Closed;
/** When to connect again. */
let reconnect: Timer;
/** When to give up waiting for an answer. */
let patience: Timer;
let tries = 0;
let failedOpens = 0;
let isPosting = false;
/** The newest POST went through, so the collector is there. */
let hasPosted = false;

export function startStream(of: Config, page: PageView, by: Orders): void {
  config = of;
  current = page;
  orders = by;
  tries = failedOpens = 0;
  hasPosted = false;
  connect();
}

export function stopStream(): void {
  current = undefined;
  close();
}

/** There may be something new to send. */
export function wake(): void {
  if (!current) return;
  pump();
  // While POST fails too, it is tried along with the socket.
  if (isBlocked() && hasPosted) post();
  if (!reconnect) connect();
}

/** The page goes away: posts what isn't acknowledged, then closes the socket. `wake` brings everything back. */
export function leave(): void {
  post(true);
  close();
}

/** The page views that the collector has to know: the current one, and those of frames that wait. */
function pages(): PageView[] {
  return [...new Set([current!, ...frames.map(({ page }) => page)])].filter(({ refused }) => !refused);
}

function introduce(page: PageView): object {
  page.introduced = true;
  const { n, id, token, seq } = page;
  const from = frames.find((frame) => frame.page === page)?.seq ?? seq + 1;
  return id ? { n, id, token, from } : { ...page.about, age_ms: Math.round(performance.now() - page.beganMs) };
}

function hello(): string {
  const { site } = config;
  return JSON.stringify({ type: "hello", v: 1, site, agent: AGENT, pages: pages().slice(0, HELLO_PAGES).map(introduce) });
}

function isIdle(): boolean {
  return !frames.length && pages().every(({ id }) => id);
}

function isBlocked(): boolean {
  return failedOpens >= BLOCKED_TRIES;
}

function connect(): void {
  reconnect = undefined;
  if (socket || (isIdle() && !isBlocked())) return;
  stage = Stage.Connecting;
  expectAnswer(WELCOME_TIMEOUT_MS);
  try {
    socket = new WebSocket(config.collector.replace(/^http/, "ws") + "/socket", "mousetrail.v1");
    socket.onopen = quiet(open);
    socket.onmessage = quiet(({ data }: MessageEvent) => receive(JSON.parse(data)));
    socket.onclose = quiet(({ code }: CloseEvent) => lose(code));
  } catch {
    // There is no such thing here, or the page may not use it.
    lose(0);
  }
}

function open(): void {
  stage = Stage.Open;
  for (const page of pages()) page.introduced = page.welcomed = false;
  for (const frame of frames) frame.sent = false;
  socket!.send(hello());
  pump();
}

/** Sends what the connection hasn't carried yet, as far as its page views are welcomed. */
function pump(): void {
  if (stage < Stage.Open) return;
  for (const page of pages()) {
    if (!page.introduced) socket!.send(JSON.stringify({ type: "page", ...introduce(page) }));
  }
  for (const frame of frames) {
    if (socket!.bufferedAmount > SOCKET_BYTES) break;
    if (frame.sent || !frame.page.welcomed) continue;
    socket!.send(frame.bytes);
    frame.sent = true;
  }
  if (frames.some(({ sent }) => sent)) expectAnswer(ACK_TIMEOUT_MS);
}

function receive(message: Message): void {
  const { type, n, seq } = message;
  const page = current && pages().find((page) => page.n === n);
  if (type === "slow") orders.slow(message.level);
  if (type === "watch") orders.watch(message.on);
  if (type === "drain" && socket) lose(1012, Math.random() * message.after_ms);
  if (type === "error" && FINAL.includes(message.code)) orders.stop();
  if (!page) return;

  if (type === "welcome") {
    page.id = message.id;
    page.token = message.token;
    page.welcomed = true;
    settle((frame) => frame.page === page && frame.seq <= message.acked);
    if (stage >= Stage.Open) {
      stage = Stage.Welcomed;
      tries = failedOpens = 0;
      hasPosted = false;
    }
  } else if (type === "ack") {
    settle((frame) => frame.page === page && frame.seq <= seq!);
  } else if (type === "nack" && message.retry) {
    const frame = frames.find((frame) => frame.page === page && frame.seq === seq);
    setTimeout(quiet(() => ((frame!.sent = false), pump())), RETRY_MS);
  } else if (type === "nack") {
    page.refused = !seq;
    settle((frame) => frame.page === page && (!seq || frame.seq === seq));
  }
  if (stage === Stage.Welcomed) {
    stopWaiting();
    pump();
  }
}

/** The connection is lost, by a close code or by our own impatience (0), and comes back after a while. */
function lose(code: number, afterMs?: number): void {
  // A socket that opens and then stays silent is as good as blocked; one that the collector closes is not.
  if (stage < (code ? Stage.Open : Stage.Welcomed)) failedOpens++;
  close();
  orders.watch(false);
  if (FINAL.includes(code)) return orders.stop();
  if (isBlocked()) post();
  comeBack(afterMs ?? (MISTAKES.includes(code) ? RECONNECT_MAX_MS : undefined));
}

/** Connects again after a while, which grows with the tries. */
function comeBack(afterMs?: number): void {
  const mostMs = Math.min(hasPosted ? RECONNECT_BLOCKED_MS : RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** tries++);
  clearTimeout(reconnect);
  reconnect = setTimeout(quiet(connect), afterMs ?? Math.random() * mostMs);
}

/** Lets go of the socket without waiting for its close event, which a dead network never brings. */
function close(): void {
  stopWaiting();
  clearTimeout(reconnect);
  reconnect = undefined;
  stage = Stage.Closed;
  if (!socket) return;
  socket.onopen = socket.onmessage = socket.onclose = null;
  socket.close();
  socket = undefined;
}

function expectAnswer(withinMs: number): void {
  patience ??= setTimeout(quiet(lose), withinMs, 0);
}

function stopWaiting(): void {
  clearTimeout(patience);
  patience = undefined;
}

/** Posts the oldest frames that fit. The last POST of a page outlives it, and nobody waits for its answer. */
async function post(isLast = false): Promise<void> {
  if (isIdle() || (isPosting && !isLast)) return;
  isPosting = true;
  const [oldest] = frames;
  const wentWell = hasPosted;
  try {
    const response = await fetch(config.collector + "/post", {
      method: "POST",
      credentials: "omit",
      headers: { "content-type": "text/plain" },
      body: packEnvelope(hello(), frames.map(({ bytes }) => bytes), POST_BYTES),
      keepalive: isLast,
      signal: isLast ? undefined : AbortSignal.timeout?.(ACK_TIMEOUT_MS),
    });
    hasPosted = response.ok;
    [await response.json()].flat().forEach(quiet(receive));
  } catch {
    hasPosted = false;
  }
  isPosting = false;
  // The next try of the socket may be minutes away, and the next POST with it.
  if (wentWell && !hasPosted && reconnect) {
    tries = 0;
    comeBack();
  }
  // What didn't fit, or came meanwhile, goes right after it, as long as the collector takes it.
  if (frames[0] !== oldest) quiet(wake)();
}

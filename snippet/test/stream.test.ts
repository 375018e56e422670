import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import backoff from "../../tests/fixtures/backoff.json";
import { frames, hold, stopBuffer } from "../src/buffer";
import { ACK_TIMEOUT_MS, POST_BYTES, RECONNECT_MAX_MS, WELCOME_TIMEOUT_MS, type Config } from "../src/config";
import { decode } from "../src/decode";
import { encode, Kind } from "../src/frame";
import type { PageView } from "../src/page";
import { forget, leave, startStream, stopStream, wake } from "../src/stream";
import { acknowledge, answerPosts, FakeSocket, installCollector, log, posts } from "./collector";
import { createPage } from "./view";

const config: Config = { site: "mt_demo", collector: "https://mouse.example/v1" };
const orders = { slow: vi.fn(), watch: vi.fn(), stop: vi.fn(() => stopStream()) };
let page: PageView;

/** Cuts the next frame of the page view. */
function cutFrame(events = 1) {
  const seq = ++page.seq;
  const moves = Array.from({ length: events }, (_, i) => ({ at: i, kind: Kind.Move, x: i, y: 0, state: [] }));
  const bytes = encode([page.n, seq, 0, 0, 0, 0, 0, 20], [], moves);
  hold({ page, seq, bytes });
  wake();
}

const held = () => frames.map(({ seq }) => seq);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.clearAllMocks();
  installCollector();
  stopBuffer();
  page = createPage(0);
  startStream(config, page, orders);
});
afterEach(() => {
  // What has a name stands in the module until it is forgotten.
  answerPosts(() => "hang");
  forget();
  stopStream();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Opens the newest socket and welcomes the page view on it. */
function connect(acked = 0): FakeSocket {
  FakeSocket.last.open();
  FakeSocket.last.welcome(0, acked);
  return FakeSocket.last;
}

// O9: the load generator of the Rust tests reads the same file.
test("waits between tries as long as tests/fixtures/backoff.json says", () => {
  const pauses = vi.spyOn(globalThis, "setTimeout");
  for (const random of new Set(backoff.map((row) => row.random))) {
    stopStream();
    startStream(config, page, orders);
    vi.mocked(Math.random).mockReturnValue(random);
    const rows = backoff.filter((row) => row.random === random);
    for (let tries = 0; tries <= Math.max(...rows.map((row) => row.tries)); tries++) {
      // Opened and lost: what can't be opened at all is another matter.
      FakeSocket.last.open();
      FakeSocket.last.drop(1006);
      const row = rows.find((row) => row.tries === tries);
      if (row) expect(pauses.mock.lastCall![1], `${tries} ${random}`).toBeCloseTo(row.pause_ms, 3);
      vi.advanceTimersToNextTimer();
    }
  }
  expect(backoff.length).toBeGreaterThan(50);
});

describe("over the socket", () => {
  test("says hello with the new page view, and sends its frames once it is welcomed", () => {
    vi.advanceTimersByTime(40);
    cutFrame();
    const socket = FakeSocket.last;
    expect([socket.url, socket.protocol]).toEqual(["wss://mouse.example/v1/socket", "mousetrail.v1"]);
    socket.open();
    expect(socket.messages).toEqual([
      { type: "hello", v: 1, site: "mt_demo", agent: expect.stringMatching(/^mousetrail/), pages: [{ ...page.about, age_ms: 40 }] },
    ]);
    expect(socket.seqs).toEqual([]);
    socket.welcome();
    cutFrame();
    expect(socket.seqs).toEqual([1, 2]);
  });

  test("holds a frame until its ack", () => {
    const socket = connect();
    [1, 2, 3].forEach(() => cutFrame());
    socket.say({ type: "ack", n: 0, seq: 2 });
    expect(held()).toEqual([3]);
    socket.say({ type: "ack", n: 7, seq: 9 });
    expect(held()).toEqual([3]);
  });

  test("resumes after a break, and sends again from acked + 1, in order", () => {
    const first = connect();
    [1, 2, 3, 4].forEach(() => cutFrame());
    first.say({ type: "ack", n: 0, seq: 1 });
    first.drop(1006);
    cutFrame();
    expect(FakeSocket.all.length).toBe(1);
    vi.advanceTimersByTime(500);
    const second = FakeSocket.last;
    second.open();
    expect(second.messages[0]!.pages).toEqual([{ n: 0, id: "id-0", token: "token-0", from: 2 }]);
    second.welcome(0, 3);
    expect(second.seqs).toEqual([4, 5]);
    expect(held()).toEqual([4, 5]);
  });

  test("waits longer after each failure, up to a minute, and starts over when a frame was acknowledged", () => {
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const count = FakeSocket.all.length;
      const from = performance.now();
      FakeSocket.last.open();
      FakeSocket.last.drop(1013);
      while (FakeSocket.all.length === count) vi.advanceTimersToNextTimer();
      waits.push(performance.now() - from);
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    connect();
    cutFrame();
    FakeSocket.last.drop(1008);
    let count = FakeSocket.all.length;
    vi.advanceTimersByTime(29_000);
    expect(FakeSocket.all.length, "a welcome alone is no reason to hurry").toBe(count);
    vi.advanceTimersByTime(1_000);
    connect().say({ type: "ack", n: 0, seq: 1 });
    cutFrame();
    FakeSocket.last.drop(1012);
    count = FakeSocket.all.length;
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all.length).toBe(count + 1);
  });

  test("connects again at once for a new frame, and not at all while it has nothing to say", () => {
    connect().drop(1001);
    vi.advanceTimersByTime(RECONNECT_MAX_MS);
    expect(FakeSocket.all.length).toBe(1);
    cutFrame();
    expect(FakeSocket.all.length).toBe(2);
  });

  test("takes a minute's rest after a mistake of its own", () => {
    const socket = connect();
    cutFrame();
    socket.drop(1002);
    vi.advanceTimersByTime(RECONNECT_MAX_MS - 1);
    expect(FakeSocket.all.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all.length).toBe(2);
  });

  test.each([4000, 4001, 4002, 4003])("stops for ever after code %i", (code) => {
    const socket = connect();
    cutFrame();
    socket.drop(code);
    expect(orders.stop).toHaveBeenCalledOnce();
    wake();
    vi.advanceTimersByTime(10 * RECONNECT_MAX_MS);
    expect(FakeSocket.all.length).toBe(1);
    expect(posts.length).toBe(0);
  });

  test("gives up on a collector that doesn't welcome", () => {
    FakeSocket.last.open();
    vi.advanceTimersByTime(WELCOME_TIMEOUT_MS);
    expect(FakeSocket.last.isClosedByUs).toBe(true);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all.length).toBe(2);
  });

  test("gives up on a collector that doesn't acknowledge, and not on one that does", () => {
    const socket = connect();
    for (let i = 0; i < 10; i++) {
      cutFrame();
      vi.advanceTimersByTime(ACK_TIMEOUT_MS - 1_000);
      socket.say({ type: "ack", n: 0, seq: page.seq });
    }
    vi.advanceTimersByTime(5 * ACK_TIMEOUT_MS);
    expect(socket.isClosedByUs).toBe(false);
    cutFrame();
    vi.advanceTimersByTime(ACK_TIMEOUT_MS);
    expect(socket.isClosedByUs).toBe(true);
  });

  test("forgets a frame that is refused for good, and sends one again that is refused for now", () => {
    const socket = connect();
    [1, 2, 3].forEach(() => cutFrame());
    socket.say({ type: "nack", n: 0, seq: 1, retry: false, reason: "quarantine" });
    socket.say({ type: "nack", n: 0, seq: 2, retry: true, reason: "gap" });
    expect(held()).toEqual([2, 3]);
    expect(socket.seqs).toEqual([1, 2, 3]);
    // Everything that waits comes again, in order, with the next connection.
    expect(socket.isClosedByUs).toBe(true);
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all.length).toBe(2);
    expect(connect(1).seqs).toEqual([2, 3]);
  });

  test("forgets a page view that is refused, with its frames", () => {
    const socket = connect();
    cutFrame();
    socket.say({ type: "nack", n: 0, retry: false, reason: "token" });
    expect(held()).toEqual([]);
    expect(page.refused).toBe(true);
  });

  test("passes slow and watch on, and stops being watched when the connection is lost", () => {
    const socket = connect();
    socket.say({ type: "slow", level: 3 });
    socket.say({ type: "watch", on: true });
    expect(orders.slow).toHaveBeenCalledWith(3);
    expect(orders.watch).toHaveBeenLastCalledWith(true);
    socket.drop(1006);
    expect(orders.watch).toHaveBeenLastCalledWith(false);
  });

  test("goes away on drain and comes back within the time it was given", () => {
    const socket = connect();
    cutFrame();
    socket.say({ type: "drain", after_ms: 9_000 });
    expect(socket.isClosedByUs).toBe(true);
    vi.advanceTimersByTime(4_499);
    expect(FakeSocket.all.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all.length).toBe(2);
  });

  test("ignores what it doesn't understand", () => {
    const socket = connect();
    cutFrame();
    for (const rubbish of ["", "{", "null", "7", "[]", "{\"type\":\"party\"}", "{\"type\":\"ack\"}", "{\"type\":\"ack\",\"n\":0}"]) socket.say(rubbish);
    expect(held()).toEqual([1]);
    expect(socket.isClosedByUs).toBe(false);
  });

  test("leaves in its own buffer what the browser's socket has no room for", () => {
    const socket = connect();
    socket.bufferedAmount = 1e6;
    cutFrame();
    cutFrame();
    expect(socket.seqs).toEqual([]);
    socket.bufferedAmount = 0;
    wake();
    expect(socket.seqs).toEqual([1, 2]);
  });
});

describe("what a site and a visitor ask for", () => {
  const helloOf = (more: Partial<Config>) => {
    stopStream();
    startStream({ ...config, ...more }, page, orders);
    FakeSocket.last.open();
    return FakeSocket.last.messages[0]!;
  };

  test("a hello names the share of the sessions as a number, and none where the site says nothing", () => {
    expect(helloOf({ sample: "0.25" }).sample).toBe(0.25);
    expect(helloOf({ sample: "0" }).sample).toBe(0);
    expect(helloOf({})).not.toHaveProperty("sample");
    expect(helloOf({})).not.toHaveProperty("forget");
  });

  test("everything stops when the session was drawn out", () => {
    cutFrame();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "nack", n: 0, retry: false, reason: "sample" });
    expect(orders.stop).toHaveBeenCalledOnce();
    expect([page.refused, held()]).toEqual([true, []]);
    wake();
    vi.advanceTimersByTime(10 * RECONNECT_MAX_MS);
    expect([FakeSocket.all.length, FakeSocket.last.seqs, posts.length]).toEqual([1, [], 0]);
  });

  test("only the sample stops everything: another page view may be wanted", () => {
    connect().say({ type: "nack", n: 0, retry: false, reason: "forgotten" });
    expect(orders.stop).not.toHaveBeenCalled();
  });

  test("a new page view of the same load is introduced on the open connection, and frames wait for its welcome", () => {
    const socket = connect();
    cutFrame();
    page = createPage(1);
    startStream(config, page, orders);
    expect(socket.messages.at(-1)).toEqual({ type: "page", ...page.about, age_ms: 0 });
    cutFrame();
    expect(socket.seqs).toEqual([1]);
    socket.welcome(1);
    expect(decode(socket.sent.at(-1) as Uint8Array)).toMatchObject({ page: 1, seq: 1 });
    socket.say({ type: "ack", n: 0, seq: 1 });
    socket.say({ type: "ack", n: 1, seq: 1 });
    expect(held()).toEqual([]);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("a page view is told that it has a name", () => {
    page.onNamed = vi.fn();
    FakeSocket.last.open();
    expect(page.onNamed).not.toHaveBeenCalled();
    FakeSocket.last.welcome();
    expect(page.onNamed).toHaveBeenCalledOnce();
  });

  /** Page views with names, as after so many routes. */
  function visit(count: number) {
    const socket = connect();
    for (let n = 1; n < count; n++) {
      startStream(config, (page = createPage(n)), orders);
      socket.welcome(n);
    }
  }

  test("forgetting asks for every page view that has a name, 16 at a time, in requests that outlive the page", () => {
    visit(35);
    stopStream();
    forget();
    expect(posts.map(({ hello }) => hello.pages.length)).toEqual([16, 16, 3]);
    expect(posts.flatMap(({ hello }) => hello.pages.map(({ n, id, token }) => [n, id, token]))).toEqual(
      Array.from({ length: 35 }, (_, n) => [n, `id-${n}`, `token-${n}`]),
    );
    for (const { hello, seqs, options, url } of posts) {
      expect(hello).toMatchObject({ type: "hello", v: 1, site: "mt_demo", forget: true });
      expect([url, seqs, options.keepalive]).toEqual(["https://mouse.example/v1/post", [], true]);
    }
  });

  test("forgetting twice asks once, and nothing is asked where nothing has a name", () => {
    forget();
    expect(posts.length).toBe(0);
    visit(2);
    forget();
    forget();
    expect(posts.length).toBe(1);
  });

  test("forgetting can be asked again where the request didn't arrive, which is no error of the page", async () => {
    visit(3);
    forget();
    await vi.advanceTimersByTimeAsync(0);
    answerPosts(() => ({ status: 200, body: [] }));
    forget();
    await vi.advanceTimersByTimeAsync(0);
    forget();
    expect(posts.map(({ hello }) => hello.pages.length)).toEqual([3, 3]);
  });

  test("a page view that was resumed is forgotten once", () => {
    connect();
    cutFrame();
    FakeSocket.last.drop(1006);
    vi.advanceTimersByTime(500);
    connect();
    forget();
    expect(posts.map(({ hello }) => hello.pages.length)).toEqual([1]);
  });
});

describe("where the socket is blocked", () => {
  async function block() {
    FakeSocket.isBlocked = true;
    FakeSocket.last.drop(1006);
    await vi.advanceTimersByTimeAsync(505);
  }

  test("posts the frames with their page view, without cookies and without a preflight", async () => {
    cutFrame();
    answerPosts(acknowledge);
    await block();
    expect(posts.length).toBe(1);
    expect(posts[0]).toMatchObject({
      url: "https://mouse.example/v1/post",
      options: { method: "POST", credentials: "omit", referrerPolicy: "origin", keepalive: undefined, signal: expect.any(AbortSignal) },
      hello: { pages: [{ nonce: page.about.nonce }] },
      seqs: [1],
    });
    // Bytes without a type of their own: anything else would cost a preflight.
    expect(posts[0]!.options.headers).toBeUndefined();
    expect(posts[0]!.options.body).toBeInstanceOf(Uint8Array);
    expect(held()).toEqual([]);
  });

  test("posts no frame of a session that may not be wanted before the collector has named its page view", async () => {
    stopStream();
    startStream({ ...config, sample: "0.5" }, page, orders);
    cutFrame();
    answerPosts(acknowledge);
    await block();
    expect(posts.map(({ seqs, hello }) => [hello.sample, ...seqs])).toEqual([[0.5], [0.5, 1]]);
    expect(held()).toEqual([]);
  });

  test("posts nothing at all of a session that isn't wanted", async () => {
    stopStream();
    startStream({ ...config, sample: "0.5" }, page, orders);
    cutFrame();
    answerPosts(() => ({ status: 200, body: [{ type: "nack", n: 0, retry: false, reason: "sample" }] }));
    await block();
    await vi.advanceTimersByTimeAsync(10 * RECONNECT_MAX_MS);
    expect(posts.map(({ seqs }) => seqs)).toEqual([[]]);
    expect([orders.stop.mock.calls.length, held()]).toEqual([1, []]);
  });

  test("posts every frame from then on, and resumes the page view that it was given", async () => {
    answerPosts(acknowledge);
    await block();
    cutFrame();
    await vi.advanceTimersByTimeAsync(0);
    cutFrame();
    await vi.advanceTimersByTimeAsync(0);
    expect(posts.map(({ seqs }) => seqs)).toEqual([[], [1], [2]]);
    expect(posts.at(-1)!.hello.pages).toEqual([{ n: 0, id: "id-0", token: "token-0", from: 2 }]);
  });

  test("posts right after it what is cut while a POST is under way, however large", async () => {
    answerPosts((post) => {
      // The page goes on while the collector commits.
      if (post.seqs.length === 1 && post.seqs[0] === 1) cutFrame(400);
      return acknowledge(post);
    });
    await block();
    cutFrame();
    await vi.advanceTimersByTimeAsync(0);
    expect(posts.map(({ seqs }) => seqs)).toEqual([[], [1], [2]]);
    expect(held()).toEqual([]);
  });

  test("tries again along with the socket when a POST fails after others went through", async () => {
    answerPosts(acknowledge);
    await block();
    await vi.advanceTimersByTimeAsync(60_000);
    posts.length = 0;
    let failures = 1;
    answerPosts((post) => (failures-- > 0 ? { status: 502, body: {} } : acknowledge(post)));
    cutFrame();
    await vi.advanceTimersByTimeAsync(RECONNECT_MAX_MS / 2 + 10);
    expect(posts.map(({ seqs }) => seqs)).toEqual([[1], [1]]);
    expect(held()).toEqual([]);
    // And goes on as before.
    cutFrame();
    await vi.advanceTimersByTimeAsync(0);
    expect(posts.map(({ seqs }) => seqs)).toEqual([[1], [1], [2]]);
  });

  test("posts a long backlog part by part", async () => {
    for (let i = 0; i < 60; i++) cutFrame(1_000);
    answerPosts(acknowledge);
    await block();
    expect(posts.length).toBeGreaterThan(2);
    expect(posts.flatMap(({ seqs }) => seqs)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    for (const { options } of posts) expect((options.body as Uint8Array).length).toBeLessThanOrEqual(POST_BYTES);
  });

  test("doesn't hammer a collector that can't be reached, or that keeps nothing", async () => {
    cutFrame();
    await block();
    for (let i = 0; i < 60; i++) {
      cutFrame();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(posts.length).toBeLessThan(10);
    posts.length = 0;
    answerPosts(() => ({ status: 200, body: [] }));
    await vi.advanceTimersByTimeAsync(300_000);
    expect(posts.length).toBeGreaterThan(0);
    expect(posts.length).toBeLessThan(20);
    expect(held().length).toBe(61);
  });

  test("goes back to the socket when it opens", async () => {
    answerPosts(acknowledge);
    await block();
    FakeSocket.isBlocked = false;
    await vi.advanceTimersByTimeAsync(10_000);
    const socket = connect();
    posts.length = 0;
    cutFrame();
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.seqs).toEqual([1]);
    expect(posts.length).toBe(0);
  });

  test("stops for ever when the answer says so", async () => {
    answerPosts(() => ({ status: 403, body: { type: "error", code: 4001, reason: "site" } }));
    await block();
    expect(orders.stop).toHaveBeenCalled();
  });

  test("posts too where there is no WebSocket at all", async () => {
    stopStream();
    vi.stubGlobal("WebSocket", undefined);
    answerPosts(acknowledge);
    startStream(config, page, orders);
    await vi.advanceTimersByTimeAsync(500);
    expect(posts.length).toBe(1);
  });

  test("survives a collector that hangs", async () => {
    answerPosts(() => "hang");
    await block();
    cutFrame();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(held()).toEqual([1]);
  });
});

describe("when the page goes away", () => {
  test("posts what isn't acknowledged in a request that outlives the page, and only then closes the socket", () => {
    const socket = connect();
    [1, 2, 3].forEach(() => cutFrame());
    socket.say({ type: "ack", n: 0, seq: 1 });
    leave();
    expect(posts).toMatchObject([{ options: { keepalive: true }, hello: { pages: [{ id: "id-0", from: 2 }] }, seqs: [2, 3] }]);
    expect(log).toEqual(["post", "close"]);
  });

  test("posts the oldest frames up to 60 KB, because acks are cumulative", () => {
    connect();
    for (let i = 0; i < 60; i++) cutFrame(1_000);
    leave();
    expect(posts.length).toBe(1);
    expect(posts[0]!.seqs.slice(0, 3)).toEqual([1, 2, 3]);
    expect((posts[0]!.options.body as Uint8Array).length).toBeLessThanOrEqual(POST_BYTES);
  });

  test("introduces a page view that the collector has never answered for", () => {
    cutFrame();
    leave();
    expect(posts).toMatchObject([{ hello: { pages: [{ nonce: page.about.nonce }] }, seqs: [1] }]);
  });

  test("goes on when the page comes back", () => {
    connect();
    cutFrame();
    leave();
    wake();
    expect(FakeSocket.all.length).toBe(2);
    expect(connect().seqs).toEqual([1]);
  });
});

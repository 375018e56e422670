// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OUTLINE_AFTER_MS, OUTLINE_ELEMENTS, POLL_MS } from "../src/config";
import { acknowledge, answerPosts, FakeSocket, installCollector, posts } from "./collector";
import { begin, click, closeTab, goTo, sentFrames, welcome } from "./tab";

const NativeCompressionStream = CompressionStream;

beforeEach(() => {
  vi.useFakeTimers();
  installCollector();
  answerPosts(acknowledge);
  vi.stubGlobal("CompressionStream", undefined);
  history.replaceState(null, "", "/shop");
  document.body.innerHTML = "<main id=shop><h1>canary</h1><div><p>canary</p><button id=buy>Buy</button></div><span>canary</span></main>";
  // There is no layout here: everything has a box, but for what is hidden.
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return (this.closest("[hidden]") ? { left: 0, top: 0, width: 0, height: 0 } : { left: 10, top: 20, width: 300, height: 40 }) as DOMRect;
  });
});
afterEach(() => {
  closeTab();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Until every idle task is done. */
const waitForOutline = (ms = OUTLINE_AFTER_MS) => vi.advanceTimersByTime(ms + 5_000);
const outlines = () => sentFrames().filter(({ seq }) => seq === 0);

describe("the outline", () => {
  test("is told once, two seconds after the begin, in a POST of its own for the page view", async () => {
    await begin();
    const socket = welcome();
    vi.advanceTimersByTime(OUTLINE_AFTER_MS - 1);
    expect(posts.length).toBe(0);
    waitForOutline(1);
    expect(posts).toMatchObject([{
      url: "https://mouse.example/v1/post", options: { method: "POST", keepalive: undefined },
      hello: { pages: [{ n: 0, id: "id-0", token: "token-0" }] }, seqs: [0],
    }]);
    waitForOutline(60_000);
    expect([posts.length, socket.seqs]).toEqual([1, []]);
  });

  test("is a frame with seq 0, its time, and elements alone", async () => {
    await begin();
    welcome();
    waitForOutline();
    const [outline] = outlines();
    expect(outline).toMatchObject({ page: 0, seq: 0, x0: 0, y0: 0, samples: 0, dropped: 0, tolerance: 0, events: [] });
    expect(outline!.t0).toBeGreaterThanOrEqual(OUTLINE_AFTER_MS);
    expect(outline!.t0).toBeLessThan(OUTLINE_AFTER_MS + 1_000);
    expect(outline!.elements.map(({ tag }) => tag)).toEqual(["main", "h1", "p", "button"]);
    expect(outline!.elements[3]).toMatchObject({ x: 10, y: 20, w: 300, h: 40, parent: outline!.elements[0]!.number, selectors: ["#buy", "#shop > div > button", expect.any(String)] });
    expect(JSON.stringify(outline)).not.toContain("canary");
  });

  test("has nothing that nobody sees", async () => {
    document.body.innerHTML = "<main><p hidden>a</p><p>b</p><section hidden><h2>c</h2></section></main>";
    await begin();
    welcome();
    waitForOutline();
    expect(outlines()[0]!.elements.map(({ tag }) => tag)).toEqual(["main", "p"]);
  });

  test("isn't told where there is nothing to see", async () => {
    document.body.innerHTML = "<main hidden><p>a</p></main>";
    await begin();
    welcome();
    waitForOutline();
    expect(posts.length).toBe(0);
  });

  test("has so many elements and no more", async () => {
    document.body.innerHTML = `<main>${"<p>x</p>".repeat(2 * OUTLINE_ELEMENTS)}</main>`;
    await begin();
    welcome();
    waitForOutline();
    expect(outlines().map(({ elements }) => elements.length)).toEqual([OUTLINE_ELEMENTS]);
  });

  test("shares its numbers with frames, and what is in it is told again only when it moves", async () => {
    await begin();
    welcome();
    waitForOutline();
    click(document.getElementById("buy")!);
    vi.advanceTimersByTime(10_000);
    const frame = FakeSocket.last.frames[0]!;
    expect(frame.events[0]!.element).toBe(outlines()[0]!.elements.find(({ tag }) => tag === "button")!.number);
    expect(frame.elements).toEqual([]);
  });

  test("waits for the name of the page view, and is told once when that comes", async () => {
    await begin();
    FakeSocket.last.open();
    waitForOutline();
    expect(posts.length).toBe(0);
    welcome();
    expect(outlines().length).toBe(1);
  });

  test.each(["stop", "consent"] as const)("isn't told when the snippet was ended before by %s", async (by) => {
    const mousetrail = await begin();
    welcome();
    vi.advanceTimersByTime(OUTLINE_AFTER_MS - 10);
    mousetrail[by](false);
    waitForOutline();
    expect(outlines()).toEqual([]);
  });

  /** A browser whose idle moments come when the test says so. */
  function holdIdle() {
    const tasks: ((idle?: { timeRemaining(): number }) => void)[] = [];
    vi.stubGlobal("requestIdleCallback", (task: (typeof tasks)[0]) => tasks.push(task));
    /** One moment, which is long enough for so many looks at the clock. */
    return (looks = 0) => tasks.splice(0).forEach((task) => task({ timeRemaining: () => (looks-- > 0 ? 50 : 0) }));
  }

  test("takes what time there is, and not more", async () => {
    const idle = holdIdle();
    await begin();
    welcome();
    vi.advanceTimersByTime(OUTLINE_AFTER_MS);
    const measured = vi.mocked(Element.prototype.getBoundingClientRect);
    measured.mockClear();
    idle(0);
    expect(new Set(measured.mock.contexts).size).toBe(1);
    for (let i = 0; i < 9; i++) idle();
    expect(outlines().map(({ elements }) => elements.length)).toEqual([4]);
  });

  test.each(["withdrawal", "stop"])("is given up where it stands at a %s", async (end) => {
    const idle = holdIdle();
    const mousetrail = await begin();
    welcome();
    vi.advanceTimersByTime(OUTLINE_AFTER_MS);
    idle();
    idle();
    if (end === "stop") mousetrail.stop();
    else mousetrail.consent(false);
    for (let i = 0; i < 9; i++) idle();
    expect(outlines()).toEqual([]);
  });

  test("is given up at a route, whose own outline has every element", async () => {
    const idle = holdIdle();
    await begin();
    welcome();
    vi.advanceTimersByTime(OUTLINE_AFTER_MS);
    idle();
    idle();
    goTo("/cart");
    vi.advanceTimersByTime(POLL_MS);
    welcome(1);
    for (let i = 0; i < 9; i++) idle();
    expect(outlines()).toEqual([]);
    vi.advanceTimersByTime(OUTLINE_AFTER_MS);
    for (let i = 0; i < 9; i++) idle();
    expect(outlines().map(({ page, elements }) => [page, elements.map(({ tag, number }) => [tag, number])])).toEqual([
      [1, [["main", 1], ["h1", 2], ["p", 3], ["button", 4]]],
    ]);
  });

  describe("where the browser can compress", () => {
    beforeEach(() => {
      vi.useRealTimers();
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
      vi.stubGlobal("CompressionStream", NativeCompressionStream);
    });

    test("is gzip, without a header that would say so", async () => {
      await begin();
      welcome();
      waitForOutline();
      vi.useRealTimers();
      await vi.waitFor(() => expect(posts.length).toBe(1));
      const body = posts[0]!.options.body as Blob;
      expect([...new Uint8Array(await body.arrayBuffer()).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
      expect([body.type, posts[0]!.options.headers]).toEqual(["", undefined]);
      expect(outlines()[0]!.elements.length).toBe(4);
    });

    test("is sent to nobody when consent is withdrawn meanwhile", async () => {
      const mousetrail = await begin();
      welcome();
      waitForOutline();
      mousetrail.consent(false);
      vi.useRealTimers();
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(posts.length).toBe(0);
    });

    test("that goes nowhere is no error of the page", async () => {
      answerPosts(() => "fail");
      await begin();
      welcome();
      waitForOutline();
      vi.useRealTimers();
      await vi.waitFor(() => expect(posts.length).toBe(1));
    });
  });
});

// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { release } from "../src/bind";
import { frames, stopBuffer } from "../src/buffer";
import { decode, type DecodedFrame } from "../src/decode";
import { cut, startDraft, stopDraft } from "../src/draft";
import { stopElements } from "../src/element";
import { ANSWER_MS, FACT_MS } from "../src/config";
import { startFacts } from "../src/fact";
import { Kind } from "../src/frame";
import { startLife } from "../src/life";
import { mark, startPointers, stopPointers } from "../src/pointer";
import { leave } from "../src/stream";
import { startWindow } from "../src/window";
import { createPage } from "./view";

vi.mock("../src/stream", () => ({ leave: vi.fn() }));

const page = createPage(0);
let scrolled = { x: 0, y: 0 };

/** An event as a browser makes it, with the fields that happy-dom leaves out. */
function dispatch(type: string, fields: Record<string, unknown> = {}, target: EventTarget = document.body) {
  const event = new Event(type, { bubbles: true, composed: true });
  const { clientX = 0, clientY = 0, at = 0 } = fields as { clientX?: number; clientY?: number; at?: number };
  const given = {
    pointerId: 1, pointerType: "mouse", buttons: 0, pressure: 0, detail: 1, isTrusted: true, relatedTarget: null, view: window, clientX, clientY,
    pageX: clientX + scrolled.x, pageY: clientY + scrolled.y, timeStamp: page.beganMs + at, ...fields,
  };
  for (const [name, value] of Object.entries(given)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
}

function scrollTo(x: number, y: number, at: number) {
  scrolled = { x, y };
  vi.stubGlobal("scrollX", x);
  vi.stubGlobal("scrollY", y);
  dispatch("scroll", { at }, document);
}

/** What the frames so far hold, in ms since the page view began. */
function events() {
  cut();
  const decoded = frames.map(({ bytes }) => decode(bytes) as DecodedFrame);
  return decoded.flatMap(({ t0, events }) => events.map((event) => ({ ...event, at: t0 + event.at })));
}
const kinds = () => events().map(({ kind }) => kind).filter((kind) => kind !== "scroll");

beforeEach(() => {
  page.seq = 0;
  scrolled = { x: 0, y: 0 };
  vi.stubGlobal("scrollX", 0);
  vi.stubGlobal("scrollY", 0);
  document.body.innerHTML = "<main><button id=buy>Buy</button></main>";
  startDraft(page, 2, () => {});
  startPointers();
});
afterEach(() => {
  release();
  stopDraft();
  stopPointers();
  stopElements();
  stopBuffer();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("the pointer", () => {
  test("is followed through every coalesced sample, and falls back to the event where there are none", () => {
    const samples = [[10, 4], [20, 8], [90, 12]].map(([clientX, at]) => ({ clientX, clientY: 5, pressure: 0, timeStamp: page.beganMs + at! }));
    dispatch("pointermove", { clientX: 90, clientY: 5, at: 12, getCoalescedEvents: () => samples });
    dispatch("pointermove", { clientX: 0, clientY: 5, at: 16, getCoalescedEvents: () => [] });
    expect(events().map(({ x, at }) => [x, at])).toEqual([[10, 4], [20, 8], [90, 12], [0, 16]]);
    expect(decode(frames[0]!.bytes)).toMatchObject({ samples: 4, t0: 4 });
  });

  test("has its place in the document, not in the window", () => {
    scrolled = { x: 30, y: 1_000 };
    dispatch("pointerdown", { clientX: 10, clientY: 20 });
    expect(events()[0]).toMatchObject({ kind: "down", x: 40, y: 1_020 });
  });

  test("goes down, up and clicks exactly where and when it does", () => {
    dispatch("pointermove", { clientX: 100, clientY: 100, at: 0 });
    dispatch("pointerdown", { clientX: 103, clientY: 101, at: 20, buttons: 1 });
    dispatch("pointerup", { clientX: 103, clientY: 101, at: 90 });
    dispatch("click", { clientX: 103, clientY: 101, at: 90 });
    dispatch("dblclick", { clientX: 103, clientY: 101, at: 91, pointerId: undefined, pointerType: undefined });
    dispatch("contextmenu", { clientX: 103, clientY: 101, at: 92, buttons: 2 });
    expect(events().map(({ kind, at, x, buttons }) => [kind, at, x, buttons])).toEqual([
      ["move", 0, 100, 0], ["down", 20, 103, 1], ["up", 90, 103, 0], ["click", 90, 103, 0], ["dblclick", 91, 103, 0], ["contextmenu", 92, 103, 2],
    ]);
  });

  test("keeps the moment of a second button, which is a move to the browser", () => {
    dispatch("pointerdown", { clientX: 5, buttons: 1, at: 0 });
    dispatch("pointermove", { clientX: 5, buttons: 3, at: 40 });
    dispatch("pointermove", { clientX: 5, buttons: 3, at: 50 });
    expect(events().map(({ kind, at, buttons }) => [kind, at, buttons])).toEqual([["down", 0, 1], ["move", 40, 3], ["move", 50, 3]]);
  });

  test("tells which element it is on, by number", () => {
    const button = document.getElementById("buy")!;
    dispatch("pointerdown", { clientX: 1, at: 0 }, button);
    dispatch("pointerup", { clientX: 1, at: 1 }, document.body);
    dispatch("click", { clientX: 1, at: 2 }, button);
    expect(events().map(({ element }) => element)).toEqual([1, 2, 1]);
  });

  test("reports several fingers, their pressure and that one was cancelled", () => {
    const finger = (pointerId: number) => ({ pointerType: "touch", pointerId, pressure: 0.5, buttons: 1 });
    dispatch("pointerdown", { clientX: 10, clientY: 1, at: 0, ...finger(11) });
    dispatch("pointerdown", { clientX: 90, clientY: 1, at: 5, ...finger(12) });
    dispatch("pointercancel", { at: 9, ...finger(11) });
    expect(events()).toMatchObject([
      { kind: "down", x: 10, pointer_type: "touch", pointer_id: 11, pressure: 5_000 },
      { kind: "down", x: 90, pointer_id: 12 },
      { kind: "cancel", x: 10, pointer_id: 11 },
    ]);
  });

  test("is id 0 without pressure when it is a mouse, and says when a script made it up", () => {
    dispatch("pointerdown", { clientX: 1, pointerId: 77, pressure: 0.5, buttons: 1, isTrusted: false });
    expect(events()[0]).toMatchObject({ pointer_type: "mouse", pointer_id: 0, pressure: null, trusted: false });
  });

  test("leaves the window where it was last, and enters it with its next move", () => {
    dispatch("pointermove", { clientX: 50, clientY: 3, at: 0 });
    dispatch("pointerout", { clientX: 55, clientY: -9, at: 10, relatedTarget: document.body });
    dispatch("pointerout", { clientX: 55, clientY: -9, at: 20 });
    dispatch("pointermove", { clientX: 300, clientY: 80, at: 900 });
    expect(events().map(({ kind, at, x, y }) => [kind, at, x, y])).toEqual([
      ["move", 0, 50, 3], ["leave", 20, 50, 3], ["move", 884, 50, 3], ["enter", 900, 300, 80],
    ]);
  });

  test("is not behind a click that a keyboard or a script made", () => {
    dispatch("click", { detail: 0 });
    expect(events()).toEqual([]);
  });

  test("forgets a finger that was lifted or cancelled: the next one is another", () => {
    const finger = (type: string, pointerId: number, at: number, clientX: number) =>
      dispatch(type, { pointerType: "touch", pointerId, clientX, clientY: 5, at, pressure: 0, buttons: 0 });
    finger("pointerdown", 11, 0, 10);
    finger("pointermove", 11, 10, 40);
    finger("pointerup", 11, 20, 40);
    // The browser gives the same number again, far away: no way leads there.
    finger("pointerdown", 11, 900, 700);
    finger("pointercancel", 11, 910, 0);
    finger("pointerdown", 11, 1_900, 300);
    expect(events().map(({ kind, at, x }) => [kind, at, x])).toEqual([
      ["down", 0, 10], ["move", 10, 40], ["up", 20, 40], ["down", 900, 700], ["cancel", 910, 700], ["down", 1_900, 300],
    ]);
  });

  test("keeps what it kept of a finger when that is lifted in the same frame", () => {
    for (const [at, x] of [[0, 0], [10, 90], [20, 0], [30, 90]] as const) {
      dispatch(at ? "pointermove" : "pointerdown", { pointerType: "touch", clientX: x, at });
    }
    dispatch("pointerup", { pointerType: "touch", clientX: 90, at: 31 });
    expect(events().map(({ kind, x }) => [kind, x])).toEqual([["down", 0], ["move", 90], ["move", 0], ["move", 90], ["up", 90]]);
  });

  test("does nothing that nobody sees: a move under the tolerance keeps no event", () => {
    dispatch("pointermove", { clientX: 10, at: 0 });
    dispatch("pointermove", { clientX: 11, at: 8 });
    dispatch("pointermove", { clientX: 10, at: 16 });
    expect(events().map(({ at }) => at)).toEqual([0, 16]);
  });

  test.each(["pointerdown", "click"])("has its element described when it first appears with a %s, as fingers do", (type) => {
    dispatch(type, { clientX: 5, pointerType: "touch" }, document.getElementById("buy")!);
    cut(true);
    const [frame] = frames.map(({ bytes }) => decode(bytes) as DecodedFrame);
    expect(frame!.elements.find(({ number }) => number === frame!.events[0]!.element)).toMatchObject({ tag: "button", selectors: ["#buy", expect.any(String)] });
  });

  describe("and where it is in the box of its element", () => {
    const click = (clientX: number, clientY: number, type = "click") => dispatch(type, { clientX, clientY }, document.getElementById("buy")!);
    beforeEach(() => {
      vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue({ left: 100, top: 50, width: 200, height: 40 } as DOMRect);
    });

    test.each(["pointerdown", "pointerup", "click", "dblclick", "contextmenu"])("is told of a %s", (type) => {
      click(150, 80, type);
      expect(events()[0]!.spot).toEqual([Math.round(32_766 / 4), Math.round((32_766 * 3) / 4)]);
    });

    test("reaches from edge to edge and stays between them", () => {
      [[100, 50], [300, 90], [99, 400], [301, -7]].forEach(([x, y]) => click(x!, y!));
      expect(events().map(({ spot }) => spot)).toEqual([[0, 0], [32_766, 32_766], [0, 32_766], [32_766, 0]]);
    });

    test("is the corner where the box is empty", () => {
      vi.mocked(Element.prototype.getBoundingClientRect).mockReturnValue({ left: 100, top: 50, width: 0, height: 0 } as DOMRect);
      click(100, 50);
      click(130, 40);
      expect(events().map(({ spot }) => spot)).toEqual([[0, 0], [32_766, 0]]);
    });

    test("is told of nothing else", () => {
      click(150, 60);
      dispatch("pointermove", { clientX: 190, clientY: 60, at: 9 }, document.getElementById("buy")!);
      dispatch("pointerout", { at: 12 });
      mark(Kind.Key, page.beganMs + 20);
      dispatch("pointercancel", { at: 30 });
      expect(events().map(({ kind, spot }) => [kind, !!spot])).toEqual([["click", true], ["move", false], ["leave", false], ["key", false], ["cancel", false]]);
    });
  });

  describe("where the page wants nobody to look", () => {
    beforeEach(() => {
      document.body.innerHTML = "<main><button id=buy>Buy</button><div data-mt-ignore><p id=inner>secret</p></div></main>";
    });
    const inside = () => document.getElementById("inner")!;

    test("leaves at the border, tells nothing from inside, and enters where it comes out", () => {
      dispatch("pointermove", { clientX: 10, clientY: 5, at: 0 });
      dispatch("pointermove", { clientX: 50, clientY: 5, at: 10 }, inside());
      dispatch("pointermove", { clientX: 60, clientY: 5, at: 20 }, inside());
      for (const type of ["pointerdown", "pointerup", "click", "contextmenu"]) dispatch(type, { clientX: 61, clientY: 5, at: 30 }, inside());
      dispatch("pointermove", { clientX: 90, clientY: 5, at: 40 });
      expect(events().map(({ kind, at, x }) => [kind, at, x])).toEqual([["move", 0, 10], ["leave", 10, 10], ["enter", 40, 90]]);
    });

    test("describes nothing inside, however the pointer comes there", () => {
      dispatch("pointerover", { clientX: 50, at: 5 }, inside());
      dispatch("click", { clientX: 50, at: 10 }, inside());
      dispatch("click", { clientX: 10, at: 20 });
      cut(true);
      const decoded = frames.map(({ bytes }) => decode(bytes) as DecodedFrame);
      expect(decoded.flatMap(({ elements }) => elements.map(({ tag }) => tag)).sort()).toEqual(["body"]);
      expect(decoded.flatMap(({ events }) => events.map(({ kind }) => kind))).toEqual(["click"]);
    });

    test("doesn't move with the page while it rests there", () => {
      startWindow(page);
      dispatch("pointermove", { clientX: 10, clientY: 5, at: 0 });
      dispatch("pointermove", { clientX: 50, clientY: 5, at: 10 }, inside());
      scrollTo(0, 300, 20);
      expect(kinds()).toEqual(["move", "leave"]);
    });

    test("looks nowhere inside a shadow root whose host is not to be looked at", () => {
      const root = document.querySelector("[data-mt-ignore]")!.attachShadow({ mode: "open" });
      root.innerHTML = "<button>secret</button>";
      dispatch("click", { clientX: 5 }, root.querySelector("button")!);
      expect(events()).toEqual([]);
    });
  });

  test("tells the element inside a shadow root, not its host", () => {
    document.body.innerHTML = "<my-shop></my-shop>";
    const root = document.querySelector("my-shop")!.attachShadow({ mode: "open" });
    root.innerHTML = "<button>Buy</button>";
    const button = root.querySelector("button")!;
    // Browsers tell a listener outside only the host; happy-dom doesn't know that.
    dispatch("click", { clientX: 5, target: root.host, composedPath: () => [button, root, root.host, document, window] }, document.body);
    cut(true);
    const [frame] = frames.map(({ bytes }) => decode(bytes) as DecodedFrame);
    const { element } = frame!.events[0]!;
    expect(frame!.elements.find(({ number }) => number === element)).toMatchObject({ tag: "button", selectors: ["html > body > my-shop >>> button"] });
  });

  test("is where it was last when it isn't where something happens, and where the window is before it was seen", () => {
    scrolled = { x: 0, y: 70 };
    vi.stubGlobal("scrollY", 70);
    mark(Kind.Tag, page.beganMs + 1, ["plan", "pro"]);
    dispatch("pointermove", { clientX: 10, clientY: 5, at: 5 });
    mark(Kind.Event, page.beganMs + 9, ["buy", "{}"]);
    expect(events()).toMatchObject([
      { kind: "tag", x: 0, y: 70, texts: ["plan", "pro"] }, { kind: "move", texts: null }, { kind: "event", x: 10, y: 75, texts: ["buy", "{}"] },
    ]);
  });

  test("makes room when there were more pointers than it follows, and loses nothing", () => {
    for (let id = 1; id <= 40; id++) dispatch("pointerdown", { pointerId: id, pointerType: "touch", clientX: id, at: id });
    expect(events().length).toBe(40);
  });
});

describe("the window", () => {
  /** Stands in for a layout: none is made here. */
  class FakeResizeObserver {
    static all: FakeResizeObserver[] = [];
    observed: Element[] = [];
    constructor(readonly report: () => void) {
      FakeResizeObserver.all.push(this);
    }
    observe(element: Element) {
      this.observed.push(element);
    }
    disconnect() {
      this.observed = [];
    }
  }
  const layOut = (width: number, height: number) => {
    Object.defineProperties(document.documentElement, { scrollWidth: { value: width, configurable: true }, scrollHeight: { value: height, configurable: true } });
    FakeResizeObserver.all.filter(({ observed }) => observed.length).forEach(({ report }) => report());
  };

  beforeEach(() => {
    FakeResizeObserver.all = [];
    vi.stubGlobal("ResizeObserver", FakeResizeObserver);
    vi.spyOn(performance, "now").mockReturnValue(page.beganMs);
    startWindow(page);
  });

  test("reports a scroll, and takes a resting pointer along", () => {
    layOut(1_280, 9_000);
    dispatch("pointermove", { clientX: 50, clientY: 60, at: 10 });
    scrollTo(0, 400, 1_000);
    expect(events().slice(1).map(({ kind, at, x, y }) => [kind, at, x, y])).toEqual([
      ["move", 10, 50, 60], ["scroll", 984, 0, 0], ["move", 984, 50, 60], ["scroll", 1_000, 0, 400], ["move", 1_000, 50, 460],
    ]);
  });

  test("leaves a finger that was lifted behind", () => {
    dispatch("pointerdown", { pointerType: "touch", clientX: 5, clientY: 5, at: 0 });
    dispatch("pointerup", { pointerType: "touch", clientX: 5, clientY: 5, at: 30 });
    scrollTo(0, 90, 60);
    expect(kinds()).toEqual(["down", "up"]);
  });

  test("follows the boxes that scroll inside the page, one after the other, and never the pointer with them", () => {
    const [main, button] = [document.querySelector("main")!, document.getElementById("buy")!];
    dispatch("pointermove", { clientX: 50, clientY: 60, at: 0 });
    const inner = (box: Element, left: number, top: number, at: number) => {
      box.scrollLeft = left;
      box.scrollTop = top;
      dispatch("scroll", { at }, box);
    };
    inner(main, 0, 40, 10);
    inner(main, 0, 80, 20);
    inner(main, 0, 50, 30);
    inner(button, 7, 0, 40);
    inner(main, 0, 90, 50);
    const number = Object.fromEntries(events().map(({ element, x }) => [x, element]));
    expect(events().map(({ kind, at, x, y }) => [kind, at, x, y])).toEqual([
      ["move", 0, 50, 60],
      ["inner_scroll", 10, 0, 40], ["inner_scroll", 20, 0, 80], ["inner_scroll", 30, 0, 50],
      ["inner_scroll", 40, 7, 0], ["inner_scroll", 50, 0, 90],
    ]);
    expect(number[0]).not.toBe(number[7]);
  });

  test("counts what scrolls from right to left from the right", () => {
    const main = document.querySelector("main")!;
    Object.defineProperties(main, { scrollLeft: { value: -120 }, scrollTop: { value: 3.4 } });
    dispatch("scroll", { at: 5 }, main);
    expect(events()).toMatchObject([{ kind: "inner_scroll", x: 120, y: 3 }]);
  });

  test("reports its size when it changes, and how many device px are in a px", () => {
    vi.stubGlobal("innerWidth", 800);
    vi.stubGlobal("innerHeight", 600);
    vi.stubGlobal("devicePixelRatio", 1.25);
    dispatch("resize", { at: 5 }, window);
    dispatch("click", { at: 6, clientX: 1 });
    expect(events()).toMatchObject([{ kind: "resize", x: 800, y: 600, pixel_ratio: 125 }, { kind: "click", pixel_ratio: null }]);
  });

  test("reports the size of the document whenever that changes, until it is released", () => {
    layOut(1_280, 9_000);
    layOut(1_280, 12_000);
    expect(events().map(({ kind, x, y }) => [kind, x, y])).toEqual([["document", 1_280, 9_000], ["document", 1_280, 12_000]]);
    expect(FakeResizeObserver.all.flatMap(({ observed }) => observed)).toEqual([document.documentElement, document.body]);
    release();
    expect(FakeResizeObserver.all.flatMap(({ observed }) => observed)).toEqual([]);
  });

  test("does without where the browser tells nothing of layouts", () => {
    release();
    vi.stubGlobal("ResizeObserver", undefined);
    startWindow(page);
    scrollTo(0, 90, 60);
    expect(events()).toMatchObject([{ kind: "scroll", x: 0, y: 90 }]);
  });

  /** Goes on from test to test, as a clock does. */
  let nowMs = page.beganMs;

  test.each([
    ["the document grows", () => layOut(1_280, 12_000)],
    ["a box inside scrolls", () => dispatch("scroll", { at: 9 }, document.querySelector("main")!)],
  ])("has the element under the pointer measured again once %s", (_, move) => {
    const button = document.getElementById("buy")!;
    vi.mocked(performance.now).mockImplementation(() => (nowMs += 1));
    const measure = vi.spyOn(Element.prototype, "getBoundingClientRect");
    const measured = () => measure.mock.contexts.filter((element) => element === button).length;
    const use = (at: number) => {
      dispatch("pointermove", { clientX: at, at }, button);
      cut(true);
    };
    use(1);
    use(20);
    expect(measured()).toBe(1);
    move();
    use(40);
    expect(measured()).toBe(2);
  });
});

describe("whether the page answers a click", () => {
  const button = () => document.getElementById("buy")!;
  const documents = () => events().filter(({ kind }) => kind === "document").map(({ x, y }) => [x, y]);
  /** Lets happy-dom report what changed, which browsers do right after the handler. */
  const report = () => vi.advanceTimersByTimeAsync(1);

  beforeEach(() => {
    vi.useFakeTimers();
    Object.defineProperties(document.documentElement, { scrollWidth: { value: 1_280, configurable: true }, scrollHeight: { value: 900, configurable: true } });
    startWindow(page);
  });
  afterEach(() => vi.useRealTimers());

  test.each([
    ["an attribute", () => button().setAttribute("aria-expanded", "true")],
    ["a child", () => button().append("!")],
    ["a text", () => (button().firstChild!.nodeValue = "Bought")],
  ])("is told by the first change: %s", async (_, change) => {
    dispatch("click", { clientX: 5, at: 0 }, button());
    change();
    await report();
    change();
    await report();
    expect(kinds()).toEqual(["click", "document"]);
    expect(documents()).toEqual([[1_280, 900]]);
  });

  test("is not told of what changes more than a second later, or without a click, or where nobody is to look", async () => {
    button().append("!");
    await report();
    document.querySelector("main")!.insertAdjacentHTML("beforeend", "<p data-mt-ignore>0</p>");
    dispatch("click", { clientX: 5, at: 0 }, button());
    document.querySelector("p")!.firstChild!.nodeValue = "1";
    await report();
    await vi.advanceTimersByTimeAsync(ANSWER_MS);
    button().append("!");
    await report();
    expect(documents()).toEqual([]);
  });

  test("ends with the page view", async () => {
    dispatch("click", { clientX: 5, at: 0 }, button());
    release();
    button().append("!");
    await report();
    expect(documents()).toEqual([]);
  });
});

describe("facts", () => {
  beforeEach(() => startFacts(window));
  const start = FACT_MS + 1;

  test.each([["wheel", "wheel"], ["keydown", "key"], ["copy", "copy"]])("of %s are told once a second, without what they were about", (type, kind) => {
    [0, 5, 400, FACT_MS - 1, FACT_MS, FACT_MS + 1, 2 * FACT_MS - 1, 2 * FACT_MS].forEach((at) => {
      dispatch(type, { at: start + at, key: "canary", code: "KeyC", clipboardData: "canary", deltaY: 77 });
    });
    expect(events().map(({ kind, at }) => [kind, at - start])).toEqual([[kind, 0], [kind, FACT_MS], [kind, 2 * FACT_MS]]);
    expect(JSON.stringify(events())).not.toContain("canary");
  });

  test("don't wait for each other", () => {
    ["wheel", "keydown", "copy"].forEach((type, i) => dispatch(type, { at: start + i }));
    expect(kinds()).toEqual(["wheel", "key", "copy"]);
  });

  test("happen where the pointer was last", () => {
    dispatch("pointermove", { clientX: 33, clientY: 44, at: 0 });
    dispatch("keydown", { at: start });
    expect(events().filter(({ kind }) => kind === "key")).toMatchObject([{ x: 33, y: 44 }]);
  });
});

describe("the life of the page", () => {
  const turn = vi.fn();
  beforeEach(() => startLife(turn));
  const setHidden = (isHidden: boolean) => Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  afterEach(() => setHidden(false));

  test("is reported where the pointer was last, and sent at once when the tab is hidden", () => {
    dispatch("pointermove", { clientX: 7, clientY: 8, at: 0 });
    dispatch("blur", { at: 3, target: window }, window);
    setHidden(true);
    dispatch("visibilitychange", { at: 5 }, document);
    expect(frames.length).toBe(1);
    setHidden(false);
    dispatch("visibilitychange", { at: 9 }, document);
    dispatch("focus", { at: 9, target: window }, window);
    expect(events().map(({ kind, x, y }) => [kind, x, y])).toEqual([
      ["move", 7, 8], ["blur", 7, 8], ["hidden", 7, 8], ["visible", 7, 8], ["focus", 7, 8],
    ]);
  });

  test("takes no notice of the focus of fields", () => {
    dispatch("focus", { at: 3 }, document.getElementById("buy")!);
    expect(events()).toEqual([]);
  });

  test("ends with one unload, and begins anew when the page comes out of the back/forward cache", () => {
    dispatch("pageshow", { at: 0 }, window);
    expect(turn).not.toHaveBeenCalled();
    dispatch("pagehide", { at: 1 }, window);
    setHidden(true);
    dispatch("visibilitychange", { at: 1 }, document);
    dispatch("pagehide", { at: 1 }, window);
    expect(kinds()).toEqual(["unload"]);
    expect(leave).toHaveBeenCalledOnce();
    setHidden(false);
    dispatch("pageshow", { at: 900 }, window);
    expect(turn.mock.calls).toEqual([["restore"]]);
  });
});

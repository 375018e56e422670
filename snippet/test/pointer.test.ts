// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { release } from "../src/bind";
import { frames, stopBuffer } from "../src/buffer";
import { decode, type DecodedFrame } from "../src/decode";
import { cut, startDraft, stopDraft } from "../src/draft";
import { stopElements } from "../src/element";
import { startLife } from "../src/life";
import { startPointers, stopPointers } from "../src/pointer";
import { startWindow } from "../src/window";
import { createPage } from "./view";

const page = createPage(0);
let scrolled = { x: 0, y: 0 };

/** An event as a browser makes it, with the fields that happy-dom leaves out. */
function dispatch(type: string, fields: Record<string, unknown> = {}, target: EventTarget = document.body) {
  const event = new Event(type, { bubbles: true });
  const { clientX = 0, clientY = 0, at = 0 } = fields as { clientX?: number; clientY?: number; at?: number };
  const given = {
    pointerId: 1, pointerType: "mouse", buttons: 0, pressure: 0, detail: 1, isTrusted: true, relatedTarget: null, clientX, clientY,
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

  test("makes room when there were more pointers than it follows, and loses nothing", () => {
    for (let id = 1; id <= 40; id++) dispatch("pointerdown", { pointerId: id, pointerType: "touch", clientX: id, at: id });
    expect(events().length).toBe(40);
  });
});

describe("the window", () => {
  beforeEach(() => startWindow());

  test("reports a scroll, and takes a resting pointer along", () => {
    dispatch("pointermove", { clientX: 50, clientY: 60, at: 10 });
    scrollTo(0, 400, 1_000);
    expect(events().map(({ kind, at, x, y }) => [kind, at, x, y])).toEqual([
      ["move", 10, 50, 60], ["scroll", 984, 0, 0], ["move", 984, 50, 60], ["scroll", 1_000, 0, 400], ["move", 1_000, 50, 460],
    ]);
  });

  test("leaves a finger that was lifted behind", () => {
    dispatch("pointerdown", { pointerType: "touch", clientX: 5, clientY: 5, at: 0 });
    dispatch("pointerup", { pointerType: "touch", clientX: 5, clientY: 5, at: 30 });
    scrollTo(0, 90, 60);
    expect(kinds()).toEqual(["down", "up"]);
  });

  test("takes no notice of boxes that scroll inside the page", () => {
    dispatch("scroll", { at: 5 }, document.querySelector("main")!);
    expect(events()).toEqual([]);
  });

  test("reports its size when it changes", () => {
    vi.stubGlobal("innerWidth", 800);
    vi.stubGlobal("innerHeight", 600);
    dispatch("resize", { at: 5 }, window);
    expect(events()).toMatchObject([{ kind: "resize", x: 800, y: 600 }]);
  });
});

describe("the life of the page", () => {
  beforeEach(() => startLife());
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

  test("ends with one unload, and goes on when the page comes out of the back/forward cache", () => {
    dispatch("pagehide", { at: 1 }, window);
    setHidden(true);
    dispatch("visibilitychange", { at: 1 }, document);
    dispatch("pagehide", { at: 1 }, window);
    expect(kinds()).toEqual(["unload"]);
    setHidden(false);
    dispatch("pageshow", { at: 900 }, window);
    dispatch("pagehide", { at: 990 }, window);
    expect(kinds()).toEqual(["unload", "unload"]);
  });
});

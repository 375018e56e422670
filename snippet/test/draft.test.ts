import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { frames, heldBytes, hold, stopBuffer } from "../src/buffer";
import { BUFFER_BYTES, BUFFER_EVENTS_BYTES, BUFFER_MOVES_BYTES, FLUSH_FIRST_MS, FLUSH_EVENTS, FLUSH_MS, FLUSH_WATCHED_MS, FRAME_NOTES } from "../src/config";
import { decode, type DecodedFrame } from "../src/decode";
import { countSamples, cut, openTrack, record, slow, startDraft, stopDraft, watch, type Note } from "../src/draft";
import { Kind } from "../src/frame";
import type { PageView } from "../src/page";
import { check } from "./property";
import { createPage } from "./view";

const NOTE: Note = [null, 0, 0, 0, 0];
const onCut = vi.fn();
let page: PageView;

function begin() {
  stopDraft();
  stopBuffer();
  page = createPage(0);
  startDraft(page, 2, onCut);
}

const cutFrames = () => frames.map(({ bytes }) => decode(bytes) as DecodedFrame);
const fill = (bytes: number) => hold({ page: createPage(9), seq: 1, bytes: new Uint8Array(bytes) });

beforeEach(() => {
  vi.useFakeTimers();
  onCut.mockClear();
  begin();
});
afterEach(() => void vi.useRealTimers());

describe("the draft", () => {
  test("is cut 250 ms after the first event of a page view, later after 5 s", () => {
    record(Kind.Down, 10, 1, 1, NOTE);
    vi.advanceTimersByTime(FLUSH_FIRST_MS);
    expect(frames.length).toBe(1);
    record(Kind.Up, 900, 1, 1, NOTE);
    vi.advanceTimersByTime(FLUSH_MS - 1);
    expect(frames.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(cutFrames().map(({ seq, t0 }) => [seq, t0])).toEqual([[1, 10], [2, 900]]);
    expect(onCut).toHaveBeenCalledTimes(2);
  });

  test("is cut every 100 ms while somebody watches, and at once when they begin to", () => {
    record(Kind.Down, 10, 1, 1, NOTE);
    watch(true);
    expect(frames.length).toBe(1);
    record(Kind.Up, 20, 1, 1, NOTE);
    vi.advanceTimersByTime(FLUSH_WATCHED_MS);
    expect(frames.length).toBe(2);
    watch(false);
    record(Kind.Down, 200, 1, 1, NOTE);
    vi.advanceTimersByTime(FLUSH_WATCHED_MS);
    expect(frames.length).toBe(2);
  });

  test("is cut after 512 events, and an empty one never", () => {
    for (let i = 0; i < 513; i++) record(Kind.Click, i, 0, 0, NOTE);
    expect(cutFrames().map(({ events }) => events.length)).toEqual([512]);
    cut();
    cut();
    expect(cutFrames().map(({ events }) => events.length)).toEqual([512, 1]);
  });

  test("puts what several tracks keep into the order of time", () => {
    const [mouse, finger] = [openTrack(Kind.Move), openTrack(Kind.Move)];
    mouse.sample(0, 0, 0, NOTE);
    mouse.sample(10, 100, 0, NOTE);
    finger.sample(20, 0, 500, [null, 6, 1, 0, 0]);
    mouse.sample(30, 0, 0, NOTE);
    cut();
    expect(cutFrames()[0]!.events.map(({ at, pointer_type }) => [at, pointer_type])).toEqual([
      [0, "mouse"], [10, "mouse"], [20, "touch"], [30, "mouse"],
    ]);
  });

  test("counts the samples since the frame before", () => {
    countSamples(7);
    record(Kind.Click, 0, 0, 0, NOTE);
    cut();
    record(Kind.Click, 1, 0, 0, NOTE);
    cut();
    expect(cutFrames().map(({ samples }) => samples)).toEqual([7, 0]);
  });

  test("never spans more than a frame can, wherever and whenever the events happen", () => {
    const kind = fc.constantFrom(Kind.Move, Kind.Click, Kind.Scroll, Kind.Resize);
    const place = fc.integer({ min: -1_200_000, max: 1_200_000 });
    const step = fc.tuple(kind, fc.integer({ min: 0, max: 40_000 }), fc.oneof(place, fc.integer({ min: 0, max: 900 })), place);
    check(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        begin();
        const mouse = openTrack(Kind.Move);
        const scroll = openTrack(Kind.Scroll);
        let at = 0;
        for (const [kind, dt, x, y] of steps) {
          at += dt;
          if (kind === Kind.Move) mouse.sample(at, x, y, NOTE);
          else if (kind === Kind.Scroll) scroll.sample(at, x, y, NOTE);
          else if (kind === Kind.Click) record(kind, mouse.exact(at, x, y, NOTE), x, y, NOTE);
          else record(kind, at, Math.abs(x) % 9_000, Math.abs(y) % 9_000, NOTE);
        }
        cut();
        const cuts = cutFrames();
        for (const frame of cuts) expect(frame).toBeTypeOf("object");
        expect(cuts.flatMap(({ events }) => events).filter(({ kind }) => kind === "click").length).toBe(
          steps.filter(([kind]) => kind === Kind.Click).length,
        );
      }),
    );
  });

  test("counts times from the begin of the page view, and none before it", () => {
    page = { ...createPage(0), beganMs: 500 };
    startDraft(page, 2, onCut);
    record(Kind.Click, 512.4, 0, 0, NOTE);
    record(Kind.Click, 520.6, 0, 0, NOTE);
    cut();
    // Browsers give some events the time at which the device saw them, which may be before the page view.
    record(Kind.Click, 490, 0, 0, NOTE);
    record(Kind.Click, 530, 0, 0, NOTE);
    cut();
    expect(cutFrames().map(({ t0, events }) => [t0, ...events.map(({ at }) => at)])).toEqual([[12, 0, 9], [0, 0, 30]]);
  });

  test("gives its samples, its dropped events and its descriptions to the first of the frames that it is split into", () => {
    countSamples(3);
    record(Kind.Click, 0, 0, 0, NOTE);
    record(Kind.Click, 40_000, 0, 0, NOTE);
    cut();
    expect(cutFrames().map(({ samples }) => samples)).toEqual([3, 0]);
    expect(frames.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(onCut).toHaveBeenCalledOnce();
  });

  test.each([
    ["32,767 px to the right", [0, 0], [32_767, 0], 1], ["32,768 px to the right", [0, 0], [32_768, 0], 2],
    ["32,767 px up", [0, 32_767], [0, 0], 1], ["32,768 px up", [0, 32_768], [0, 0], 2],
  ] as [string, [number, number], [number, number], number][])("spans %s in as many frames as it takes", (_, from, to, count) => {
    record(Kind.Click, 0, ...from, NOTE);
    record(Kind.Click, 1, ...to, NOTE);
    cut();
    const cuts = cutFrames();
    expect(cuts.map(({ events }) => events.length)).toEqual(count === 1 ? [2] : [1, 1]);
    expect(cuts.flatMap(({ events }) => events.map(({ x, y }) => [x, y]))).toEqual([from, to]);
    expect([cuts.at(-1)!.x0, cuts.at(-1)!.y0]).toEqual(count === 1 ? from : to);
  });

  test.each([[32_767, [2]], [32_768, [1, 1]]])("spans %i ms in as many frames as it takes", (ms, lengths) => {
    record(Kind.Click, 7, 0, 0, NOTE);
    record(Kind.Click, 7 + ms, 0, 0, NOTE);
    cut();
    expect(cutFrames().map(({ events }) => events.length)).toEqual(lengths);
    expect(cutFrames().flatMap(({ t0, events }) => events.map(({ at }) => t0 + at))).toEqual([7, 7 + ms]);
  });

  test("takes its origin from the first place, not from a size before it", () => {
    record(Kind.Resize, 0, 1_280, 720, NOTE);
    record(Kind.InnerScroll, 1, 90_000, 80_000, NOTE);
    record(Kind.Scroll, 2, 0, 50_000, NOTE);
    cut();
    expect(cutFrames()).toMatchObject([{ x0: 0, y0: 50_000, events: [{ x: 1_280, y: 720 }, { x: 90_000, y: 80_000 }, { x: 0, y: 50_000 }] }]);
  });

  const note = (i: number) => record(Kind.Tag, i, 0, 0, NOTE, ["日".repeat(85), "日".repeat(1_365)]);

  test("holds so few notes that a frame stays under its 65,536 bytes, whatever they say", () => {
    for (let i = 0; i < 11; i++) note(i);
    cut();
    expect(cutFrames().map(({ events }) => events.length)).toEqual([FRAME_NOTES, FRAME_NOTES, 3]);
    expect(cutFrames()[2]!.events[0]!.texts).toEqual(["日".repeat(85), "日".repeat(1_365)]);
    for (const { bytes } of frames) expect(bytes.length).toBeLessThan(65_536);
  });

  test("weighs notes and events together", () => {
    const share = FLUSH_EVENTS / FRAME_NOTES;
    note(0);
    for (let i = 0; i < FLUSH_EVENTS - share; i++) record(Kind.Click, 1 + i, 0, 0, NOTE);
    record(Kind.Click, 900, 0, 0, NOTE);
    cut();
    expect(cutFrames().map(({ events }) => events.length)).toEqual([1 + FLUSH_EVENTS - share, 1]);
  });

  test("makes frames that decode and lose no note, however notes, leaps and pauses follow each other", () => {
    const step = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 60_000 }));
    check(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        begin();
        let at = 0;
        for (const [isNote, dt, x] of steps) record(isNote ? Kind.Tag : Kind.Click, (at += dt), x, 0, NOTE, isNote ? [`n${at}`, "v".repeat(4_095)] : undefined);
        cut();
        const kept = cutFrames().flatMap(({ t0, events }) => events.map(({ at, x, texts }) => [!!texts, t0 + at, x, texts?.[0]]));
        at = 0;
        expect(kept).toEqual(steps.map(([isNote, dt, x]) => [isNote, (at += dt), x, isNote ? `n${at}` : undefined]));
      }),
      100,
    );
  });
});

describe("a full buffer", () => {
  test("doubles the tolerance step by step", () => {
    const tolerances = [0.4, 0.55, 0.65, 0.75, 0.85].map((share) => {
      begin();
      fill(share * BUFFER_BYTES);
      cut();
      record(Kind.Click, 0, 0, 0, NOTE);
      cut();
      return cutFrames().at(-1)!.tolerance;
    });
    expect(tolerances).toEqual([20, 40, 80, 160, 320]);
  });

  test("drops moves before clicks, counts both, and never grows past its bound", () => {
    fill(BUFFER_MOVES_BYTES + 1);
    record(Kind.Move, 0, 0, 0, NOTE);
    record(Kind.Click, 1, 0, 0, NOTE);
    cut();
    expect(cutFrames().at(-1)).toMatchObject({ dropped: 1, events: [{ kind: "click" }] });

    fill(BUFFER_EVENTS_BYTES - BUFFER_MOVES_BYTES);
    const before = heldBytes;
    for (let i = 0; i < 2_000; i++) record(Kind.Click, 2, 0, 0, NOTE);
    cut();
    expect(heldBytes).toBe(before);
    stopBuffer();
    record(Kind.Click, 3, 0, 0, NOTE);
    cut();
    expect(cutFrames()[0]!.dropped).toBe(2_000);
  });
});

test("slow coarsens between two frames, never within one", () => {
  record(Kind.Click, 0, 0, 0, NOTE);
  slow(2);
  record(Kind.Click, 1, 0, 0, NOTE);
  slow(9);
  record(Kind.Click, 2, 0, 0, NOTE);
  slow(0);
  record(Kind.Click, 3, 0, 0, NOTE);
  cut();
  expect(cutFrames().map(({ tolerance }) => tolerance)).toEqual([20, 80, 320, 20]);
});

test("a page view that the collector refused makes no frames any more", () => {
  page.refused = true;
  record(Kind.Click, 0, 0, 0, NOTE);
  cut();
  expect(frames.length).toBe(0);
});

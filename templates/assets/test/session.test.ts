import { expect, test } from "vitest";
import { moments } from "../lib/moments";
import { type ReplayJson, before, holds, parse, pointAt, viewAt } from "../lib/session";
import type { WireElement } from "../lib/wire";

type Event = [t: number, kind: string, x: number, y: number, pointer?: number, element?: number];

const button: WireElement = {
  id: 9, number: 1, rect: [0, 0, 80, 30], tag: "button", role: "", selector: "#buy", label: "button, 4 letters", text: 4,
  fixed: false, sticky: false, interactive: true, image: false,
};

/** A page view as the API packs it: columns of differences and runs. */
function packed(start: number, events: Event[]): ReplayJson["views"][number] {
  const differences = (values: number[]) => values.map((value, i) => value - (values[i - 1] ?? 0));
  const runs = (values: number[]) => values.flatMap((value, i) => (value === (values[i - 1] ?? 0) ? [] : [[i, value] as [number, number]]));
  return {
    page_view_id: "1", path: "/page", host: "https://shop.example", title: null, start_ms: start, duration_ms: events.at(-1)?.[0] ?? 0,
    viewport: [1440, 900], document: [1440, 2900], scroll: [0, 0],
    t: differences(events.map(([t]) => t)),
    kind: events.map(([, kind]) => kind).join(""),
    x: differences(events.map(([, , x]) => x)),
    y: differences(events.map(([, , , y]) => y)),
    pointer: runs(events.map(([, , , , pointer]) => pointer ?? 0)),
    element: runs(events.map(([, , , , , element]) => element ?? 0)),
    elements: [button], custom_events: [],
  };
}

function session(...views: ReplayJson["views"]) {
  const fidelity = { frames: 1, missing: 0, dropped: 0, samples: 9, events: 9, tolerance_px: 2 };
  return parse({ session_id: "1", duration_ms: 60_000, views, gaps: [], fidelity, cut_at_events: null });
}

test("columns become events again, at times of the session", () => {
  const [view] = session(packed(1_000, [[10, "m", 5, 6], [40, "c", 3, 6, 0, 1], [90, "m", 8, 2, 6, 1]])).views;
  expect([...view!.t]).toEqual([1_010, 1_040, 1_090]);
  expect([...view!.x]).toEqual([5, 3, 8]);
  expect([...view!.y]).toEqual([6, 6, 2]);
  expect([...view!.pointer]).toEqual([0, 0, 6]);
  expect([...view!.element]).toEqual([0, 1, 1]);
  expect(view!.clicks).toEqual([1]);
});

test("between two points the pointer goes straight; before the first and while it is away it is nowhere", () => {
  const [view] = session(packed(0, [[100, "m", 0, 0], [200, "m", 50, 100], [300, "l", 50, 100], [900, "e", 80, 0], [950, "m", 90, 0]])).views;
  const [mouse] = view!.tracks;
  expect(pointAt(mouse!, 99)).toBeUndefined();
  expect(pointAt(mouse!, 150)).toEqual([25, 50]);
  expect(pointAt(mouse!, 250)).toEqual([50, 100]);
  expect(pointAt(mouse!, 600)).toBeUndefined();
  expect(pointAt(mouse!, 925)).toEqual([85, 0]);
  expect(pointAt(mouse!, 9_000)).toEqual([90, 0]);
});

test("each finger has a track, and none once it is lifted", () => {
  const [one, two] = [2 + 4 * 1, 2 + 4 * 2];
  const [view] = session(packed(0, [[0, "d", 10, 0, one], [5, "d", 90, 0, two], [20, "m", 30, 0, one], [25, "u", 90, 0, two], [30, "u", 40, 0, one]])).views;
  expect(view!.tracks.map((track) => track.isTouch)).toEqual([true, true]);
  expect(view!.tracks.map((track) => pointAt(track, 10))).toEqual([[20, 0], [90, 0]]);
  expect(view!.tracks.map((track) => pointAt(track, 40))).toEqual([undefined, undefined]);
});

test("scroll, viewport and document hold from their event on", () => {
  const [view] = session(packed(0, [[100, "s", 0, 400], [200, "r", 1_200, 640], [300, "z", 1_200, 5_000]])).views;
  expect([99, 100, 900].map((t) => holds(view!.scroll, t)[2])).toEqual([0, 400, 400]);
  expect([199, 200].map((t) => holds(view!.viewport, t)[1])).toEqual([1_440, 1_200]);
  expect([0, 300].map((t) => holds(view!.document, t)[2])).toEqual([2_900, 5_000]);
});

test("of two tabs, the one that was touched last is seen", () => {
  const it = session(packed(0, [[100, "m", 1, 1], [5_000, "m", 2, 2]]), packed(1_000, [[100, "m", 1, 1], [200, "h", 1, 1]]));
  expect([0, 999, 1_000, 4_999, 5_000].map((t) => viewAt(it, t)!.index)).toEqual([0, 0, 1, 1, 0]);
});

test("bisection finds the last time that is not after", () => {
  expect([0, 1, 2, 3, 9].map((t) => before([1, 3, 3, 5], t))).toEqual([-1, 0, 0, 2, 3]);
});

test("what happened is told in words, and what belongs together is one line", () => {
  const events: Event[] = [
    [0, "m", 1, 1], [100, "c", 1, 1, 0, 1], [500, "s", 0, 100], [900, "s", 0, 500], [3_000, "s", 0, 2_000], [5_000, "h", 1, 1], [65_000, "v", 1, 1],
    [66_000, "k", 1, 1], [66_200, "k", 1, 1], [70_000, "c", 9, 9],
  ];
  expect(moments(session(packed(0, events))).map(({ at, text, detail }) => [at, text, detail])).toEqual([
    [100, "Click on button, 4 letters", "#buy"],
    [500, "Scrolled to 25 % of the page", ""],
    [3_000, "Scrolled to the end", ""],
    [5_000, "Tab hidden for 60 s", ""],
    [66_000, "Pressed keys, 2 times", ""],
    [70_000, "Click on the page", ""],
  ]);
});

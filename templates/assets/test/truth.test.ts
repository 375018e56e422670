// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";
import { fidelity } from "../lib/fidelity";
import { list } from "../lib/list";
import { moments } from "../lib/moments";
import { type ReplayJson, parse } from "../lib/session";
import { truth } from "../lib/truth";

/** One move a point, at these times and places. */
function session(points: [t: number, x: number][], part: Partial<ReplayJson> = {}, fidelity: Partial<ReplayJson["fidelity"]> = {}, custom_events: ReplayJson["views"][number]["custom_events"] = []) {
  const differences = (values: number[]) => values.map((value, i) => value - (values[i - 1] ?? 0));
  return parse({
    session_id: "1", duration_ms: 60_000, gaps: [], cut_at_events: null,
    fidelity: { frames: 1, missing: 0, dropped: 0, samples: 120, events: points.length, tolerance_px: 2, ...fidelity },
    views: [{
      page_view_id: "1", path: "/page", host: "https://shop.example", title: null, start_ms: 1_000, duration_ms: 0,
      viewport: [1440, 900], document: [1440, 2900], scroll: [0, 0], kind: "m".repeat(points.length), y: points.map(() => 0),
      t: differences(points.map(([t]) => t)), x: differences(points.map(([, x]) => x)), element: [], pointer: [], elements: [], custom_events,
    }],
    ...part,
  });
}

const badge = () => document.getElementById("fidelity")!;

beforeEach(() => {
  document.body.innerHTML = '<span id="fidelity" hidden></span><dl id="truth"></dl><span id="event-count"></span><div id="events"></div>';
});

test("the rate counts the time in movement only, and the share what is kept of the device's samples", () => {
  // A second of movement, a rest of eight, a second of movement.
  const moved = session([[0, 0], [1_000, 500], [9_000, 501], [10_000, 900]]);
  expect(fidelity(moved)).toEqual({ hz: 60, kept: 4 / 120 });
});

test("a rate over hardly any movement, or over a part of the session, is not given", () => {
  expect(fidelity(session([[0, 0], [400, 500]])).hz).toBeUndefined();
  expect(fidelity(session([[0, 0], [1_000, 500]], { cut_at_events: 2 }))).toEqual({});
  expect(fidelity(session([[0, 0], [1_000, 500]], {}, { samples: 0 }))).toEqual({});
});

test("the badge says rate, tolerance, share of points and what was dropped", () => {
  truth(session([[0, 0], [1_000, 500]]), "/icons.svg");
  expect(badge().textContent).toBe("Complete · 120 Hz · within 2 px · 1.7 % of points");
  expect([badge().hidden, badge().className]).toEqual([false, "ok"]);
  truth(session([[0, 0], [1_000, 500]], {}, { dropped: 1_204, tolerance_px: 8 }), "/icons.svg");
  expect(badge().textContent).toBe("Not complete, 1,204 dropped · 120 Hz · within 8 px · 1.7 % of points");
  expect(badge().className).toBe("rage");
  expect(document.getElementById("truth")!.textContent).toContain("Dropped in the browser1,204");
});

test("a custom event is a moment of its time, and what it says stays text", () => {
  const it = session([[0, 0], [5_000, 500]], {}, {}, [{ at_ms: 2_500, name: "<img src=x onerror=alert(1)>", props: '{"a": "<b>"}' }, { at_ms: 2_600, name: "login", props: null }]);
  const happened = moments(it);
  expect(happened.map(({ at, text, detail, isClick }) => [at, text, detail, isClick])).toEqual([
    [3_500, "The page says “<img src=x onerror=alert(1)>”", '{"a": "<b>"}', false],
    [3_600, "The page says “login”", "", false],
  ]);
  list(it, happened, "/icons.svg", () => {});
  expect(document.querySelector("#events img, #events b")).toBeNull();
  expect(document.querySelector("#events code")!.textContent).toBe('{"a": "<b>"}');
});

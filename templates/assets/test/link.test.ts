import { expect, test } from "vitest";
import { api, both, replay, selection, withValue } from "../lib/link";

const query = new URLSearchParams("page=/a%26b&kind=click&from=2026-11-01&to=2026-11-24&device=desktop&width=all&browser=Edge&compare=side&b_from=2026-10-01&b_to=2026-10-24&b_visits=new&b_width=1&palette=grey");

test("the first side is what the address says, without how it is drawn", () => {
  expect(String(selection(query))).toBe("page=%2Fa%26b&from=2026-11-01&to=2026-11-24&device=desktop&width=all&browser=Edge&kind=click");
});

test("the other side is the same but for what is said of it, and shares page, device and width", () => {
  expect(String(selection(query, "b"))).toBe("page=%2Fa%26b&from=2026-10-01&to=2026-10-24&device=desktop&width=all&browser=Edge&visits=new&kind=click");
});

test("a difference says both", () => {
  expect(String(both(query))).toBe(`${selection(query)}&b_from=2026-10-01&b_to=2026-10-24&b_visits=new`);
});

test("what a place adds goes to the API, too", () => {
  expect(api("3", "/sessions", new URLSearchParams("page=/"), { x: 10, y: -2, radius: 24 })).toBe("/api/v1/sites/3/heatmap/sessions?page=%2F&x=10&y=-2&radius=24");
});

test("a value is put into an address, replaced, and taken away", () => {
  const href = "/sites/3/heatmap?page=/a&scale=log";
  expect(withValue(href, "scale", "linear")).toBe("/sites/3/heatmap?page=%2Fa&scale=linear");
  expect(withValue(href, "smooth", "8")).toBe("/sites/3/heatmap?page=%2Fa&scale=log&smooth=8");
  expect(withValue(href, "scale", undefined)).toBe("/sites/3/heatmap?page=%2Fa");
  // Only the path is kept, whatever the origin.
  expect(withValue("https://x.example/sites/1/heatmap#a", "b", "c")).toBe("/sites/1/heatmap?b=c#a");
});

test("a replay knows the way back", () => {
  expect(replay("/sites/1/sessions/9?t=500", "/sites/1/heatmap?page=/&kind=click")).toBe("/sites/1/sessions/9?t=500&back=%2Fsites%2F1%2Fheatmap%3Fpage%3D%2F%26kind%3Dclick");
});

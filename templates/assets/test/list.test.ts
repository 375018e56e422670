// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest";
import { list } from "../lib/list";
import type { Moment } from "../lib/moments";
import type { Session, View } from "../lib/session";

const view = { index: 0, path: "/<b>page</b>", start: 0, end: 84_000 } as View;
const session = { views: [view] } as Session;
const moment = (at: number, text: string): Moment => ({ at, view, icon: "click", text, detail: "#a<b>", isClick: true });
const current = () => document.querySelector("[aria-current]")?.textContent;

beforeEach(() => {
  document.body.innerHTML = '<span id="event-count"></span><div id="events"></div>';
});

test("the list follows the playhead: the last thing that has happened is current", () => {
  const it = list(session, [moment(1_000, "one"), moment(2_500, "two")], "/icons.svg", vi.fn());
  expect(document.getElementById("event-count")!.textContent).toBe("2");
  for (const [t, text] of [[0, undefined], [1_000, "0:01.0one#a<b>"], [2_400, "0:01.0one#a<b>"], [9_000, "0:02.5two#a<b>"], [1_500, "0:01.0one#a<b>"]] as const) {
    it.follow(t);
    expect(current()).toBe(text);
  }
});

test("a line leads to its moment, and what a page is called stays text", () => {
  const seek = vi.fn();
  list(session, [moment(1_000, "<i>one</i>")], "/icons.svg", seek);
  const link = document.querySelector<HTMLAnchorElement>("#events a")!;
  expect(link.getAttribute("href")).toBe("?t=1000");
  link.click();
  expect(seek).toHaveBeenCalledWith(1_000);
  expect(document.querySelector("#events i, #events b")).toBeNull();
  expect(document.querySelector("h2")!.textContent).toContain("/<b>page</b>");
});

test("a visit in which nothing happened says so", () => {
  list(session, [], "/icons.svg", vi.fn());
  expect(document.getElementById("events")!.textContent).toContain("The pointer only moved.");
});

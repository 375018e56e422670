// One map with its legend, numbers, table and sessions.

import type { Heatmap } from "./answer";
import { byId, html } from "./dom";
import { drawMaps, linesOf } from "./draw";
import { number } from "./format";
import { type Grid, sample } from "./heat";
import { UNITS } from "./kinds";
import type { Page } from "./link";
import { MapView, type Spot } from "./map";
import { showChoices, showPlaced, size } from "./numbers";
import { showPeople } from "./people";
import type { Look } from "./settings";
import { markRow, showTable } from "./table";
import { describeSpot, follow, numbers } from "./tip";

/** Radius around a click in which sessions are looked for, px of the page. */
export const SPOT_PX = 24;

/** Returns what can wait until the map is on the screen. */
export function showSingle(page: Page, map: Heatmap, look: Look): () => void {
  const view = new MapView(byId("scroll"), map, linesOf(map));
  const [grid] = drawMaps(page, [{ map, view }], look);
  if (map.views === 0) view.area.append(nothing());
  return () => surround(page, map, view, grid!);
}

function surround(page: Page, map: Heatmap, view: MapView, grid: () => Grid): void {
  const here = location.pathname + location.search;
  const points = UNITS[map.kind].points;
  byId("summary").textContent = `${size(map)}${points === "page views" ? "" : `, ${number(map.points)} ${points}`}`;
  showPlaced(map, here);
  showChoices(map, here, page.query.get("width") === "all");
  byId<HTMLAnchorElement>("csv").href = page.url("/elements.csv", "a");

  const open = (id: number) => openElement(page, map, view, id);
  const point = (id: number | undefined, reveal = false) => {
    view.choose(id, reveal);
    markRow(id);
  };
  showTable(map, { point, open });
  watch(page, map, view, grid, (id) => point(id));
}

/** What stands over a map that nobody is on. */
export function nothing(): HTMLElement {
  return html("div", { class: "nothing", role: "status" }, html("b", {}, "No page view is left"), html("span", {}, "Take a filter away, or choose more days."));
}

/** The tip follows the pointer over the map, and a click asks who was there. */
export function watch(page: Page, map: Heatmap, view: MapView, grid: () => Grid, point: (id: number | undefined) => void, side: "a" | "b" = "a"): void {
  const describe = (spot: Spot) => describeSpot(map, spot, sample(grid(), spot.x, spot.y));
  follow(view, describe, point);
  view.doc.addEventListener("click", (event) => {
    const spot = view.spot(event);
    const more = { x: Math.max(0, Math.round(spot.x)), y: Math.max(0, Math.round(spot.y)), radius: SPOT_PX };
    void showPeople(map.kind, describe(spot), [{ title: "", url: page.url("/sessions", side, more) }]);
    if (matchMedia("(max-width: 760px)").matches) byId("people").scrollIntoView({ block: "start" });
  });
}

function openElement(page: Page, map: Heatmap, view: MapView, id: number): void {
  const row = map.table.find((row) => row.id === id);
  view.choose(id, true);
  const title = html("div", { class: "row" }, html("b", { class: "cut" }, row?.label || row?.selector || "Element"), html("code", { class: "push dim cut" }, row?.selector ?? ""));
  const facts = row ? [title, html("dl", { class: "facts" }, ...numbers(map, row))] : [title];
  void showPeople(map.kind, facts, [{ title: "", url: page.url("/sessions", "a", { element: id }) }], document.querySelector<HTMLElement>(`#elements tr[data-id="${id}"] button`) ?? undefined);
}

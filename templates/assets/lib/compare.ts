// Two selections of one page: side by side with one scale and one scroll, or as the difference of what is beyond chance.

import { type Difference, type Heatmap, ask } from "./answer";
import { byId, html } from "./dom";
import { drawMaps, linesOf } from "./draw";
import { number, short } from "./format";
import { type Grid, cell, most } from "./heat";
import { UNITS } from "./kinds";
import type { Page } from "./link";
import { MapView, scrollTogether } from "./map";
import { showChoices, showPlaced, size, widthValue } from "./numbers";
import { fillBlocks } from "./paint";
import { showPeople } from "./people";
import { OPACITY, diverging, legend } from "./ramp";
import { type Look, control } from "./settings";
import { SPOT_PX, nothing, watch } from "./single";
import { markRow, showTableOfTwo } from "./table";
import { fact, follow } from "./tip";

/** Sessions that a side needs in a block before anything is said of it. */
const MIN_SESSIONS = 10;

/** The other side at the width and in the state of the first: other boxes could not be compared. */
export function askForB(page: Page, a: Heatmap): Promise<Heatmap> {
  // Where the first has nothing, the other one says where to look.
  if (a.views === 0) return ask<Heatmap>(page.url("", "b"));
  const open = a.overlays.find((one) => one.is_open);
  return ask<Heatmap>(page.url("", "b", { pointer: a.pointer, width: page.query.get("width") ?? widthValue(a.width), ...(open ? { overlay: open.id } : {}) }));
}

/** What a map lies on: where nobody was there is no page, so the other side lends its own. */
function ground(of: Heatmap, other: Heatmap): Heatmap {
  return of.views === 0 && other.views > 0 ? other : of;
}

/** Returns what can wait until the maps are on the screen. */
export function showSides(page: Page, a: Heatmap, b: Heatmap, look: Look): () => void {
  const maps = [
    { map: a, view: new MapView(byId("scroll"), ground(a, b), linesOf(a)) },
    { map: b, view: new MapView(byId("scroll-b"), ground(b, a), linesOf(b)) },
  ];
  for (const { map, view } of maps) if (map.views === 0) view.area.append(nothing());
  const grids = drawMaps(page, maps, look);
  scrollTogether(maps.map(({ view }) => view));
  return () => surround(page, maps, grids);
}

function surround(page: Page, maps: { map: Heatmap; view: MapView }[], grids: (() => Grid)[]): void {
  const [a, b] = [maps[0]!.map, maps[1]!.map];
  byId("count-a").textContent = size(a);
  byId("count-b").textContent = size(b);
  const here = location.pathname + location.search;
  showPlaced(sum(a, b), here);
  showChoices(a, here, page.query.get("width") === "all");
  byId<HTMLAnchorElement>("csv").href = page.url("/elements.csv", "a");
  byId<HTMLAnchorElement>("csv").title = "Download the table of A as CSV";
  const point = (id: number | undefined, reveal = false) => {
    for (const { view } of maps) view.choose(id, reveal);
    markRow(id);
  };
  showTableOfTwo(a, b, { point, open: (id) => openInBoth(page, maps[0]!.view, id) });
  maps.forEach(({ map, view }, i) => watch(page, map, view, grids[i]!, (id) => point(id), i === 0 ? "a" : "b"));
}

/** How the points of both sides found their places. */
function sum(a: Heatmap, b: Heatmap): Heatmap {
  const [p, q] = [a.placed, b.placed];
  const placed = { element: p.element + q.element, ratio: p.ratio + q.ratio, none: p.none + q.none, overlay: p.overlay + q.overlay };
  return { ...a, points: a.points + b.points, placed };
}

function openInBoth(page: Page, view: MapView, id: number): void {
  view.choose(id, true);
  const element = view.element(id);
  const title = html("div", { class: "row" }, html("b", { class: "cut" }, element?.label || "Not on this page"), html("code", { class: "push dim cut" }, element?.selector ?? ""));
  const groups = (["a", "b"] as const).map((side) => ({ title: `${side.toUpperCase()}:`, url: page.url("/sessions", side, { element: id }) }));
  void showPeople(page.kind, [title], groups, document.querySelector<HTMLElement>(`#elements tr[data-id="${id}"] button`) ?? undefined);
}

/** Puts signed values where they belong; the rest is zero. */
function blocks(of: Difference, values: number[]): Grid {
  const out = new Float32Array(of.columns * of.rows);
  let index = 0;
  of.at.forEach((step, i) => (out[(index += step)] = values[i] ?? 0));
  return { columns: of.columns, rows: of.rows, px: of.block_px, values: out };
}

export function showDifference(page: Page, of: Difference, look: Look): void {
  const view = new MapView(byId("scroll"), of, [{ y: of.fold, words: `Fold, median ${of.fold} px` }]);
  const [grid, t] = [blocks(of, of.difference), blocks(of, of.t)];
  const top = Math.max(most(grid.values), most(grid.values.map((value) => -value)));
  const unit = UNITS[page.kind];
  const draw = () => {
    const fade = Math.min(1, look.opacity / OPACITY);
    view.fade(fade);
    const dense = diverging(Math.max(OPACITY, look.opacity));
    legend(byId<HTMLCanvasElement>("ramp"), dense, fade);
    view.paint((pixels, width, height, y, step) => fillBlocks(pixels, width, height, grid, top, dense, { x: 0, y, step }), `Difference of two heatmaps: ${number(of.at.length)} blocks differ.`);
  };
  control(look, page.kind, draw);
  draw();
  const spans = byId("scale").children;
  // As on the map, half the way stands a quarter of the largest difference.
  const marks = [-1, -0.25, 0, 0.25, 1];
  const words = ["less in B", "", "0", "", "more in B"];
  for (let i = 0; i < spans.length; i++) spans[i]!.textContent = top === 0 ? words[i]! : signed(marks[i]! * top, unit.mark);
  if (of.at.length === 0) view.area.append(noDifference(of));
  byId("blank").textContent = `${number(of.at.length)} ${of.at.length === 1 ? "block" : "blocks"} of ${of.block_px} px ${of.at.length === 1 ? "differs" : "differ"}. ${number(of.blank)} with heat ${of.blank === 1 ? "stays" : "stay"} blank.`;
  byId("count-a").textContent = size(of.a);
  byId("count-b").textContent = size(of.b);
  const describe = (x: number, y: number) => {
    const [value, test] = [cell(grid, x, y), cell(t, x, y)];
    if (value === 0) return html("p", { class: "soft small" }, "No difference that passes the test.");
    return html("dl", { class: "facts" }, fact("B minus A", signed(value, unit.say)), fact("Welch’s t", signed(test, short)));
  };
  follow(view, (spot) => [html("b", { class: "cut" }, spot.element?.label ?? "Empty space"), describe(spot.x, spot.y)], (id) => {
    view.choose(id);
    markRow(id);
  });
  view.doc.addEventListener("click", (event) => {
    const spot = view.spot(event);
    const more = { x: Math.max(0, Math.round(spot.x)), y: Math.max(0, Math.round(spot.y)), radius: SPOT_PX };
    const groups = (["a", "b"] as const).map((side) => ({ title: `${side.toUpperCase()}:`, url: page.url("/sessions", side, more) }));
    void showPeople(page.kind, [html("b", { class: "cut" }, spot.element?.label ?? "Empty space"), describe(spot.x, spot.y)], groups);
  });
  void addTable(page, view);
}

/** Why nothing is coloured. */
function noDifference({ a, b }: Difference): HTMLElement {
  const few = Math.min(a.sessions, b.sessions);
  const why = few < MIN_SESSIONS ? `One side has ${few === 0 ? "no session" : few === 1 ? "1 session" : `${few} sessions`}: too few to tell a difference from chance.` : "What differs is within chance. More days may tell.";
  return html("div", { class: "nothing", role: "status" }, html("b", {}, "No block passes the test"), html("span", {}, why));
}

/** The table needs both sides; the map does not wait for it. */
async function addTable(page: Page, view: MapView): Promise<void> {
  byId("elements").replaceChildren(html("p", { class: "pad soft", role: "status" }, "Counting"));
  try {
    const a = await ask<Heatmap>(page.url("", "a"));
    const b = await askForB(page, a);
    const here = location.pathname + location.search;
    showPlaced(sum(a, b), here);
    showChoices(a, here, page.query.get("width") === "all");
    byId<HTMLAnchorElement>("csv").href = page.url("/elements.csv", "a");
    const point = (id: number | undefined, reveal = false) => {
      view.choose(id, reveal);
      markRow(id);
    };
    showTableOfTwo(a, b, { point, open: (id) => openInBoth(page, view, id) });
  } catch (error) {
    byId("elements").replaceChildren(html("p", { class: "pad soft" }, `The table can’t be shown. ${error instanceof Error ? error.message : ""}`));
  }
}

function signed(value: number, say: (value: number) => string): string {
  return value === 0 ? say(0) : `${value > 0 ? "+" : "−"}${say(Math.abs(value))}`;
}

// A heatmap above its wireframe, with legend, shares and the table of elements.

import { byId, html, set, svg } from "./lib/dom";
import { number, percent, short } from "./lib/format";
import { type Grid, grid, paint, sample, slices } from "./lib/heat";
import { type Palette, legend, ramp } from "./lib/ramp";
import { type How, scale } from "./lib/scale";
import { type WireElement, wire } from "./lib/wire";

/** Answer of `/api/v1/sites/{id}/heatmap`. */
interface HeatmapJson {
  kind: "movement" | "click";
  sessions: number;
  views: number;
  cut_at_views: number | null;
  viewport_w: number;
  fold: number;
  document: [number, number];
  cell_px: number;
  columns: number;
  rows: number;
  at: number[];
  value: number[];
  placed: { element: number; ratio: number; none: number };
  elements: WireElement[];
  heat: { id: number; seconds: number; clicks: number }[];
}

/** Rows of the table of elements. */
const MAX_ROWS = 100;

async function load(root: HTMLElement): Promise<void> {
  const state = byId("state");
  try {
    const answer = await fetch(root.dataset["url"]!, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status === 401 ? "You are signed out. Reload the page to sign in." : `The collector answered ${answer.status}.`);
    const map = (await answer.json()) as HeatmapJson;
    state.remove();
    show(map);
  } catch (error) {
    const again = html("button", { class: "btn" }, "Try again");
    again.addEventListener("click", () => {
      state.replaceChildren("Counting");
      void load(root);
    });
    state.replaceChildren(html("p", {}, `The heatmap can’t be shown. ${error instanceof Error ? error.message : String(error)}`), again);
  }
}

function show(map: HeatmapJson): void {
  const [w, h] = map.document;
  const doc = byId("doc");
  doc.classList.toggle("slim", w < 700);
  doc.style.aspectRatio = `${w} / ${h}`;
  doc.style.maxWidth = w < 700 ? `${Math.round(w * 1.15)}px` : "none";
  const cells = grid(map.columns, map.rows, map.cell_px, map.at, map.value);
  const background = svg("svg", { viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" });
  const drawn = wire(map.elements, map.viewport_w);
  background.append(drawn.scrolls, drawn.stays);
  const layer = html("div", { class: "heat", role: "img", "aria-label": describe(map) });
  const hit = svg("rect", { class: "w-hit", rx: 12, visibility: "hidden" });
  const above = svg("svg", { viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" }, hit);
  doc.replaceChildren(background, layer, above, fold(map));

  const repaint = painter(map, cells, layer);
  for (const id of ["how", "palette"]) byId(id).addEventListener("change", repaint);
  const opacity = byId<HTMLInputElement>("opacity");
  const fade = () => layer.style.setProperty("opacity", String(Number(opacity.value) / 85));
  opacity.addEventListener("input", fade);
  new ResizeObserver(repaint).observe(doc);

  numbers(map);
  const choose = highlight(map, hit, doc);
  table(map, choose);
  hover(map, cells, doc, choose);
}

function describe(map: HeatmapJson): string {
  const names = [...map.heat].slice(0, 3).map((heat) => map.elements.find((element) => element.id === heat.id)?.label ?? "");
  return names.length > 0 ? `Heatmap. Most time rests on: ${names.join("; ")}.` : "Heatmap.";
}

/** The fold: what lies below was not seen without scrolling in half of the windows. */
function fold(map: HeatmapJson): HTMLElement {
  const line = html("div", { class: "fold" }, html("span", {}, `Fold, median ${map.fold} px`));
  line.style.top = `${(map.fold / map.document[1]) * 100}%`;
  line.hidden = map.fold >= map.document[1];
  return line;
}

/** Paints the slices that can be seen, and the others when they come into sight. */
function painter(map: HeatmapJson, cells: Grid, layer: HTMLElement): () => void {
  const [w, h] = map.document;
  const parts = slices(h).map((slice) => {
    const canvas = layer.appendChild(html("canvas"));
    canvas.style.top = `${(slice.from / h) * 100}%`;
    canvas.style.height = `${(slice.height / h) * 100}%`;
    return { ...slice, canvas, isFresh: false, isSeen: false };
  });
  const work = () => {
    const colours = ramp(byId<HTMLSelectElement>("palette").value as Palette);
    const how = scale(byId<HTMLSelectElement>("how").value as How, cells.values);
    // Heat is smooth: half a px a page px is plenty, and four times as fast.
    const zoom = Math.min(1, Math.max(0.5, layer.clientWidth / w));
    for (const part of parts) {
      if (part.isFresh || !part.isSeen) continue;
      part.isFresh = true;
      paint(part.canvas, cells, how, colours, w, part.from, part.height, zoom);
    }
    legend(byId<HTMLCanvasElement>("ramp"), colours);
    const spans = byId("scale").children;
    for (let i = 0; i < spans.length; i++) spans[i]!.textContent = short(how.value(i / (spans.length - 1)));
  };
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        const part = parts.find((part) => part.canvas === entry.target);
        if (part) part.isSeen = entry.isIntersecting;
      }
      work();
    },
    { rootMargin: "600px" },
  );
  for (const part of parts) watch.observe(part.canvas);
  return () => {
    for (const part of parts) part.isFresh = false;
    work();
  };
}

function numbers(map: HeatmapJson): void {
  const cut = map.cut_at_views === null ? "" : `, only the newest ${number(map.cut_at_views)} page views`;
  byId("summary").textContent = `${number(map.sessions)} ${map.sessions === 1 ? "session" : "sessions"}, ${number(map.views)} page ${map.views === 1 ? "view" : "views"}${cut}`;
  const { element, ratio, none } = map.placed;
  const all = element + ratio + none;
  byId("points").textContent = `${number(all)} ${map.kind === "click" ? "clicks" : "points"}`;
  let x = 0;
  const parts = [
    [element, "d1", "by-element"],
    [ratio, "d3", "by-ratio"],
    [none, "d5", "by-none"],
  ] as const;
  const bars = parts.map(([count, tone, id]) => {
    const share = all === 0 ? 0 : (count / all) * 100;
    byId(id).textContent = percent(count, all);
    const bar = svg("rect", { class: `c ${tone}`, x: `${x}%`, width: `${share}%`, height: "100%" });
    x += share;
    return bar;
  });
  byId("placed").replaceChildren(...bars);
}

/** Draws a frame around an element; `reveal` scrolls to it, too. */
function highlight(map: HeatmapJson, hit: SVGRectElement, doc: HTMLElement) {
  return (id: number | undefined, reveal = false) => {
    const element = map.elements.find((element) => element.id === id);
    hit.setAttribute("visibility", element ? "visible" : "hidden");
    for (const row of document.querySelectorAll<HTMLElement>("#elements tr")) row.classList.toggle("sel", row.dataset["id"] === String(id));
    if (!element) return;
    const [x, y, width, height] = element.rect;
    set(hit, { x: x - 3, y: y - 3, width: width + 6, height: height + 6 });
    if (reveal) {
      const area = byId("scroll");
      const top = (y / map.document[1]) * doc.clientHeight;
      area.scrollTo({ top: Math.max(0, top - area.clientHeight / 3) });
    }
  };
}

function table(map: HeatmapJson, choose: (id: number | undefined, reveal?: boolean) => void): void {
  const weight = (heat: HeatmapJson["heat"][number]) => (map.kind === "click" ? heat.clicks : heat.seconds);
  const rows = [...map.heat].sort((a, b) => weight(b) - weight(a)).slice(0, MAX_ROWS);
  byId("element-count").textContent = rows.length < map.heat.length ? `${rows.length} of ${map.heat.length}` : String(map.heat.length);
  const most = Math.max(...rows.map(weight), 1e-9);
  const body = rows.map((heat) => {
    const element = map.elements.find((element) => element.id === heat.id)!;
    const name = html("button", { class: "go cut", type: "button", title: element.selector }, element.selector ? shortName(element) : element.label);
    name.addEventListener("click", () => choose(heat.id, true));
    const bar = svg("svg", { class: "bar", "aria-hidden": "true" }, svg("rect", { width: `${(weight(heat) / most) * 100}%`, height: "100%", rx: 3 }));
    return html("tr", { "data-id": heat.id }, html("td", {}, bar, name), html("td", { class: "num" }, short(heat.seconds)), html("td", { class: "num" }, number(heat.clicks)));
  });
  byId("elements").replaceChildren(...body);
  if (rows.length === 0) byId("elements").append(html("tr", {}, html("td", { class: "soft", colspan: 3 }, "No element was pointed at.")));
}

function shortName(element: WireElement): HTMLElement {
  return html("span", {}, element.label, " ", html("code", { class: "dim" }, element.selector));
}

/** Shows what is under the pointer: value of the spot, and the smallest element there. */
function hover(map: HeatmapJson, cells: Grid, doc: HTMLElement, choose: (id: number | undefined) => void): void {
  const tip = byId("tip");
  const area = byId("scroll");
  doc.addEventListener("pointermove", (event) => {
    const box = doc.getBoundingClientRect();
    const k = map.document[0] / box.width;
    const [x, y] = [(event.clientX - box.left) * k, (event.clientY - box.top) * k];
    const element = map.elements
      .filter(({ rect: [ex, ey, ew, eh] }) => x >= ex && x <= ex + ew && y >= ey && y <= ey + eh)
      .sort((a, b) => a.rect[2] * a.rect[3] - b.rect[2] * b.rect[3])[0];
    const heat = map.heat.find((heat) => heat.id === element?.id);
    const unit = map.kind === "click" ? "clicks" : "s";
    const facts = html(
      "dl",
      { class: "facts" },
      fact("This spot", short(sample(cells, x, y)), unit),
      fact("Element", short(heat?.seconds ?? 0), "s"),
      fact("Clicks", number(heat?.clicks ?? 0)),
    );
    const title = html("div", { class: "row" }, html("b", { class: "cut" }, element?.label ?? "Empty space"));
    if (element?.selector) title.append(html("code", { class: "push dim cut" }, element.selector));
    tip.replaceChildren(title, facts);
    tip.hidden = false;
    const at = area.getBoundingClientRect();
    const [left, top] = [event.clientX - at.left + area.scrollLeft, event.clientY - at.top + area.scrollTop];
    const flip = event.clientX - at.left > at.width - 290;
    tip.style.left = `${flip ? left - tip.offsetWidth - 16 : left + 16}px`;
    tip.style.top = `${Math.max(area.scrollTop + 8, Math.min(top + 16, area.scrollTop + at.height - tip.offsetHeight - 8))}px`;
    choose(element?.id);
  });
  doc.addEventListener("pointerleave", () => {
    tip.hidden = true;
    choose(undefined);
  });
}

function fact(name: string, value: string, unit = ""): HTMLElement {
  return html("div", {}, html("dt", {}, name), html("dd", {}, value, unit ? html("small", {}, ` ${unit}`) : ""));
}

const root = document.getElementById("heatmap");
if (root) void load(root);

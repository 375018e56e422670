// What stands beside the pointer over a map.

import type { ElementRow, Heatmap } from "./answer";
import { byId, html } from "./dom";
import { COLUMNS, UNITS } from "./kinds";
import type { MapView, Spot } from "./map";

export function fact(name: string, value: string): HTMLElement {
  return html("div", {}, html("dt", {}, name), html("dd", {}, value));
}

/** A spot in words: its value, and the numbers of the element there. */
export function describeSpot(map: Heatmap, spot: Spot, value: number): Node[] {
  const row = map.table.find((row) => row.id === spot.element?.id);
  return [name(spot), html("dl", { class: "facts" }, fact(map.by_row ? "This row" : "This spot", UNITS[map.kind].say(value)), ...(row ? numbers(map, row) : []))];
}

function name({ element }: Spot): HTMLElement {
  const title = html("div", { class: "row" }, html("b", { class: "cut" }, element?.label || element?.selector || "Empty space"));
  if (element?.selector && element.selector !== element.label) title.append(html("code", { class: "push dim cut" }, element.selector));
  return title;
}

/** Numbers of an element: that of the kind first, then what is always worth knowing. */
export function numbers(map: Heatmap, row: ElementRow): HTMLElement[] {
  const main = UNITS[map.kind].column;
  const keys = [...new Set([main, "attention", "clicks", "hovers", "rate"])];
  const said = COLUMNS.filter(({ key }) => keys.includes(key)).sort((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
  return said.slice(0, 5).map((column) => fact(column.name, column.say(row)));
}

/** Shows it beside the pointer, inside the window. */
export function moveTip(tip: HTMLElement, x: number, y: number): void {
  tip.hidden = false;
  const flip = x + 16 + tip.offsetWidth > innerWidth - 8;
  tip.style.left = `${Math.max(8, flip ? x - tip.offsetWidth - 16 : x + 16)}px`;
  tip.style.top = `${Math.max(8, Math.min(y + 16, innerHeight - tip.offsetHeight - 8))}px`;
}

/** Follows the pointer over a map, at most once a frame. */
export function follow(view: MapView, show: (spot: Spot) => Node[], point: (id: number | undefined) => void): void {
  const tip = byId("tip");
  let last: PointerEvent | undefined;
  view.doc.addEventListener("pointermove", (event) => {
    // A finger has no hover: what it taps opens.
    if (event.pointerType === "touch") return;
    if (!last) requestAnimationFrame(() => {
      const at = last!;
      last = undefined;
      if (!view.doc.matches(":hover")) return;
      const spot = view.spot(at);
      tip.replaceChildren(...show(spot));
      moveTip(tip, at.clientX, at.clientY);
      point(spot.element?.id);
    });
    last = event;
  });
  view.doc.addEventListener("pointerleave", () => {
    tip.hidden = true;
    point(undefined);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") tip.hidden = true;
  });
}


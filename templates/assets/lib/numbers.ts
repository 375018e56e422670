// What stands around a map: how much is in it, how it found its place, and what else there is to choose.

import type { Heatmap, Pointer } from "./answer";
import { byId, html, svg } from "./dom";
import { number, percent } from "./format";
import { UNITS } from "./kinds";
import { withValue } from "./link";

const counted = (count: number, one: string, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;

/** Sessions and page views in words. */
export function size(of: { sessions: number; views: number }): string {
  return `${counted(of.sessions, "session")}, ${counted(of.views, "page view")}`;
}

/** Nothing is left out in silence: every point is by element, by ratio, not placed, or in a dialog that is not shown. */
export function showPlaced(map: Heatmap, href: string): void {
  const { element, ratio, none, overlay } = map.placed;
  const all = element + ratio + none + overlay;
  byId("points").textContent = `${number(map.points)} ${UNITS[map.kind].points}`;
  const parts: [number, string, string][] = [
    [element, "d1", "by element"],
    [ratio, "d3", "by ratio, element not found"],
    [none, "d5", "not placed"],
    [overlay, "d4", "in a dialog that is not shown"],
  ];
  let x = 0;
  const bars: Node[] = [];
  const rows: Node[] = [];
  for (const [count, tone, words] of parts) {
    const share = all === 0 ? 0 : (count / all) * 100;
    bars.push(svg("rect", { class: `c ${tone}`, x: `${x}%`, width: `${share}%`, height: "100%" }));
    x += share;
    if (words.startsWith("in a") && count === 0) continue;
    const key = html("span", { class: `key ${tone}` }, words);
    const hidden = words.startsWith("in a") ? [...map.overlays].filter((one) => !one.is_open).sort((a, b) => b.views - a.views)[0] : undefined;
    if (hidden) key.append(html("a", { class: "link", href: withValue(href, "overlay", String(hidden.id)), title: `With ${hidden.label || hidden.selector}${map.overlays.length > 1 ? ", the one most seen" : ""}` }, "open it"));
    rows.push(html("li", { title: counted(count, "point") }, key, html("b", {}, percent(count, all))));
  }
  byId("placed").replaceChildren(...bars);
  byId("placed-list").replaceChildren(...rows);
}

/** A class of widths in words. */
export function widthName({ from, to }: { from: number; to: number | null }): string {
  return to === null ? `from ${from} px` : from === 0 ? `up to ${to} px` : `${from} to ${to} px`;
}

/** The same as the API wants it. */
export function widthValue({ from, to }: { from: number; to: number | null }): string {
  return `${from}-${to ?? ""}`;
}

/** Fills the menus whose choices come with the map. */
export function showChoices(map: Heatmap, href: string, isAll: boolean): void {
  const choice = (url: string, name: string, count: number, isShown: boolean) =>
    html("li", {}, html("a", { href: url, ...(isShown ? { "aria-current": "true" } : {}) }, html("span", { class: "cut" }, name), html("span", { class: "push dim" }, number(count))));
  const widths = byId("widths");
  const views = map.widths.reduce((sum, width) => sum + width.views, 0);
  widths.querySelector("summary .is")!.textContent = isAll ? "All widths" : widthName(map.width);
  const list = widths.querySelector("ul")!;
  list.replaceChildren(
    // Classes that nobody came with would lead to nothing.
    ...map.widths.filter((width) => width.views > 0 || width.is_shown).map((width) => choice(withValue(href, "width", widthValue(width)), widthName(width), width.views, !isAll && width.is_shown)),
    choice(withValue(href, "width", "all"), "All widths", views, isAll),
    html("li", { class: "none dim small" }, isAll ? `On the page at ${widthName(map.width)}: what other widths add is placed by element only` : "Page views by width of the window"),
  );

  const open = map.overlays.find((one) => one.is_open);
  const overlays = byId("overlays");
  overlays.hidden = map.overlays.length === 0;
  const named = (one: Heatmap["overlays"][number]) => `With ${one.label || one.selector}`;
  overlays.querySelector("summary .is")!.textContent = open ? named(open) : "Page, nothing opened";
  overlays.querySelector("ul")!.replaceChildren(
    choice(withValue(href, "overlay", undefined), "Page, nothing opened", map.views, !open),
    ...map.overlays.map((one) => choice(withValue(href, "overlay", String(one.id)), named(one), one.views, one.is_open)),
  );

  const names: [Pointer, string][] = [["mouse", "Mouse"], ["touch", "Touch"], ["pen", "Pen"]];
  const pointers = names.filter(([pointer]) => map.pointers[pointer] > 0 || pointer === map.pointer);
  const group = byId("pointers");
  group.hidden = map.by_row || pointers.length < 2;
  group.replaceChildren(
    ...pointers.map(([pointer, name]) =>
      html("a", { href: withValue(href, "pointer", pointer), title: counted(map.pointers[pointer], "point"), ...(pointer === map.pointer ? { "aria-current": "true" } : {}) }, name),
    ),
  );
}

/** Elements that can be filtered by, and the names of those that are. */
export function showElementChoices(map: Heatmap): void {
  const name = new Map(map.table.map((row) => [row.id, row.label || row.selector]));
  for (const chip of document.querySelectorAll<HTMLElement>("[data-element]")) {
    const label = name.get(Number(chip.dataset["element"]));
    if (label) chip.textContent = label;
  }
  const clicked = map.table.filter((row) => row.clicks > 0 && name.has(row.id)).sort((a, b) => b.clicks - a.clicks);
  for (const select of document.querySelectorAll<HTMLSelectElement>(".elements-choice")) {
    const chosen = select.dataset["value"] ?? "";
    const isListed = clicked.some((row) => String(row.id) === chosen);
    const rest = chosen && !isListed ? [html("option", { value: chosen }, name.get(Number(chosen)) ?? chosen)] : [];
    select.replaceChildren(html("option", { value: "" }, "any element"), ...rest, ...clicked.map((row) => html("option", { value: row.id }, `${name.get(row.id)} (${number(row.clicks)})`)));
    select.value = chosen;
  }
}

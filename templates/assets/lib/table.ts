// The table of elements: one map's numbers, or two maps' and what lies between them.

import type { ElementRow, Heatmap } from "./answer";
import { byId, html, svg } from "./dom";
import { number, short } from "./format";
import { COLUMNS, type Column, UNITS, sorted } from "./kinds";

/** Rows that are made at once; the others when they are asked for. */
const ROWS = 60;

/** What rows do: `point` while they have the pointer or the focus, `open` when they are chosen. */
export interface Rows {
  point(id: number | undefined, reveal?: boolean): void;
  open(id: number): void;
}

function nameCell({ id, label, selector, placed }: Named, share: number, rows: Rows): HTMLElement {
  const shown = label || selector;
  const name = html("button", { class: placed ? "go cut" : "go cut dim", type: "button", title: placed ? selector : `${selector}: not on the page that is shown` }, shown);
  if (selector && selector !== shown) name.append(" ", html("code", { class: "dim" }, selector));
  name.addEventListener("click", () => rows.open(id));
  name.addEventListener("focus", () => rows.point(id, name.matches(":focus-visible")));
  const bar = svg("svg", { class: "bar", "aria-hidden": "true" }, svg("rect", { width: `${Math.max(0, share) * 100}%`, height: "100%", rx: 3 }));
  return html("th", { scope: "row" }, bar, name);
}

type Named = Pick<ElementRow, "id" | "label" | "selector" | "placed">;

function body<T>(of: T[], line: (row: T) => HTMLElement, columns: number): HTMLElement {
  const tbody = html("tbody", {}, ...of.slice(0, ROWS).map(line));
  if (of.length === 0) tbody.append(html("tr", {}, html("td", { class: "soft", colspan: columns }, "No element was met.")));
  if (of.length > ROWS) {
    const more = html("button", { class: "btn wide", type: "button" }, `Show all ${number(of.length)}`);
    const last = html("tr", { class: "more" }, html("td", { colspan: columns }, more));
    more.addEventListener("click", () => {
      const rest = of.slice(ROWS).map(line);
      last.replaceWith(...rest);
      rest[0]?.querySelector("button")?.focus();
    });
    tbody.append(last);
  }
  return tbody;
}

function line(id: number, cells: HTMLElement[], rows: Rows): HTMLElement {
  const row = html("tr", { "data-id": id }, ...cells);
  row.addEventListener("pointerenter", () => rows.point(id));
  row.addEventListener("pointerleave", () => rows.point(undefined));
  return row;
}

/** Shows the table; a head sorts by its column, and once more the other way round. */
export function showTable(map: Heatmap, rows: Rows): void {
  const name = (row: ElementRow) => row.label || row.selector;
  const main = UNITS[map.kind].column;
  let [column, isFalling]: [Column, boolean] = [main, true];
  byId("element-count").textContent = number(map.table.length);
  const draw = () => {
    const by = COLUMNS.find(({ key }) => key === (column === "element" ? main : column))!;
    const top = Math.max(...map.table.map(by.value), 1e-9);
    const head = [{ key: "element" as Column, name: "Element", title: "Name" }, ...COLUMNS].map(({ key, name, title }) => {
      const button = html("button", { type: "button", class: "sort", title }, name);
      button.addEventListener("click", () => {
        [column, isFalling] = key === column ? [column, !isFalling] : [key, key !== "element"];
        draw();
        byId("elements").querySelector<HTMLElement>("[aria-sort] button")?.focus();
      });
      const cell = html("th", { scope: "col", class: key === "element" ? "" : `num ${extra(key, main)}` }, button);
      if (key === column) cell.setAttribute("aria-sort", isFalling ? "descending" : "ascending");
      return cell;
    });
    const show = (row: ElementRow) => {
      const cells = COLUMNS.map((it) => html("td", { class: `num ${extra(it.key, main)}` }, it.say(row)));
      return line(row.id, [nameCell(row, by.value(row) / top, rows), ...cells], rows);
    };
    const order = sorted(map.table, column, isFalling, name);
    const caption = html("caption", { class: "vh" }, "Elements of the page; the heads sort");
    byId("elements").replaceChildren(html("table", { class: "list tight elements" }, caption, html("thead", {}, html("tr", {}, ...head)), body(order, show, COLUMNS.length + 1)));
  };
  draw();
}

/** Columns that are only shown where there is room. */
function extra(key: Column, main: Column): string {
  return key === main || key === "attention" || key === "clicks" ? "" : "extra";
}

/** What a column counts for a comparison: means as they are, counts for a hundred page views, because the sides differ in size. */
function rate(column: Column, map: Heatmap, row: ElementRow | undefined): number {
  if (!row) return 0;
  const value = COLUMNS.find(({ key }) => key === column)!.value(row);
  if (column === "attention" || column === "hesitation" || column === "first") return Math.max(0, value) / 1000;
  return (value * 100) / Math.max(1, map.views);
}

/** Shows A, B and B minus A of the column that belongs to the kind, largest difference first. */
export function showTableOfTwo(a: Heatmap, b: Heatmap, rows: Rows): void {
  const column = UNITS[a.kind].column;
  const isTime = column === "attention" || column === "hesitation" || column === "first";
  const [ofA, ofB] = [a, b].map((map) => new Map(map.table.map((row) => [row.id, row]))) as [Map<number, ElementRow>, Map<number, ElementRow>];
  const all = [...new Set([...ofA.keys(), ...ofB.keys()])].map((id) => ({ of: (ofA.get(id) ?? ofB.get(id))!, a: rate(column, a, ofA.get(id)), b: rate(column, b, ofB.get(id)) }));
  all.sort((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a));
  const top = Math.max(...all.map((row) => Math.abs(row.b - row.a)), 1e-9);
  byId("element-count").textContent = number(all.length);
  const show = (row: (typeof all)[number]) => {
    const change = row.b - row.a;
    const share = (Math.abs(change) / top) * 50;
    const bar = svg("svg", { class: "dbar", "aria-hidden": "true" }, svg("rect", { class: change < 0 ? "less" : "more", x: `${change < 0 ? 50 - share : 50}%`, width: `${share}%`, height: "100%" }), svg("line", { x1: "50%", x2: "50%", y1: 0, y2: "100%" }));
    const name = nameCell(row.of, 0, rows);
    name.append(bar);
    const said = `${change > 0 ? "+" : change < 0 ? "−" : ""}${short(Math.abs(change))}`;
    return line(row.of.id, [name, ...[short(row.a), short(row.b)].map((text) => html("td", { class: "num dim" }, text)), html("td", { class: "num" }, html("b", {}, said))], rows);
  };
  const head = ["A", "B", "B − A"].map((text) => html("th", { scope: "col", class: "num" }, text));
  const caption = html("caption", { class: "small dim" }, `${COLUMNS.find(({ key }) => key === column)!.title}, ${isTime ? "seconds" : "in 100 page views"}`);
  byId("elements").replaceChildren(html("table", { class: "list tight elements" }, caption, html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Element"), ...head)), body(all, show, 4)));
}

/** Marks the row of an element; `reveal` scrolls the table to it. */
export function markRow(id: number | undefined, reveal = false): void {
  for (const row of document.querySelectorAll<HTMLElement>("#elements tr.sel")) row.classList.remove("sel");
  if (id === undefined) return;
  const row = document.querySelector<HTMLElement>(`#elements tr[data-id="${id}"]`);
  row?.classList.add("sel");
  if (reveal) row?.scrollIntoView({ block: "nearest" });
}

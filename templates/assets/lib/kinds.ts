// How values of each kind are said, and which column of the table is theirs.

import type { ElementRow, Kind } from "./answer";
import { number, percent, short, span } from "./format";

export interface KindUnit {
  /** What the points are called. */
  points: string;
  /** A value of the map, with its unit. */
  say(value: number): string;
  /** A value at the legend. */
  mark(value: number): string;
  /** An amount of one session. */
  amount(value: number): string;
  /** What of an element the kind is about. */
  column: Column;
}

export type Column = "element" | "attention" | "hovers" | "rate" | "hesitation" | "clicks" | "rage" | "dead" | "first";

const seconds = (column: Column): KindUnit => ({ points: "points", say: (v) => `${short(v)} s`, mark: short, amount: (v) => `${short(v)} s`, column });
const clicks = (one: string, column: Column): KindUnit => ({ points: `${one}s`, say: (v) => `${short(v)} ${one}s`, mark: short, amount: (v) => `${number(v)} ${v === 1 ? one : `${one}s`}`, column });

export const UNITS: Record<Kind, KindUnit> = {
  movement: seconds("hovers"),
  attention: seconds("attention"),
  click: clicks("click", "clicks"),
  first_click: clicks("first click", "first"),
  rage: clicks("rage click", "rage"),
  dead: clicks("dead click", "dead"),
  hesitation: seconds("hesitation"),
  reach: { points: "page views", say: (v) => percent(v, 1), mark: (v) => `${Math.round(v * 100)} %`, amount: () => "got this far", column: "attention" },
};

export interface ColumnWords {
  key: Column;
  /** Head of the column, and what it means. */
  name: string;
  title: string;
  /** What is sorted by; smaller than zero where there is nothing. */
  value(row: ElementRow): number;
  say(row: ElementRow): string;
}

const per = (sum: number, count: number) => (count > 0 ? sum / count : -1);
const time = (ms: number) => (ms < 0 ? "–" : ms < 10_000 ? `${short(ms / 1000)} s` : span(ms));

/** The columns with numbers. */
export const COLUMNS: ColumnWords[] = [
  { key: "attention", name: "Attention", title: "Time in view of somebody who did something, a page view", value: (r) => per(r.attention_ms, r.views), say: (r) => time(per(r.attention_ms, r.views)) },
  { key: "hovers", name: "Hovers", title: "Times that the pointer came over it", value: (r) => r.hovers, say: (r) => number(r.hovers) },
  { key: "rate", name: "To click", title: "Hovers that ended in a click", value: (r) => per(r.clicked_hovers, r.hovers), say: (r) => percent(r.clicked_hovers, r.hovers) },
  { key: "hesitation", name: "Hesitation", title: "Mean time over it before a click", value: (r) => per(r.hesitation_ms, r.clicked_hovers), say: (r) => time(per(r.hesitation_ms, r.clicked_hovers)) },
  { key: "clicks", name: "Clicks", title: "Clicks on it", value: (r) => r.clicks, say: (r) => number(r.clicks) },
  { key: "rage", name: "Rage", title: "Clicks of rage bursts on it", value: (r) => r.rage, say: (r) => number(r.rage) },
  { key: "dead", name: "Dead", title: "Clicks on it that nothing answered", value: (r) => r.dead, say: (r) => number(r.dead) },
  { key: "first", name: "First click", title: "Mean time from the begin of a page view to the first click on it", value: (r) => per(r.first_click_ms, r.clicked_views), say: (r) => time(per(r.first_click_ms, r.clicked_views)) },
];

/** Rows in the order of a column. What has no value comes last either way; equal ones stay as they were. */
export function sorted(rows: ElementRow[], column: Column, isFalling: boolean, name: (row: ElementRow) => string): ElementRow[] {
  if (column === "element") return [...rows].sort((a, b) => (isFalling ? -1 : 1) * name(a).localeCompare(name(b), "en"));
  const { value } = COLUMNS.find(({ key }) => key === column)!;
  return [...rows].sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x < 0 || y < 0) return Number(x < 0) - Number(y < 0);
    return isFalling ? y - x : x - y;
  });
}

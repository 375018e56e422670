// What the JSON API answers about a heatmap. docs/api.md describes it.

import type { WireElement } from "./wire";

export type Kind = "movement" | "attention" | "click" | "first_click" | "rage" | "dead" | "hesitation" | "reach";

export type Pointer = "mouse" | "touch" | "pen";

/** What a map of cells and one of differences share. */
export interface Ground {
  kind: Kind;
  /** Amounts of this many make one: a second, a click, a page view. */
  per_unit: number;
  viewport_w: number;
  /** Median height of the windows, CSS px. */
  fold: number;
  document: [number, number];
  elements: WireElement[];
  columns: number;
  rows: number;
  /** Indexes of the cells that hold something: each the difference to the one before. */
  at: number[];
}

export interface Heatmap extends Ground {
  pointer: Pointer;
  unit: "time" | "clicks" | "views";
  by_row: boolean;
  sessions: number;
  views: number;
  points: number;
  placed: { element: number; ratio: number; none: number; overlay: number };
  width: { from: number; to: number | null };
  cell_px: number;
  value: number[];
  table: ElementRow[];
  overlays: { id: number; label: string; selector: string; views: number; is_open: boolean }[];
  widths: { from: number; to: number | null; views: number; is_shown: boolean }[];
  pointers: Record<Pointer, number>;
}

/** What happened on one element. */
export interface ElementRow {
  id: number;
  label: string;
  selector: string;
  /** Does it stand on the page that is shown? */
  placed: boolean;
  views: number;
  attention_ms: number;
  hovers: number;
  hover_ms: number;
  /** Hovers that ended in a click. */
  clicked_hovers: number;
  hesitation_ms: number;
  clicks: number;
  rage: number;
  dead: number;
  /** Page views with a click on it. */
  clicked_views: number;
  /** Sum over these page views: from their begin to the first click on it. */
  first_click_ms: number;
}

/** B minus A, of the blocks that pass the test. */
export interface Difference extends Ground {
  block_px: number;
  a: { sessions: number; views: number };
  b: { sessions: number; views: number };
  difference: number[];
  t: number[];
  /** Blocks with heat that don't pass. */
  blank: number;
}

export interface SpotSession {
  session_id: string;
  page_view_id: string;
  at_ms: number;
  started_at: string;
  amount: number;
  device: string;
  browser: string;
  country: string | null;
  replay: string;
}

export interface SpotSessions {
  sessions: SpotSession[];
  /** All of them; only those with most are listed. */
  total: number;
  per_unit: number;
}

/** The problem in words for people, where the answer is one (RFC 9457). */
async function problem(answer: Response): Promise<string> {
  if (answer.status === 401) return "You are signed out. Reload the page to sign in.";
  const said = (await answer.json().catch(() => ({}))) as { detail?: unknown; title?: unknown };
  return typeof said.detail === "string" ? said.detail : typeof said.title === "string" ? said.title : `The collector answered ${answer.status}.`;
}

/** Asks the API; an error says in words what is wrong. */
export async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(url, { headers: { accept: "application/json" }, ...(signal ? { signal } : {}) });
  if (!answer.ok) throw new Error(await problem(answer));
  return (await answer.json()) as T;
}

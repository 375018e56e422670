// A session as the player needs it: columns of the JSON API turned into arrays, with what is asked for at every frame found by bisection.

import type { WireElement } from "./wire";

/** Answer of `/api/v1/sites/{id}/sessions/{id}/replay`. */
export interface ReplayJson {
  session_id: string;
  duration_ms: number;
  views: ViewJson[];
  gaps: [number, number][];
  fidelity: { frames: number; missing: number; dropped: number; samples: number; events: number; tolerance_px: number };
  cut_at_events: number | null;
}

interface ViewJson {
  page_view_id: string;
  path: string;
  host: string;
  title: string | null;
  start_ms: number;
  duration_ms: number;
  viewport: [number, number];
  document: [number, number];
  scroll: [number, number];
  t: number[];
  kind: string;
  x: number[];
  y: number[];
  element: [number, number][];
  pointer: [number, number][];
  elements: WireElement[];
  custom_events: { at_ms: number; name: string; props: string | null }[];
}

/** Something that holds from a time on. */
export type Step = [at: number, x: number, y: number];

/** The way of one pointer. After a point with `ends`, the pointer is away until the next point. */
export interface Track {
  isTouch: boolean;
  t: number[];
  x: number[];
  y: number[];
  ends: boolean[];
  /** The page moved to this point under a resting pointer: on the screen there was no way. */
  carried: boolean[];
}

/** One page view; all times in ms since the session began. */
export interface View {
  index: number;
  path: string;
  host: string;
  start: number;
  end: number;
  t: Float64Array;
  kind: string;
  x: Int32Array;
  y: Int32Array;
  element: Uint16Array;
  pointer: Uint32Array;
  viewport: Step[];
  document: Step[];
  scroll: Step[];
  tracks: Track[];
  /** Indexes of clicks. */
  clicks: number[];
  elements: WireElement[];
  /** What the page said of itself. */
  said: { at: number; name: string; props: string }[];
  byNumber: Map<number, WireElement>;
}

export interface Session {
  duration: number;
  views: View[];
  gaps: [number, number][];
  /** Which view is to be seen from a time on. */
  shown: { at: number; view: View }[];
  json: ReplayJson;
}

export function parse(json: ReplayJson): Session {
  const views = json.views.map(parseView);
  return { duration: Math.max(json.duration_ms, 1), views, gaps: json.gaps, shown: order(views), json };
}

function parseView(json: ViewJson, index: number): View {
  const count = json.t.length;
  const [t, x, y] = [new Float64Array(count), new Int32Array(count), new Int32Array(count)];
  let [at, px, py] = [json.start_ms, 0, 0];
  for (let i = 0; i < count; i++) {
    t[i] = at += json.t[i] ?? 0;
    x[i] = px += json.x[i] ?? 0;
    y[i] = py += json.y[i] ?? 0;
  }
  const view: View = {
    index,
    path: json.path,
    host: json.host,
    start: json.start_ms,
    end: Math.max(json.start_ms + json.duration_ms, t[count - 1] ?? 0),
    t,
    x,
    y,
    kind: json.kind,
    element: Uint16Array.from(unroll(json.element, count)),
    pointer: Uint32Array.from(unroll(json.pointer, count)),
    viewport: [[json.start_ms, ...json.viewport]],
    document: [[json.start_ms, ...json.document]],
    scroll: [[json.start_ms, ...json.scroll]],
    tracks: [],
    clicks: [],
    elements: json.elements,
    said: json.custom_events.map(({ at_ms, name, props }) => ({ at: json.start_ms + at_ms, name, props: props ?? "" })),
    byNumber: new Map(json.elements.filter((e) => e.number > 0).map((e) => [e.number, e])),
  };
  const tracks = new Map<number, Track>();
  for (let i = 0; i < count; i++) take(view, tracks, i);
  view.tracks = [...tracks.values()];
  for (const track of view.tracks) track.carried = track.t.map((_, i) => isCarried(track, i, view.scroll));
  return view;
}

function unroll(runs: [number, number][], count: number): number[] {
  const out = new Array<number>(count).fill(0);
  runs.forEach(([from, value], i) => out.fill(value, from, runs[i + 1]?.[0] ?? count));
  return out;
}

/** Sorts one event in. The kinds are the characters of docs/sql.md. */
function take(view: View, tracks: Map<number, Track>, i: number): void {
  const [t, x, y, kind] = [view.t[i]!, view.x[i]!, view.y[i]!, view.kind[i]!];
  const code = view.pointer[i]!;
  const isTouch = (code & 3) === 2;
  switch (kind) {
    case "s":
      view.scroll.push([t, x, y]);
      return;
    case "r":
      view.viewport.push([t, x, y]);
      return;
    case "z":
      view.document.push([t, x, y]);
      return;
    case "h":
    case "q":
      for (const track of tracks.values()) end(track, t);
      return;
    case "l":
    case "a":
      end(tracks.get(code), t);
      return;
    case "c":
      view.clicks.push(i);
  }
  if (!"mducbxew".includes(kind) || (isTouch && !"mdu".includes(kind))) return;
  let track = tracks.get(code);
  if (!track) tracks.set(code, (track = { isTouch, t: [], x: [], y: [], ends: [], carried: [] }));
  track.t.push(t);
  track.x.push(x);
  track.y.push(y);
  track.ends.push(isTouch && kind === "u");
}

function end(track: Track | undefined, t: number): void {
  const last = (track?.t.length ?? 0) - 1;
  if (!track || last < 0 || track.ends[last]) return;
  track.t.push(t);
  track.x.push(track.x[last]!);
  track.y.push(track.y[last]!);
  track.ends.push(true);
}

/** Did the page's scroll bring the pointer to point `i`? Twice the usual tolerance is within what thinning may have moved. */
function isCarried({ t, x, y }: Track, i: number, scroll: Step[]): boolean {
  if (i === 0) return false;
  const [[, x0, y0], [, x1, y1]] = [holds(scroll, t[i - 1]!), holds(scroll, t[i]!)];
  const [dx, dy] = [x1 - x0, y1 - y0];
  return (dx !== 0 || dy !== 0) && Math.hypot(x[i]! - x[i - 1]! - dx, y[i]! - y[i - 1]! - dy) <= 4;
}

/** Visits in two tabs overlap: the one with the latest event is the one that was looked at. */
function order(views: View[]): Session["shown"] {
  const all: Session["shown"] = [];
  for (const view of views) {
    all.push({ at: view.start, view });
    for (let i = 0; i < view.t.length; i++) if (!"hoq".includes(view.kind[i]!)) all.push({ at: view.t[i]!, view });
  }
  all.sort((a, b) => a.at - b.at);
  return all.filter((step, i) => step.view !== all[i - 1]?.view);
}

/** Index of the last of `count` things whose time is not after `t`; -1 before the first. */
function last(count: number, timeOf: (i: number) => number, t: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(middle) <= t) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Index of the last time that is not after `t`; -1 before the first. */
export function before(times: ArrayLike<number>, t: number): number {
  return last(times.length, (i) => times[i]!, t);
}

/** What holds at `t`. */
export function holds(steps: Step[], t: number): Step {
  return steps[Math.max(0, last(steps.length, (i) => steps[i]![0], t))]!;
}

/** The view that is seen at `t`. */
export function viewAt({ shown }: Session, t: number): View | undefined {
  return (shown[last(shown.length, (i) => shown[i]!.at, t)] ?? shown[0])?.view;
}

/** Where the pointer is at `t`: on the straight line between two points. `undefined` before it came and while it is away. */
export function pointAt(track: Track, t: number): [number, number] | undefined {
  const i = before(track.t, t);
  if (i < 0 || track.ends[i]) return undefined;
  const [x, y, at] = [track.x[i]!, track.y[i]!, track.t[i]!];
  const next = track.t[i + 1];
  if (next === undefined || next === at) return [x, y];
  const f = (t - at) / (next - at);
  return [x + (track.x[i + 1]! - x) * f, y + (track.y[i + 1]! - y) * f];
}

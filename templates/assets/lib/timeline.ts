// The timeline: pages, activity, hatched gaps, clicks and the playhead. The real control is the range input that lies above it.

import { type Axis } from "./axis";
import { byId, html, set, svg } from "./dom";
import { clock, span, tenths } from "./format";
import type { Moment } from "./moments";
import type { Session, View } from "./session";

export interface Timeline {
  draw(t: number, view: View | undefined): void;
}

const WIDTH = 1000;
const HEIGHT = 62;
const BARS = 160;
/** Bars stand between these, px from the top. */
const [BAR_TOP, BAR_FOOT] = [22, 46];
const TICKS = 7;

export function timeline(session: Session, axis: Axis, list: Moment[], seek: (t: number) => void): Timeline {
  const line = byId("line");
  const input = byId<HTMLInputElement>("seek");
  const pages = session.views.map((view, i) => page(view, axis.place(view.start), axis.place(session.views[i + 1]?.start ?? session.duration)));
  const d = bars(session, axis);
  const done = svg("svg", { width: 0, height: HEIGHT, overflow: "hidden", preserveAspectRatio: "none" }, svg("path", { class: "actd", d }));
  const head = svg("line", { class: "now", y1: 22, y2: 58 });
  const knob = svg("svg", { overflow: "visible" }, svg("path", { class: "knob", d: "M-5 17h10v5l-5 6-5-6z" }));

  const under = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  under.append(...pages.map((it) => it.bar), ...gaps(session, axis), svg("path", { class: "actp", d }), done, head);
  const over = svg("svg");
  over.append(...pages.map((it) => it.label), ...gapLabels(session, axis), ...marks(list, axis), knob);
  const ticks = html("div", { class: "ticks", "aria-hidden": "true" });
  for (let i = 0; i < TICKS; i++) ticks.append(html("span", {}, clock(axis.time(i / (TICKS - 1)))));
  line.prepend(under, html("div", { class: "over", "aria-hidden": "true" }, over));
  line.append(ticks);

  /** Labels that have no room would lie on each other. */
  function room(): void {
    const width = line.clientWidth - 32;
    for (const { label, from, to, name } of pages) {
      const letters = Math.floor((((to - from) * width) - 6) / 6.2);
      label.textContent = letters < 3 ? "" : name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
    }
    over.querySelectorAll<SVGTextElement>(".gp").forEach((label) => label.toggleAttribute("hidden", Number(label.dataset["share"]) * width < 34));
  }
  new ResizeObserver(room).observe(line);
  room();

  input.disabled = false;
  input.addEventListener("input", () => seek(axis.time(Number(input.value) / 1000)));

  return {
    draw(t, view) {
      const place = axis.place(t);
      const at = place * WIDTH;
      set(head, { x1: at, x2: at });
      set(knob, { x: `${place * 100}%` });
      set(done, { width: `${place * 100}%`, viewBox: `0 0 ${Math.max(1, at)} ${HEIGHT}` });
      for (const it of pages) {
        it.bar.classList.toggle("on", it.view === view);
        it.label.classList.toggle("on", it.view === view);
      }
      input.value = String(place * 1000);
      input.setAttribute("aria-valuetext", `${tenths(t)} of ${clock(session.duration)}`);
    },
  };
}

function page(view: View, from: number, to: number) {
  const bar = svg("rect", { class: "pg", x: from * WIDTH + 0.8, y: 0, width: Math.max(0.5, (to - from) * WIDTH - 1.6), height: 3 });
  const label = svg("text", { x: `${from * 100 + 0.1}%`, y: 15 });
  return { view, bar, label, from, to, name: view.path };
}

/** Upright bars: events in each part of the axis; square roots keep a burst from flattening all else. */
function bars(session: Session, axis: Axis): string {
  const counts = new Float64Array(BARS);
  for (const view of session.views) for (const t of view.t) counts[Math.min(BARS - 1, Math.floor(axis.place(t) * BARS))]! += 1;
  const most = Math.sqrt(Math.max(1, ...counts));
  const step = WIDTH / BARS;
  let d = "";
  counts.forEach((count, i) => {
    if (count > 0) d += `M${((i + 0.5) * step).toFixed(1)} ${BAR_FOOT}v${-(2 + (Math.sqrt(count) / most) * (BAR_FOOT - BAR_TOP - 2)).toFixed(1)}`;
  });
  return d;
}

function gaps(session: Session, axis: Axis): SVGElement[] {
  return session.gaps.flatMap(([from, to]) => {
    const [x, end] = [axis.place(from) * WIDTH, axis.place(to) * WIDTH];
    let hatch = "";
    for (let at = x + 3; at < end - 5; at += 6) hatch += `M${at.toFixed(1)} ${BAR_FOOT}l5 ${BAR_TOP - BAR_FOOT}`;
    return [svg("rect", { class: "pg", opacity: 0.35, x, y: BAR_TOP, width: Math.max(0, end - x), height: BAR_FOOT - BAR_TOP }), svg("path", { class: "gapl", d: hatch })];
  });
}

function gapLabels(session: Session, axis: Axis): SVGElement[] {
  return session.gaps.map(([from, to]) => {
    const [a, b] = [axis.place(from), axis.place(to)];
    const label = svg("text", { class: "gp", "text-anchor": "middle", x: `${((a + b) / 2) * 100}%`, y: 38, "data-share": b - a });
    label.textContent = span(to - from);
    return label;
  });
}

function marks(list: Moment[], axis: Axis): SVGElement[] {
  return list.filter((moment) => moment.isClick).map((moment) => svg("circle", { class: "mk", cx: `${axis.place(moment.at) * 100}%`, cy: 53, r: 2.5 }));
}

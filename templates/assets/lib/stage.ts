// The stage: the window as it was, the wireframe in it, and the pointer on a canvas above.

import { byId, html, set, svg } from "./dom";
import { type Lens, RIPPLE_MS, cursor, finger, ripple, trail } from "./marks";
import { type Session, type View, before, holds, pointAt, viewAt } from "./session";
import { type Wire, wire } from "./wire";

export interface Stage {
  draw(t: number): void;
}

export function stage(session: Session): Stage {
  const [area, frame, box] = [byId("stage"), byId("frame"), byId("view")];
  const page = svg("svg", { "aria-hidden": "true", preserveAspectRatio: "xMinYMin slice" });
  const canvas = html("canvas", { role: "img", "aria-label": "The pointer of the visitor on the page" });
  const thumb = svg("rect", { width: 6, rx: 3 });
  const rail = svg("svg", { class: "rail", viewBox: "0 0 6 100", preserveAspectRatio: "none", "aria-hidden": "true" }, thumb);
  const g = canvas.getContext("2d")!;
  const wires = new Map<View, Wire>();
  let shown: View | undefined;
  let size = "";
  let last = 0;

  box.replaceChildren(page, canvas, rail);
  new ResizeObserver(() => {
    size = "";
    draw(last);
  }).observe(area);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(last));

  /** Gives the frame the shape of the visitor's window, as large as there is room. */
  function fit(w: number, h: number): void {
    const isNarrow = innerWidth <= 760;
    const pad = isNarrow ? 16 : 32;
    const bar = 30;
    const roomH = isNarrow ? innerHeight * 0.62 : area.clientHeight - pad - bar;
    const width = Math.max(180, Math.min(area.clientWidth - pad, (roomH * w) / h));
    frame.style.width = `${Math.floor(width)}px`;
    box.style.height = `${Math.floor((width * h) / w)}px`;
    const ratio = Math.min(devicePixelRatio || 1, 2);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(((width * h) / w) * ratio);
    set(page, { viewBox: `0 0 ${w} ${h}` });
  }

  function show(view: View): Wire {
    let drawn = wires.get(view);
    if (!drawn) wires.set(view, (drawn = wire(view.elements, view.viewport[0]![1])));
    if (view !== shown) {
      page.replaceChildren(drawn.scrolls, drawn.stays);
      const [host, path] = [html("b"), view.path];
      host.textContent = view.host.replace(/^https?:\/\//, "");
      byId("where").replaceChildren(host, path);
      byId("which").textContent = `Page ${view.index + 1} of ${session.views.length}`;
      shown = view;
      size = "";
    }
    return drawn;
  }

  function draw(t: number): void {
    last = t;
    const view = viewAt(session, t);
    if (!view) return;
    const drawn = show(view);
    const [, w, h] = holds(view.viewport, t);
    const [, left, top] = holds(view.scroll, t);
    const [, , documentH] = holds(view.document, t);
    if (size !== `${w} ${h}`) {
      size = `${w} ${h}`;
      fit(Math.max(w, 1), Math.max(h, 1));
      byId("size").textContent = `${w} × ${h}`;
    }
    drawn.scrolls.setAttribute("transform", `translate(${-left} ${-top})`);
    drawn.scroll(top);
    const whole = Math.max(documentH, top + h, 1);
    rail.toggleAttribute("hidden", whole <= h + 1);
    set(thumb, { y: (top / whole) * 100, height: Math.max(4, (h / whole) * 100) });

    const ratio = canvas.width / Math.max(1, box.clientWidth);
    const [width, height] = [canvas.width / ratio, canvas.height / ratio];
    const lens: Lens = { scale: width / Math.max(w, 1), left, top };
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    pointers(view, t, lens);
  }

  function pointers(view: View, t: number, lens: Lens): void {
    const place = (x: number, y: number) => [(x - lens.left) * lens.scale, (y - lens.top) * lens.scale] as const;
    for (const track of view.tracks) trail(g, track, t, lens);
    const times = view.clicks.map((i) => view.t[i]!);
    for (let n = before(times, t); n >= 0 && t - times[n]! < RIPPLE_MS; n--) {
      const i = view.clicks[n]!;
      ripple(g, ...place(view.x[i]!, view.y[i]!), t - times[n]!, (view.pointer[i]! & 3) === 2);
    }
    for (const track of view.tracks) {
      const at = pointAt(track, t);
      if (!at) continue;
      if (track.isTouch) finger(g, ...place(...at));
      else cursor(g, ...place(...at), Math.max(0.8, lens.scale * 1.5));
    }
  }

  return { draw };
}

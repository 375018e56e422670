// One map: the page as a wireframe, heat in tiles above it, lines at heights that matter, and a frame around the chosen element.

import type { Ground } from "./answer";
import { html, set, svg } from "./dom";
import { type Painter, Tiles } from "./tiles";
import { type WireElement, wire } from "./wire";

/** A place on the page, CSS px, and the smallest element there. */
export interface Spot {
  x: number;
  y: number;
  element: WireElement | undefined;
}

/** A line across the page with words at its left or right end. */
export interface Line {
  y: number;
  words: string;
  isRight?: boolean;
}

export class MapView {
  readonly doc: HTMLElement;
  private readonly layer = html("div", { class: "heat", role: "img" });
  private readonly hit = svg("rect", { class: "w-hit", rx: 12, visibility: "hidden" });
  private readonly tiles: Tiles;
  private readonly byId: Map<number, WireElement>;

  /** `area` scrolls and has the page in it. */
  constructor(
    readonly area: HTMLElement,
    readonly ground: Ground,
    lines: Line[],
  ) {
    const [w, h] = ground.document;
    this.doc = area.querySelector<HTMLElement>(".doc")!;
    // Without a page view there is no page.
    this.doc.classList.toggle("blank", ground.elements.length === 0);
    this.doc.classList.toggle("slim", w < 700);
    this.doc.style.aspectRatio = `${w} / ${h}`;
    this.doc.style.maxWidth = w < 700 ? `${Math.round(w * 1.15)}px` : "none";
    const background = svg("svg", { viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" });
    const drawn = wire(ground.elements, ground.viewport_w);
    background.append(drawn.scrolls, drawn.stays);
    const above = svg("svg", { viewBox: `0 0 ${w} ${h}`, "aria-hidden": "true" }, this.hit);
    this.doc.replaceChildren(background, this.layer, above, ...lines.filter(({ y }) => y > 0 && y < h).map((line) => this.line(line)));
    this.byId = new Map(ground.elements.map((element) => [element.id, element]));
    this.tiles = new Tiles(this.layer, w);
  }

  private line({ y, words, isRight }: Line): HTMLElement {
    const line = html("div", { class: isRight ? "fold right" : "fold" }, html("span", {}, words));
    line.style.top = `${(y / this.ground.document[1]) * 100}%`;
    return line;
  }

  paint(painter: Painter, description: string): void {
    this.layer.setAttribute("aria-label", description);
    this.tiles.show(painter);
  }

  /** Opacity up to that of the ramp; above it the colours themselves get denser. */
  fade(opacity: number): void {
    this.layer.style.setProperty("opacity", String(opacity));
  }

  /** CSS px of the screen a px of the page. */
  get zoom(): number {
    return this.doc.clientWidth / this.ground.document[0];
  }

  spot(event: { clientX: number; clientY: number }): Spot {
    const box = this.doc.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / this.zoom, (event.clientY - box.top) / this.zoom];
    return { x, y, element: smallestAt(this.ground.elements, x, y) };
  }

  element(id: number | undefined): WireElement | undefined {
    return id === undefined ? undefined : this.byId.get(id);
  }

  /** Draws a frame around an element; `reveal` scrolls to it, too. */
  choose(id: number | undefined, reveal = false): void {
    const element = this.element(id);
    this.hit.setAttribute("visibility", element ? "visible" : "hidden");
    if (!element) return;
    const [x, y, width, height] = element.rect;
    set(this.hit, { x: x - 3, y: y - 3, width: width + 6, height: height + 6 });
    if (!reveal) return;
    const [top, bottom] = [y * this.zoom, (y + height) * this.zoom];
    const view = this.area.clientHeight;
    if (top < this.area.scrollTop || bottom > this.area.scrollTop + view) this.area.scrollTo({ top: Math.max(0, top - view / 3) });
  }
}

/** The smallest element at a place. */
export function smallestAt(elements: WireElement[], x: number, y: number): WireElement | undefined {
  let best: WireElement | undefined;
  for (const element of elements) {
    const [left, top, width, height] = element.rect;
    if (x < left || x > left + width || y < top || y > top + height) continue;
    if (!best || width * height < best.rect[2] * best.rect[3]) best = element;
  }
  return best;
}

/** Maps of the same page scroll together, whichever of them is scrolled, and however: in px of the page, as their sizes may differ. */
export function scrollTogether(maps: MapView[]): void {
  let led: MapView | undefined;
  for (const map of maps) {
    map.area.addEventListener("scroll", () => {
      // What follows says that it was scrolled, too.
      if (led && led !== map) return;
      led = map;
      for (const other of maps) if (other !== map) other.area.scrollTop = (map.area.scrollTop / map.zoom) * other.zoom;
      requestAnimationFrame(() => requestAnimationFrame(() => (led = undefined)));
    });
  }
}

// The wireframe: boxes of elements drawn as what they probably are. All that is known is tag, role, box and length of the text.

import { svg } from "./dom";

/** An element as the JSON API gives it. */
export interface WireElement {
  id: number;
  number: number;
  /** Left, top, width, height in CSS px. */
  rect: [number, number, number, number];
  tag: string;
  role: string;
  selector: string;
  label: string;
  text: number;
  fixed: boolean;
  sticky: boolean;
  interactive: boolean;
  image: boolean;
}

/** A drawn wireframe: what scrolls, and what does not. */
export interface Wire {
  scrolls: SVGGElement;
  stays: SVGGElement;
  /** Moves what is sticky. */
  scroll(y: number): void;
}

const TEXT_PX = 7;
const CONTAINERS = new Set(["div", "section", "header", "footer", "main", "nav", "form", "ul", "ol", "article", "aside", "fieldset", "table", "tbody", "tr", "dl", "figure"]);

/** Draws elements over a page of `width` CSS px, the large ones first. */
export function wire(elements: WireElement[], width: number): Wire {
  const scrolls = svg("g");
  const stays = svg("g");
  const shown = elements.filter((e) => e.tag !== "html" && e.tag !== "body" && e.rect[2] > 2 && e.rect[3] > 2);
  const bySize = [...shown].sort((a, b) => area(b) - area(a));
  const sticky: { group: SVGGElement; top: number }[] = [];
  const middles = new Middles(bySize);
  for (const element of bySize) {
    const holds = middles.isAnyIn(element);
    const parts = shape(element, holds, width);
    if (parts.length === 0) continue;
    if (element.sticky && !element.fixed) {
      const group = svg("g", {}, ...parts);
      const root = bySize.find((other) => other.sticky && isInside(element, other)) ?? element;
      sticky.push({ group, top: root.rect[1] });
      scrolls.append(group);
    } else (element.fixed ? stays : scrolls).append(...parts);
  }
  // What sticks lies above what moves.
  for (const { group } of sticky) scrolls.append(group);
  const scroll = (y: number) => {
    for (const { group, top } of sticky) group.setAttribute("transform", `translate(0 ${Math.max(0, y - top)})`);
  };
  return { scrolls, stays, scroll };
}

/** Height of a strip in which middles are looked for, CSS px. */
const STRIP_PX = 256;

/** Where the middles of elements are. A long page has thousands, and each is asked whether it holds another. */
class Middles {
  private readonly strips = new Map<number, WireElement[]>();

  constructor(elements: WireElement[]) {
    for (const element of elements) {
      const strip = Math.floor((element.rect[1] + element.rect[3] / 2) / STRIP_PX);
      this.strips.set(strip, [...(this.strips.get(strip) ?? []), element]);
    }
  }

  /** Is the middle of a smaller element in this one? */
  isAnyIn(outer: WireElement): boolean {
    const [first, last] = [outer.rect[1], outer.rect[1] + outer.rect[3]].map((y) => Math.floor(y / STRIP_PX)) as [number, number];
    for (let strip = first; strip <= last; strip++) {
      if (this.strips.get(strip)?.some((other) => area(other) < area(outer) && isInside(other, outer))) return true;
    }
    return false;
  }
}

function area(e: WireElement): number {
  return e.rect[2] * e.rect[3];
}

/** Does the middle of `inner` lie in `outer`? */
function isInside(inner: WireElement, outer: WireElement): boolean {
  const [x, y, w, h] = inner.rect;
  const [ox, oy, ow, oh] = outer.rect;
  const [mx, my] = [x + w / 2, y + h / 2];
  return mx >= ox && mx <= ox + ow && my >= oy && my <= oy + oh;
}

function shape(e: WireElement, holds: boolean, width: number): SVGElement[] {
  const [x, y, w, h] = e.rect;
  const box = (kind: string, rx = 4) => svg("rect", { class: kind, x, y, width: w, height: h, rx: Math.min(rx, h / 2) });
  const isButton = e.tag === "button" || e.role === "button" || e.role === "submit";
  const isField = e.tag === "input" || e.tag === "textarea" || e.tag === "select" || e.role === "textbox" || e.role === "combobox";
  if (isButton) {
    const isMain = e.role === "submit" || w >= 150;
    const text = Math.min(w * 0.7, Math.max(14, e.text * TEXT_PX));
    const label = svg("rect", { class: isMain ? "w-pri-t" : "w-text", x: x + (w - text) / 2, y: y + h / 2 - 5, width: text, height: Math.min(10, h / 2), rx: 3 });
    return holds ? [box(isMain ? "w-pri" : "w-btn", 8)] : [box(isMain ? "w-pri" : "w-btn", 8), label];
  }
  if (isField) {
    if (e.role === "checkbox" || e.role === "radio") return [box("w-btn", e.role === "radio" ? h : 3)];
    return [box("w-input", 6), svg("rect", { class: "w-text", x: x + 12, y: y + Math.min(h / 2, 22) - 5, width: Math.min(w * 0.4, 110), height: 10, rx: 3 })];
  }
  if (e.image || e.tag === "img" || e.tag === "svg" || e.tag === "video" || e.tag === "picture" || e.tag === "canvas") {
    if (w < 40 || h < 40) return [box("w-img", 6)];
    return [box("w-img"), svg("path", { class: "w-line", d: `M${x} ${y}l${w} ${h}M${x + w} ${y}l${-w} ${h}` })];
  }
  if (/^h[1-6]$/.test(e.tag) || e.role === "heading") return lines(e, "w-ink", 0.62);
  if (e.tag === "a" || e.role === "link") return h > 64 || holds ? [box("w-box", 6)] : lines(e, "w-link", 0.6);
  if (holds || (CONTAINERS.has(e.tag) && e.text === 0)) {
    if ((e.fixed || e.sticky || e.tag === "header" || e.tag === "nav") && h < 160) return [box("w-bar", 0), svg("path", { class: "w-line", d: `M${x} ${y + h}h${w}` })];
    if (e.tag === "footer") return [box("w-soft", 0)];
    // A box as wide as the page is the page.
    return w > width * 0.94 ? (h < 900 ? [svg("path", { class: "w-line", d: `M${x} ${y + h}h${w}` })] : []) : [box("w-box", 8)];
  }
  if (e.text > 0) return lines(e, "w-text", 0.5);
  return [box("w-box", 6)];
}

/** Bars where lines of text stand. */
function lines(e: WireElement, kind: string, fill: number): SVGElement[] {
  const [x, y, w, h] = e.rect;
  const letter = kind === "w-ink" ? Math.max(TEXT_PX, Math.min(h, 40) * 0.42) : TEXT_PX;
  const fit = Math.max(1, Math.round(h / (kind === "w-ink" ? 44 : 24)));
  const need = e.text > 0 ? Math.max(1, Math.ceil((e.text * letter) / Math.max(w, 1))) : fit;
  const count = Math.min(fit, Math.max(need, 1), 40);
  const step = h / fit;
  const thick = Math.max(3, Math.min(step * fill, kind === "w-ink" ? 34 : 12));
  return Array.from({ length: count }, (_, i) => {
    const isLast = i === count - 1;
    const rest = e.text > 0 && count === 1 ? Math.min(w, Math.max(16, e.text * letter)) : isLast && count > 1 ? w * 0.62 : w * (0.94 + 0.06 * ((i * 7) % 3) / 2);
    return svg("rect", { class: kind, x, y: y + step * i + (step - thick) / 2, width: Math.min(w, rest), height: thick, rx: 3 });
  });
}

/** The elements under the pointer: a number for each at once, its description when there is time. */
import { quiet } from "./bind";
import { toWhole } from "./bounds";
import { BOX_MS, DESCRIBED_BYTES, FRAME_ELEMENTS } from "./config";
import { appendTexts, appendVarints, zigzag } from "./frame";
import { later } from "./idle";
import { isField, isIgnored, isMasked } from "./mask";
import { offsets } from "./offset";
import { forgetSelectors, isWordlike, selectorsOf } from "./selector";
import { parentOf } from "./tree";

/** What gives a page its shape: described where it is pointed into, and what a wireframe is drawn from. */
export const STRUCTURE =
  "header,nav,main,section,article,aside,footer,form,ul,ol,table,dialog,[role],h1,h2,h3,h4,p,a,button,input,select,textarea,label,summary,img,svg,video,canvas,iframe";
const enum Flag { Fixed = 1, Sticky = 2 }

/** A description as it goes on the wire. */
export type Description = readonly number[];

/** What is known of an element. */
interface Known {
  number: number;
  /** Where it was in document px, and when that was measured. */
  rect?: readonly [x: number, y: number, w: number, h: number];
  measuredMs?: number;
  /** Its box as it was last described. */
  box?: string;
}

let known = /* @__PURE__ */ new WeakMap<Element, Known>();
let positions = /* @__PURE__ */ new WeakMap<Element, number>();
let count = 0;
/** What was measured before counts for nothing. */
let doubtedMs = 0;
let selectorsMs = 0;
/** What is to be described as soon as there is time. */
let pending = /* @__PURE__ */ new Set<Element>();
let described: Description[] = [];

export function stopElements(): void {
  known = new WeakMap();
  positions = new WeakMap();
  pending = new Set();
  described = [];
  count = 0;
}

/** Something moved: what was measured is to be measured again when it is used next. */
export function doubtBoxes(): void {
  doubtedMs = performance.now();
}

/** The number of an element, 0 for what is none. Cheap enough for a pointer listener: boxes, which cost layout, wait for an idle moment. */
export function numberOf(target: EventTarget | null, nowMs?: number): number {
  const element = target as Element | null;
  if (element?.nodeType !== 1) return 0;
  const one = know(element);
  if (!isFresh(one, nowMs)) describeSoon(element);
  return one.number;
}

/** Where in the box of an element a place of the document is, as it goes on the wire. May cost a layout, which a click is worth. */
export function spotOf(element: Element, x: number, y: number, isNew: boolean): readonly number[] {
  const one = know(element);
  if (isNew || !isFresh(one)) {
    measure(element);
    describeSoon(element);
  }
  const [left, top, width, height] = one.rect!;
  return [(x - left) / width, (y - top) / height].map((share) => 1 + Math.round(32_766 * Math.max(0, Math.min(1, share || 0))));
}

/** Takes out as many of the descriptions that are ready as a frame can hold; when told to, makes the others ready first. */
export function takeDescribed(isUrgent?: boolean): Description[] {
  if (isUrgent) describePending();
  let room = DESCRIBED_BYTES;
  const end = described.findIndex(({ length }, i) => i >= FRAME_ELEMENTS || (room -= length) < 0);
  return described.splice(0, end < 0 ? described.length : end);
}

function describeSoon(element: Element): void {
  if (!pending.size) later(describePending);
  pending.add(element);
}

function describePending(): void {
  forgetOldSelectors();
  for (const element of pending) {
    pending.delete(element);
    quiet(describe)(element, described);
  }
}

function know(element: Element): Known {
  let one = known.get(element);
  if (!one) known.set(element, (one = { number: count < 32_767 ? ++count : 0 }));
  return one;
}

/** Selectors are found anew as often as boxes are measured anew. */
export function forgetOldSelectors(): void {
  if (isFresh({ measuredMs: selectorsMs })) return;
  selectorsMs = performance.now();
  forgetSelectors();
}

/** To ask for the time costs more than all else here, so those who know it say it. */
function isFresh({ measuredMs = 0 }: Partial<Known>, nowMs = performance.now()): boolean {
  return measuredMs > Math.max(doubtedMs, nowMs - BOX_MS);
}

function measure(element: Element): Known {
  const one = know(element);
  const { left, top, width, height } = Element.prototype.getBoundingClientRect.call(element);
  const [dx, dy] = offsets.get(element.ownerDocument.defaultView!) ?? [scrollX, scrollY];
  one.rect = [left + dx, top + dy, width, height];
  one.measuredMs = performance.now();
  return one;
}

/** Appends the description of an element, unless the same was told before. */
export function describe(element: Element, into: Description[]): void {
  if (isIgnored(element)) return;
  const one = measure(element);
  const [x, y, w, h] = one.rect!.map((px) => toWhole(px)) as [number, number, number, number];
  const box = `${[x, y, w, h]}`;
  if (!one.number || one.box === box) return;
  one.box = box;
  let parent = parentOf(element);
  while (parent && !known.has(parent) && !parent.matches(STRUCTURE)) parent = parentOf(parent);
  if (parent && !isFresh(know(parent))) describe(parent, into);

  const isSecret = isMasked(element);
  const role = (!isSecret && element.getAttribute("role")) || (element.matches("input,button") ? (element as HTMLInputElement).type : "");
  // Only the length: the text itself stays here. What people type isn't even counted.
  const length = isSecret || isField(element) ? 0 : toWhole(element.textContent!.length);
  const bytes = appendVarints([], [one.number, parent ? know(parent).number : 0, positionOf(element), zigzag(x), zigzag(y), w, h, length]);
  const selectors = selectorsOf(element);
  appendTexts(bytes, [element.localName.replace(/[^!-~]/g, "_").slice(0, 32), isWordlike(role) ? role.slice(0, 32) : ""]);
  appendTexts(appendVarints(bytes, [selectors.length]), selectors);
  into.push(bytes);
}

/** An element inside a fixed or sticky one doesn't move with the page either. */
function positionOf(element: Element | null): number {
  if (!element) return 0;
  let flags = positions.get(element);
  if (flags === undefined) {
    const { position } = getComputedStyle(element);
    flags = (position === "fixed" ? Flag.Fixed : position === "sticky" ? Flag.Sticky : 0) | positionOf(parentOf(element));
    positions.set(element, flags);
  }
  return flags;
}

/** The elements under the pointer: a number for each at once, its description when there is time. */
import { toWhole } from "./bounds";
import { appendTexts, appendVarints, zigzag } from "./frame";
import { later } from "./idle";
import { offsets } from "./offset";
import { forgetSelectors, isMasked, isWordlike, selectorsOf } from "./selector";
import { parentOf } from "./tree";

/** What gives a page its shape: described where it is pointed into, and what a wireframe is drawn from. */
export const STRUCTURE =
  "header,nav,main,section,article,aside,footer,form,ul,ol,table,dialog,[role],h1,h2,h3,h4,p,a,button,input,select,textarea,label,summary,img,svg,video,canvas,iframe";
/** What holds text that people type. */
const FIELD = "input,select,textarea,[contenteditable]";

const enum Flag { Fixed = 1, Sticky = 2 }

/** A description as it goes on the wire. */
export type Description = readonly number[];

/** What is known of an element. */
interface Known {
  number: number;
  /** Its box as it was last described. */
  box?: string;
}

let known = /* @__PURE__ */ new WeakMap<Element, Known>();
let positions = /* @__PURE__ */ new WeakMap<Element, number>();
let count = 0;
let latest: Element | undefined;
/** What is to be described as soon as there is time. */
let pending = /* @__PURE__ */ new Set<Element>();
let described: Description[] = [];

export function stopElements(): void {
  known = new WeakMap();
  positions = new WeakMap();
  pending = new Set();
  described = [];
  count = 0;
  latest = undefined;
}

/** Something moved: what the pointer is over is to be looked at again when it is used next. */
export function doubtBoxes(): void {
  latest = undefined;
}

/** The number of an element, 0 for what is none. Cheap enough for a pointer listener: boxes, which cost layout, wait for an idle moment. */
export function numberOf(target: EventTarget | null): number {
  const element = target as Element | null;
  if (element?.nodeType !== 1) return 0;
  // Whatever the pointer comes to may have moved since it was there last.
  if (element !== latest) {
    if (!pending.size) later(describePending);
    pending.add(element);
  }
  latest = element;
  return know(element).number;
}

/** Takes out so many of the descriptions that are ready; when told to, makes the others ready first. */
export function takeDescribed(most: number, isUrgent?: boolean): Description[] {
  if (isUrgent) describePending();
  return described.splice(0, most);
}

function describePending(): void {
  forgetSelectors();
  for (const element of pending) {
    pending.delete(element);
    describe(element, described);
  }
}

function know(element: Element): Known {
  let one = known.get(element);
  if (!one) known.set(element, (one = { number: count < 32_767 ? ++count : 0 }));
  return one;
}

/** Appends the description of an element, unless the same was told before. */
export function describe(element: Element, into: Description[]): void {
  const one = know(element);
  const { left, top, width, height } = element.getBoundingClientRect();
  const [dx, dy] = offsets.get(element.ownerDocument.defaultView!) ?? [scrollX, scrollY];
  const [x, y, w, h] = [left + dx, top + dy, width, height].map((px) => toWhole(px)) as [number, number, number, number];
  const box = `${[x, y, w, h]}`;
  if (!one.number || one.box === box) return;
  one.box = box;
  let parent = parentOf(element);
  while (parent && !known.has(parent) && !parent.matches(STRUCTURE)) parent = parentOf(parent);
  if (parent) describe(parent, into);

  const isSecret = isMasked(element);
  const role = element.getAttribute("role") ?? (element as HTMLInputElement).type ?? "";
  // Only the length: the text itself stays here. What people type isn't even counted.
  const length = isSecret || element.matches(FIELD) ? 0 : toWhole(element.textContent!.length);
  const bytes = appendVarints([], [one.number, parent ? know(parent).number : 0, positionOf(element), zigzag(x), zigzag(y), w, h, length]);
  const selectors = selectorsOf(element);
  appendTexts(bytes, [element.localName.slice(0, 32), !isSecret && isWordlike(role) ? role.slice(0, 32) : ""]);
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

/** The elements under the pointer: a number for each at once, its description when there is time. */
import { quiet } from "./bind";
import { toWhole } from "./bounds";
import { DESCRIBE_MS, DESCRIBE_WITHIN_MS } from "./config";
import type { Description } from "./frame";
import { selectorsOf } from "./selector";
import { clip } from "./text";

const INTERACTIVE = "a,button,input,select,textarea,label,summary,[role=button],[onclick]";
/** Ancestors that are described along with an element, because they give a page its shape. */
const STRUCTURE = `header,nav,main,section,article,aside,footer,form,ul,ol,table,dialog,[role],${INTERACTIVE}`;
const IMAGE = "img,svg,video,canvas,picture";
/** What holds text that people type. */
const FIELD = "input,select,textarea,[contenteditable]";

const enum Flag { Fixed = 1, Sticky = 2, Interactive = 4, Image = 8 }

let numbers = new WeakMap<Element, number>();
let count = 0;
let pending: Element[] = [];
let described: Description[] = [];
let isWaiting = false;

export function stopElements(): void {
  numbers = new WeakMap();
  count = 0;
  pending = [];
  described = [];
}

/** The number of an element, 0 for what is none. Cheap enough for a pointer listener. */
export function numberOf(target: EventTarget | null): number {
  const element = target as Element | null;
  if (element?.nodeType !== 1) return 0;
  let number = numbers.get(element) ?? 0;
  if (!number && count < 32_767) {
    number = ++count;
    numbers.set(element, number);
    pending.push(element);
    wait();
  }
  return number;
}

/** Takes out so many of the descriptions that are ready; when told to, makes more ready first. */
export function takeDescribed(most: number, isUrgent?: boolean): Description[] {
  if (isUrgent) describeFor(DESCRIBE_MS);
  return described.splice(0, most);
}

/** Boxes and selectors cost layout and searches, so they wait until the browser has nothing better to do. */
function wait(): void {
  if (isWaiting) return;
  isWaiting = true;
  const work = quiet((idle?: IdleDeadline) => {
    isWaiting = false;
    describeFor(idle ? idle.timeRemaining() : DESCRIBE_MS);
    if (pending.length) wait();
  });
  if ("requestIdleCallback" in window) requestIdleCallback(work, { timeout: DESCRIBE_WITHIN_MS });
  else setTimeout(work, DESCRIBE_MS);
}

/** Describes at least one pending element, and more while there is time. */
function describeFor(ms: number): void {
  const endMs = performance.now() + ms;
  do {
    const element = pending.shift();
    if (element) described.push(describe(element));
  } while (pending.length && performance.now() < endMs);
}

function describe(element: Element): Description {
  const box = element.getBoundingClientRect();
  return {
    number: numberOf(element),
    parent: numberOf(parentOf(element)),
    flags: positionOf(element) | (element.matches(INTERACTIVE) ? Flag.Interactive : 0) | (element.matches(IMAGE) ? Flag.Image : 0),
    x: toWhole(box.x + scrollX),
    y: toWhole(box.y + scrollY),
    w: toWhole(box.width, 0),
    h: toWhole(box.height, 0),
    // Only the length: the text itself stays here. What people type isn't even counted.
    text_length: element.matches(FIELD) ? 0 : toWhole((element.textContent ?? "").length, 0),
    tag: clip(element.localName, 32),
    role: clip(element.getAttribute("role") ?? (element as HTMLInputElement).type ?? "", 32),
    selectors: selectorsOf(element),
  };
}

function parentOf({ parentElement: parent }: Element): Element | null {
  return !parent || numbers.has(parent) || parent.matches(STRUCTURE) ? parent : parentOf(parent);
}

/** An element inside a fixed or sticky one doesn't move with the page either. */
function positionOf(element: Element | null): number {
  if (!element) return 0;
  const { position } = getComputedStyle(element);
  return (position === "fixed" ? Flag.Fixed : position === "sticky" ? Flag.Sticky : 0) | positionOf(element.parentElement);
}

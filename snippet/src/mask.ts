/** What is not to be looked at, and what is not to be told. */
import { isWithin } from "./tree";

/** A field that holds what nobody else is to know often says so in one of its attributes. */
const SECRET = /pass|card|cc-|cvv|cvc|iban/i;

/** Fields that were secret once: the button that shows a password turns it into text. */
const secrets = /* @__PURE__ */ new WeakSet<Element>();

/** Looks at the fields that are there, while they say what they are. */
export function startMask(): void {
  document.querySelectorAll("input").forEach(isMasked);
}

export function isIgnored(element: Element | null): boolean {
  return isWithin(element, "[data-mt-ignore]:not([data-mt-ignore=false])");
}

/** What people type, and what is in it. */
export function isField(element: Element): boolean {
  return isWithin(element, "input,select,textarea,[contenteditable]");
}

/** Whether nothing may be told about an element but its shape. */
export function isMasked(element: Element): boolean {
  if (element.localName === "input" && [...element.attributes].some(({ value }) => SECRET.test(value))) secrets.add(element);
  return secrets.has(element) || isWithin(element, "[data-mt-mask]");
}

/**
 * CSS selectors that find an element again. Plain, because it runs on pages of strangers: a step a level, a few searches a step.
 * (Libraries find shorter ones by trying combinations of all names and attributes. That weighs 1.5 KB, its cost grows with the
 * number of classes to the power of the depth, and it would send attribute values that people wrote.)
 */
import { SELECTOR_LENGTH, SELECTOR_NAMES } from "./config";
import { hostOf, isWithin } from "./tree";

/** Attributes that name an element for programs. Others may hold what people wrote. */
const NAMING = ["data-mt-name", "data-testid", "data-test", "data-cy", "name"];

/** Whether nothing may be told about an element but its shape. What holds secrets always is. */
export function isMasked(element: Element): boolean {
  return isWithin(element, "[data-mt-mask],[type=password],[autocomplete*=cc-]");
}

/**
 * Up to three candidates, best first: by its own name or the nearest name above it, by the name above that, and by its place alone.
 * Each finds this element and no other in its root; for an element in a shadow root or a frame, the host's stands before it.
 */
export function selectorsOf(element: Element): string[] {
  if (!element.isConnected) return [];
  const root = element.getRootNode() as ParentNode;
  const host = hostOf(element);
  const before = host ? `${selectorsOf(host)[0]} >>> ` : "";
  const found: string[] = [];
  let path = "";
  for (let at: Element | null = element; at; at = at.parentElement) {
    const name = namesOf(at).find((name) => root.querySelectorAll(name + path).length === 1);
    if (name && found.length < 2) found.push(before + name + path);
    path = ` > ${stepOf(at)}${path}`;
  }
  return [...found, before + path.slice(3)].filter(({ length }) => length <= SELECTOR_LENGTH);
}

/** What somebody called it. */
function namesOf(element: Element): string[] {
  if (isMasked(element)) return [];
  const names = [["#", element.id], ...NAMING.map((key) => [`[${key}=`, element.getAttribute(key)]), ...[...element.classList].map((name) => [".", name])];
  return names
    .filter(([, name]) => name && isWordlike(name))
    .map(([sign, name]) => sign! + name + (sign![1] ? "]" : ""))
    .slice(0, SELECTOR_NAMES);
}

/** Which of its parent's children it is. */
function stepOf(element: Element): string {
  const { localName, parentNode } = element;
  const alike = [...(parentNode?.children ?? [])].filter((child) => child.localName === localName);
  return localName + (alike[1] ? `:nth-of-type(${alike.indexOf(element) + 1})` : "");
}

/** Names made by people last from build to build; those that tools make up have digits, odd capitals or runs of consonants. */
export function isWordlike(name: string): boolean {
  return /^[a-z]+([-_]+[a-z]+|[A-Z][a-z]{2,})*$/.test(name) && !/[^aeiouy_-]{5}/i.test(name);
}

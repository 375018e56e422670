/**
 * CSS selectors that find an element again. Plain, because it runs on pages of strangers: a step a level, a few searches a step.
 * (Libraries find shorter ones by trying combinations of all names and attributes. That weighs 1.5 KB, its cost grows with the
 * number of classes to the power of the depth, and it would send attribute values that people wrote.)
 */
import { SELECTOR_LENGTH, SELECTOR_NAMES } from "./config";
import { isMasked } from "./mask";
import { hostOf } from "./tree";

/** Attributes that name an element for programs. Others may hold what people wrote. */
const NAMING = ["data-mt-name", "data-testid", "data-test", "data-cy", "name"];

/** What was found out about elements: nothing that outlasts a change of the page. */
let paths = /* @__PURE__ */ new WeakMap<Element, string>();
let names = /* @__PURE__ */ new WeakMap<Element, string | undefined>();

export function forgetSelectors(): void {
  paths = new WeakMap();
  names = new WeakMap();
}

/**
 * Up to three candidates, best first: by its own name or the nearest name above it, by the name above that, and by its place alone.
 * Each finds this element and no other in its root; for an element in a shadow root or a frame, the host's stands before it.
 */
export function selectorsOf(element: Element): string[] {
  const host = hostOf(element);
  const before = host ? `${selectorsOf(host)[0]} >>> ` : "";
  const path = pathOf(element);
  const found: string[] = [];
  for (let at: Element | null = element; at && found.length < 2; at = at.parentElement) {
    const name = nameOf(at);
    if (name) found.push(before + name + path.slice(pathOf(at).length));
  }
  return [...found, before + path].filter(({ length }) => element.isConnected && length <= SELECTOR_LENGTH);
}

/** What somebody called it, and nothing else. */
function nameOf(element: Element): string | undefined {
  if (!names.has(element)) {
    const root = element.getRootNode() as ParentNode;
    const given = [["#", element.id], ...NAMING.map((key) => [`[${key}=`, element.getAttribute(key)]), ...[...element.classList].map((name) => [".", name])]
      .filter(([, name]) => name && isWordlike(name) && !isMasked(element))
      .map(([sign, name]) => sign! + name + (sign![1] ? "]" : ""));
    names.set(element, given.slice(0, SELECTOR_NAMES).find((name) => root.querySelectorAll(name).length === 1));
  }
  return names.get(element);
}

/** Its place among its parent's children, and theirs above it. */
function pathOf(element: Element): string {
  let path = paths.get(element);
  if (!path) {
    const { localName, parentNode, parentElement } = element;
    const alike = [...(parentNode?.children ?? [])].filter((child) => child.localName === localName);
    path = (parentElement ? `${pathOf(parentElement)} > ` : "") + localName + (alike[1] ? `:nth-of-type(${alike.indexOf(element) + 1})` : "");
    paths.set(element, path);
  }
  return path;
}

/** Names made by people last from build to build; those that tools make up have digits, odd capitals or runs of consonants. */
export function isWordlike(name: string): boolean {
  return /^[a-z]+([-_]+[a-z]+|[A-Z][a-z]{2,})*$/.test(name) && !/[^aeiouy_-]{5}/i.test(name);
}

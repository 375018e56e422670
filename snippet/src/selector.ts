/**
 * CSS selectors that find an element again. Plain, because it runs on pages of strangers: a step a level, a few searches a step.
 * (Libraries find shorter ones by trying combinations of all names and attributes. That weighs 1.5 KB, its cost grows with the
 * number of classes to the power of the depth, and it would send attribute values that people wrote.)
 */
import { SELECTOR_BYTES, SELECTOR_NAMES } from "./config";

/** The candidates of an element, best first: none outside of the document's own tree. */
export function selectorsOf(element: Element): string[] {
  let path = "";
  for (let at: Element | null = element; at && at.isConnected; at = at.parentElement) {
    for (const name of [...namesOf(at), stepOf(at)]) {
      const selector = name + path;
      if (document.querySelectorAll(selector).length === 1) return selector.length > SELECTOR_BYTES ? [] : [selector];
    }
    path = ` > ${stepOf(at)}${path}`;
  }
  return [];
}

/** What somebody called it. Names are chosen from attributes for programs only: others may hold what people wrote. */
function namesOf(element: Element): string[] {
  const attributes = ["data-testid", "name"].map((key) => [key, element.getAttribute(key) ?? ""] as const);
  return [
    ...(isWordlike(element.id) ? [`#${element.id}`] : []),
    ...attributes.filter(([, value]) => isWordlike(value)).map(([key, value]) => `[${key}=${value}]`),
    ...[...element.classList].filter(isWordlike).map((name) => `.${name}`),
  ].slice(0, SELECTOR_NAMES);
}

/** Which of its parent's children it is. */
function stepOf(element: Element): string {
  const { localName, parentElement } = element;
  const alike = [...(parentElement?.children ?? [])].filter((child) => child.localName === localName);
  return alike.length > 1 ? `${localName}:nth-of-type(${alike.indexOf(element) + 1})` : localName;
}

/** Names made by people last from build to build; those that tools make up have digits, odd capitals or runs of consonants. */
export function isWordlike(name: string): boolean {
  return /^[a-z]+([-_]+[a-z]+|[A-Z][a-z]{2,})*$/.test(name) && !/[^aeiouy_-]{5}/i.test(name);
}

// Making and finding elements. Nothing here takes HTML text: what comes from a visitor's page stays text.

const SVG = "http://www.w3.org/2000/svg";

type Attributes = Record<string, string | number>;

/** The element with this id; the templates have it, so its absence is a mistake of ours. */
export function byId<T extends Element = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found as unknown as T;
}

export function html<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Attributes = {}, ...inside: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...inside);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(tag: K, attributes: Attributes = {}, ...inside: (Node | string)[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  set(element, attributes);
  element.append(...inside);
  return element;
}

export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/** An icon of the sprite. */
export function icon(sprite: string, name: string): SVGSVGElement {
  return svg("svg", { class: "i", "aria-hidden": "true" }, svg("use", { href: `${sprite}#${name}` }));
}

/** Puts another icon in the place of the one inside `element`. */
export function changeIcon(element: Element, sprite: string, name: string): void {
  element.querySelector("use")?.setAttribute("href", `${sprite}#${name}`);
}

/** Copies text; says whether that worked. Without HTTPS browsers only offer the old way. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = html("textarea", { class: "vh" });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

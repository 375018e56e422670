/** The tree of elements as a visitor sees it: through shadow roots, and into documents of the same origin. */

/** What an element stands in: its parent, the host of its shadow root, or the frame of its document. */
export function parentOf(element: Element): Element | null {
  return element.parentElement ?? hostOf(element);
}

/** The element that holds the root in which an element stands; none for those of the page itself. */
export function hostOf(element: Element): Element | null {
  // A field of a form can hide a property of the form behind its own name, so those that matter come from the prototype.
  const root = Node.prototype.getRootNode.call(element);
  return root === document ? null : (root as ShadowRoot).host ?? (root as Document).defaultView?.frameElement ?? null;
}

/** Whether an element, or one that it stands in, matches. */
export function isWithin(element: Element | null, selector: string): boolean {
  return !!element && (!!Element.prototype.closest.call(element, selector) || isWithin(hostOf(element), selector));
}

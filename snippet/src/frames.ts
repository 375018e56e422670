/** Documents of the same origin inside the page, and shadow trees: their events end at their border, or don't say what they are about. */
import { bind, quiet } from "./bind";
import { startFacts } from "./fact";
import { offsets } from "./offset";
import { bindPointers } from "./pointer";
import { startScroll } from "./window";

let entered = /* @__PURE__ */ new WeakSet<Node>();

export function startFrames(): void {
  entered = new WeakSet();
  enter(document);
}

function enter(root: Document | ShadowRoot): void {
  if (entered.has(root)) return;
  entered.add(root);
  if (root !== document) startScroll(root);
  // Of a shadow tree nobody tells before the pointer comes into it.
  bind(root, "pointerover", (event) => event.composedPath().forEach((node) => (node as ShadowRoot).host && enter(node as ShadowRoot)));
  // Frames come later, and go on to other documents. One of another origin has none for us.
  const look = quiet((frame: HTMLIFrameElement) => {
    const { contentDocument: inner, contentWindow: view } = frame;
    if (!inner || entered.has(inner)) return;
    // When the pointer comes in is when to find out where the frame is. First, because the event itself needs to know.
    bind<PointerEvent>(inner, "pointerover", ({ relatedTarget }) => {
      if (!relatedTarget) offsets.set(view!, offsetOf(frame));
    });
    bindPointers(inner);
    startFacts(inner);
    enter(inner);
  });
  bind(root, "load", ({ target }) => look(target as HTMLIFrameElement));
  root.querySelectorAll("iframe").forEach(look);
}

function offsetOf(frame: Element): readonly [number, number] {
  const { left, top } = frame.getBoundingClientRect();
  const { paddingLeft, paddingTop } = getComputedStyle(frame);
  const { ownerDocument } = frame;
  const outer = ownerDocument === document ? null : ownerDocument.defaultView!.frameElement;
  const [x, y] = outer ? offsetOf(outer) : [scrollX, scrollY];
  return [x + left + frame.clientLeft + parseFloat(paddingLeft), y + top + frame.clientTop + parseFloat(paddingTop)];
}

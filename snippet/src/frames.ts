/** Documents of the same origin inside the page. */
import { bind, quiet } from "./bind";
import { offsets } from "./offset";
import { bindPointers } from "./pointer";
import { startScroll } from "./window";

export function startFrames(): void {
  enter(document, new WeakSet());
}

/** Listens in the frames of a document, those that come later too. A frame of another origin has no document for us. */
function enter(parent: Document, entered: WeakSet<Document>): void {
  const look = quiet((frame: HTMLIFrameElement) => {
    const { contentDocument: inner, contentWindow: view } = frame;
    if (!inner || entered.has(inner)) return;
    entered.add(inner);
    // The pointer comes in: this is when to find out where the frame is. First, because the event itself needs to know.
    bind<PointerEvent>(view!, "pointerover", ({ relatedTarget }) => {
      if (!relatedTarget) offsets.set(view!, offsetOf(frame));
    });
    bindPointers(view!);
    startScroll(view!);
    enter(inner, entered);
  });
  bind(parent, "load", ({ target }) => look(target as HTMLIFrameElement));
  parent.querySelectorAll("iframe").forEach(look);
}

function offsetOf(frame: Element): readonly [number, number] {
  const { left, top } = frame.getBoundingClientRect();
  const { paddingLeft, paddingTop } = getComputedStyle(frame);
  const { ownerDocument } = frame;
  const outer = ownerDocument.defaultView!.frameElement;
  const [x, y] = ownerDocument === document || !outer ? [scrollX, scrollY] : offsetOf(outer);
  return [x + left + frame.clientLeft + parseFloat(paddingLeft), y + top + frame.clientTop + parseFloat(paddingTop)];
}

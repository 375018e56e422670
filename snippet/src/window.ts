/** The window over the document: how far it is scrolled, and the sizes of both. */
import { atRelease, bind, quiet } from "./bind";
import { openTrack, record, timeOf } from "./draft";
import { Kind } from "./frame";
import { latestNote, shiftPointers } from "./pointer";

export function startWindow(): void {
  const scroll = openTrack(Kind.Scroll);
  scroll.exact(0, scrollX, scrollY, latestNote());
  bind(window, "scroll", ({ target, timeStamp }) => {
    // A scrolling box inside the page is another matter.
    if (target !== document) return;
    const offset = [scrollX, scrollY] as const;
    scroll.sample(timeOf(timeStamp), ...offset, latestNote());
    shiftPointers(timeStamp, ...offset);
  });

  bind(window, "resize", ({ timeStamp }) => record(Kind.Resize, timeOf(timeStamp), innerWidth, innerHeight, latestNote()));

  if (!window.ResizeObserver) return;
  const { documentElement, body } = document;
  // It reports after a layout, so that measuring there costs nothing; and once at the start, which tells the laid out size.
  const observer = new ResizeObserver(quiet(() => {
    const { scrollWidth, scrollHeight } = documentElement;
    record(Kind.Document, timeOf(performance.now()), scrollWidth, scrollHeight, latestNote());
  }));
  for (const element of [documentElement, body]) if (element) observer.observe(element);
  atRelease(() => observer.disconnect());
}

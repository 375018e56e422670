/** The window over the document: how far it is scrolled, and the sizes of both; and the boxes in it that scroll. */
import { atRelease, bind, quiet } from "./bind";
import { closeTrack, openTrack, record, type Note } from "./draft";
import { doubtBoxes } from "./element";
import { Kind } from "./frame";
import { measurePage, type PageView } from "./page";
import { latestNote, shiftPointers } from "./pointer";
import type { Track } from "./track";

export function startWindow(page: PageView): void {
  const scroll = openTrack(Kind.Scroll);
  startScroll(window, (timeStamp) => {
    const offset = [scrollX, scrollY] as const;
    scroll.sample(timeStamp, ...offset, latestNote);
    shiftPointers(timeStamp, ...offset);
  });

  bind(window, "resize", ({ timeStamp }) => {
    // Zooming the page resizes it, too.
    record(Kind.Resize, timeStamp, innerWidth, innerHeight, [...latestNote, 0, 0, Math.round(devicePixelRatio * 100)]);
  });

  if (!window.ResizeObserver) return;
  const { documentElement, body } = document;
  // It reports after a layout, so that measuring there costs nothing; and once at the start, which tells the laid out size.
  const observer = new ResizeObserver(quiet(() => {
    measurePage(page);
    doubtBoxes();
    if (!scroll.last) scroll.exact(performance.now(), scrollX, scrollY, latestNote);
    const { scrollWidth, scrollHeight } = documentElement;
    record(Kind.Document, performance.now(), scrollWidth, scrollHeight, latestNote);
  }));
  for (const element of [documentElement, body]) if (element) observer.observe(element);
  atRelease(() => observer.disconnect());
}

/** Follows what scrolls in a window. Its document is another matter than the boxes inside, where it is the page itself. */
export function startScroll(view: Window, scrollPage?: (timeStamp: number) => void): void {
  let element: Element | undefined;
  let track: Track<Note> | undefined;
  bind(view, "scroll", ({ target, timeStamp }) => {
    if (scrollPage && target === document) return scrollPage(timeStamp);
    const box = (target as Document).scrollingElement ?? (target as Element);
    if (box !== element) {
      if (track) closeTrack(track);
      element = box;
      track = openTrack(Kind.InnerScroll);
    }
    doubtBoxes();
    const [, ...state] = latestNote;
    // Where one writes from right to left, offsets fall below zero.
    track!.sample(timeStamp, Math.abs(box.scrollLeft), Math.abs(box.scrollTop), [box, ...state]);
  });
}

/** The window over the document: how far it is scrolled, and the sizes of both; and the boxes in it that scroll. */
import { atRelease, bind, quiet } from "./bind";
import { closeTrack, openTrack, record, type Note } from "./draft";
import { doubtBoxes } from "./element";
import { Kind } from "./frame";
import { isField, isIgnored } from "./mask";
import { measurePage, type PageView } from "./page";
import { latestNote, shiftPointers } from "./pointer";
import type { Track } from "./track";

let pixelRatio: number;

export function startWindow(page: PageView): void {
  const scroll = openTrack(Kind.Scroll);
  startScroll(window, (timeStamp) => {
    const offset = [scrollX, scrollY] as const;
    scroll.sample(timeStamp, ...offset, latestNote);
    shiftPointers(timeStamp, ...offset);
  });

  pixelRatio = devicePixelRatio;
  bind(window, "resize", recordSize);

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

/** Zooming the page resizes it, but for a screen of another kind nobody tells. */
export function lookAtZoom(): void {
  if (pixelRatio !== devicePixelRatio) recordSize();
}

function recordSize(): void {
  pixelRatio = devicePixelRatio;
  record(Kind.Resize, performance.now(), innerWidth, innerHeight, [...latestNote, 0, 0, Math.round(pixelRatio * 100)]);
}

/** Follows what scrolls in a window, a document or a shadow tree. The document of the page is another matter than the boxes inside. */
export function startScroll(root: EventTarget, scrollPage?: (timeStamp: number) => void): void {
  let element: Element | undefined;
  let track: Track<Note> | undefined;
  bind(root, "scroll", ({ target, timeStamp }) => {
    doubtBoxes();
    if (scrollPage && target === document) return scrollPage(timeStamp);
    const box = (target as Document).scrollingElement ?? (target as Element);
    // How far a field is scrolled tells how much is in it.
    if (isField(box) || isIgnored(box)) return;
    if (box !== element) {
      if (track) closeTrack(track);
      element = box;
      track = openTrack(Kind.InnerScroll);
    }
    const [, ...state] = latestNote;
    // Where one writes from right to left, offsets fall below zero.
    track!.sample(timeStamp, Math.abs(box.scrollLeft), Math.abs(box.scrollTop), [box, ...state]);
  });
}

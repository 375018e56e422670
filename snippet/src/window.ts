/** The window over the document: how far it is scrolled, and the sizes of both; and the boxes in it that scroll. */
import { atRelease, bind, quiet } from "./bind";
import { ANSWER_MS } from "./config";
import { closeTrack, openTrack, record, type Note } from "./draft";
import { doubtBoxes } from "./element";
import { Kind } from "./frame";
import { isField, isIgnored } from "./mask";
import { measurePage, sizeOfDocument, type PageView } from "./page";
import { latestNote, shiftPointers } from "./pointer";
import type { Track } from "./track";

let pixelRatio: number;
/** Tells the first change of the document within a second of a click: whether the page answered. */
export let awaitAnswer: ((click: Event) => void) | undefined;

export function startWindow(page: PageView): void {
  const scroll = openTrack(Kind.Scroll);
  startScroll(window, (timeStamp) => {
    const offset = [scrollX, scrollY] as const;
    scroll.sample(timeStamp, ...offset, latestNote);
    shiftPointers(timeStamp, ...offset);
  });

  pixelRatio = devicePixelRatio;
  bind(window, "resize", recordSize);

  let size: ReturnType<typeof sizeOfDocument> | undefined;
  const tell = () => record(Kind.Document, performance.now(), ...(size ??= sizeOfDocument()), latestNote);

  const changes = new MutationObserver(quiet((mutations: MutationRecord[]) => {
    if (mutations.every(({ target }) => isIgnored((target as Element).localName ? target as Element : target.parentElement))) return;
    stop();
    // Its size as it was last: to measure it here would cost a layout, and when it changes, that is told soon.
    tell();
  }));
  const stop = () => changes.disconnect();
  atRelease(() => {
    stop();
    awaitAnswer = undefined;
  });
  let timer: ReturnType<typeof setTimeout>;
  awaitAnswer = (click) => {
    clearTimeout(timer);
    timer = setTimeout(stop, ANSWER_MS);
    // Changes inside a shadow tree or a frame don't show outside, so those that the click came through are looked at as well.
    for (const node of [document, ...click.composedPath()] as Node[]) {
      if (node.nodeType >= Node.DOCUMENT_NODE) changes.observe(node, { childList: true, attributes: true, characterData: true, subtree: true });
    }
  };

  if (!window.ResizeObserver) return;
  // It reports after a layout, so that measuring there costs nothing; and once at the start, which tells the laid out size.
  const sizes = new ResizeObserver(quiet(() => {
    measurePage(page);
    doubtBoxes();
    if (!scroll.last) scroll.exact(performance.now(), scrollX, scrollY, latestNote);
    size = sizeOfDocument();
    tell();
  }));
  document.querySelectorAll("html,body").forEach((element) => sizes.observe(element));
  atRelease(() => sizes.disconnect());
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

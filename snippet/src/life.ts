/** Whether anybody is looking: tab, focus, and the end of the page. */
import { bind } from "./bind";
import { cut } from "./draft";
import { Kind } from "./frame";
import { mark } from "./pointer";
import type { Via } from "./page";
import { leave } from "./stream";

export function startLife(turn: (via: Via) => void): void {
  /** In the back/forward cache, or on the way to nothing. */
  let isGone = false;

  bind(document, "visibilitychange", ({ timeStamp }) => {
    if (isGone) return;
    mark(document.hidden ? Kind.Hidden : Kind.Visible, timeStamp);
    // A hidden tab may be thrown away without another word.
    if (document.hidden) cut();
  });
  bind(window, "blur focus", ({ type, target, timeStamp }) => {
    if (target === window) mark(type === "blur" ? Kind.Blur : Kind.Focus, timeStamp);
  });
  bind(window, "pagehide", ({ timeStamp }) => {
    if (isGone) return;
    mark(Kind.Unload, timeStamp);
    isGone = true;
    cut(true);
    leave();
  });
  bind(window, "pageshow", () => {
    if (isGone) turn("restore");
  });
}

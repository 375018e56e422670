/** The order of the parts, and what the page can call. */
import { quiet, release } from "./bind";
import { stopBuffer } from "./buffer";
import { readConfig, type Config } from "./config";
import { visitorRefuses } from "./consent";
import { cut, slow, startDraft, stopDraft, watch } from "./draft";
import { stopElements } from "./element";
import { startLife } from "./life";
import { openPage } from "./page";
import { startPointers, stopPointers } from "./pointer";
import { leave, startStream, stopStream, wake } from "./stream";
import { startWindow } from "./window";

/** `window.mousetrail`. */
export interface Mousetrail {
  start(): void;
  /** Sends what there is and listens no more. */
  stop(): void;
  /** What the visitor decided. A withdrawal stops at once and sends nothing any more. */
  consent(isGiven: boolean): void;
}

export function createMousetrail(config: Config): Mousetrail {
  let isRunning = false;
  let hasConsent = !config.needsConsent;
  /** Decided once, so that a page load is tracked whole or not at all. */
  const isSampled = Math.random() < config.sample;

  const start = quiet(() => {
    if (isRunning || !hasConsent || !isSampled || visitorRefuses(config.respectsDnt)) return;
    isRunning = true;
    const page = openPage(0);
    startDraft(page, config.tolerancePx, wake);
    startPointers();
    startWindow();
    startLife();
    startStream(config, page, { slow, watch, stop: () => stop(true) });
  });

  const stop = quiet((isWithdrawn?: boolean) => {
    if (!isRunning) return;
    isRunning = false;
    release();
    if (!isWithdrawn) {
      cut(true);
      leave();
    }
    stopStream();
    stopDraft();
    stopPointers();
    stopElements();
    stopBuffer();
  });

  return {
    start,
    stop: () => stop(),
    consent(isGiven) {
      hasConsent = isGiven;
      if (isGiven) start();
      else stop(true);
    },
  };
}

quiet(() => {
  const page = window as Window & { mousetrail?: Mousetrail };
  const script = (document.currentScript ?? document.querySelector("script[data-site]")) as HTMLScriptElement | null;
  // A tag that stands in the page twice counts once.
  if (page.mousetrail || !script?.dataset.site) return;
  page.mousetrail = createMousetrail(readConfig(script));
  page.mousetrail.start();
})();

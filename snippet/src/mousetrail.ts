/** The order of the parts, and what a page can call. */
import { quiet, release } from "./bind";
import { stopBuffer } from "./buffer";
import { NAME_LENGTH, NOTES_WAITING, POLL_MS, TOLERANCE_MAX_PX, TOLERANCE_MIN_PX, TOLERANCE_PX, VALUE_LENGTH, type Config } from "./config";
import { visitorRefuses } from "./consent";
import { cut, slow, startDraft, stopDraft, watch } from "./draft";
import { stopElements } from "./element";
import { startFacts } from "./fact";
import { Kind } from "./frame";
import { startFrames } from "./frames";
import { startLife } from "./life";
import { startMask } from "./mask";
import { startOutline } from "./outline";
import { forgetSession, openPage, readUrl, type PageView, type Via } from "./page";
import { mark, startPointers, stopPointers } from "./pointer";
import { startRoute } from "./route";
import { readSignal } from "./signal";
import { forget, leave, startStream, stopStream, wake } from "./stream";
import { lookAtZoom, startWindow } from "./window";

/** `window.mousetrail`. */
export interface Mousetrail {
  start(): void;
  /** Sends what there is and listens no more. */
  stop(): void;
  /** What the visitor decided. A withdrawal stops at once and sends nothing any more; it can ask for what was sent to be erased. */
  consent(isGiven: boolean, shouldErase?: boolean): void;
  /** Who the visitor is, in the page's own terms. */
  identify(id: string): void;
  /** Something that holds for the session. */
  tag(name: string, value: string): void;
  /** Something that happened. */
  event(name: string, props?: object): void;
}

export function createMousetrail(config: Config): Mousetrail {
  /** The page view of now, while one is recorded. */
  let page: PageView | undefined;
  /** Undefined before anybody was asked. */
  let hasConsent = config.consent === "required" ? undefined : true;
  /** What the consent tools of the page said last. */
  let signal: boolean | undefined;
  let poll: ReturnType<typeof setInterval> | undefined;
  /** What the page told while nothing was recorded. */
  let notes: Parameters<typeof mark>[] = [];

  const begin = (via: Via) => {
    page = openPage(config, via, page);
    startDraft(page, Math.max(TOLERANCE_MIN_PX, Math.min(Number(config.tolerance) || TOLERANCE_PX, TOLERANCE_MAX_PX)), wake);
    startMask();
    startPointers();
    startFrames();
    startWindow(page);
    startFacts(window);
    startLife(turn);
    startRoute(look);
    startOutline(page);
    startStream(config, page, { slow, watch, stop: () => stop(true) });
    notes.splice(0).forEach((note) => mark(...note));
  };

  /** Closes the books of a page view. With the next one listeners begin anew, and so do the numbers of elements. */
  const close = () => {
    cut(true);
    release();
    stopDraft();
    stopPointers();
    stopElements();
  };

  const turn = (via: Via) => {
    close();
    begin(via);
  };

  const end = (isWithdrawn?: boolean) => {
    if (!page) return;
    page.refused = isWithdrawn;
    close();
    if (!isWithdrawn) leave();
    stopStream();
    stopBuffer();
    page = undefined;
  };

  /**
   * Begins as soon as it may. Then looks at what may have changed without a word: what the visitor wants, the consent tools of the page, its
   * document, and where the browser doesn't tell, its route.
   */
  const look = quiet((via: Via = "load") => {
    if (visitorRefuses(config)) return end(true);
    const said = readSignal();
    if (said !== signal) consent((signal = said)!);
    if (!page) return poll && hasConsent && begin(via);
    lookAtZoom();
    if (page.url !== readUrl(config) || page.root !== document.documentElement) turn("route");
  });

  const start = quiet((via?: Via) => {
    if ((document as Document & { prerendering?: boolean }).prerendering) {
      document.addEventListener("prerenderingchange", activate, { once: true });
      return;
    }
    poll ??= setInterval(look, POLL_MS);
    look(via);
  });

  const activate = () => start("prerender");

  const stop = quiet((isForbidden?: boolean) => {
    document.removeEventListener("prerenderingchange", activate);
    clearInterval(poll);
    poll = undefined;
    end(isForbidden);
  });

  const consent = quiet((isGiven: boolean, shouldErase?: boolean) => {
    hasConsent = isGiven;
    // Before the first start there is nothing to go on with.
    if (isGiven) poll && start();
    else {
      end(true);
      notes = [];
      forgetSession(config);
    }
    if (shouldErase) forget();
  });

  const note = quiet((kind: Kind, name: string, value: string = "") => {
    // Postgres can't hold NULs, and a character is not to be cut in two.
    const texts = [name, value].map((text, i) => `${text}`.replace(/\0/g, "").slice(0, [NAME_LENGTH, VALUE_LENGTH][i]).replace(/[\ud800-\udbff]$/, ""));
    const one: (typeof notes)[0] = [kind, performance.now(), texts];
    if (!name || !texts[0]) return;
    if (page) mark(...one);
    // What is said after a refusal is not for later.
    else if (hasConsent !== false && notes.length < NOTES_WAITING) notes.push(one);
  });

  return {
    start: () => start(),
    stop: () => stop(),
    consent,
    identify: (id) => note(Kind.Identify, id),
    tag: (name, value) => note(Kind.Tag, name, value),
    event: quiet((name, props) => {
      const value: string = (props && JSON.stringify(props)) || "";
      // A part of it would be no JSON.
      note(Kind.Event, name, value[0] === "{" && !value[VALUE_LENGTH] ? value : "");
    }),
  };
}

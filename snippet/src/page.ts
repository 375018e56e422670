/** A page view: what it is called, and what the collector is told about it. */
import type { Config } from "./config";

/** Where the key of the session is kept, if anywhere. */
const SESSION_KEY = "mousetrail";

/** How a page view began. */
export type Via = "load" | "route" | "restore" | "prerender";

/** What the stream has to know to name a page view to the collector. */
export interface PageView {
  readonly n: number;
  /** `performance.now()` when it began, in whole ms; every time on the wire counts from here. */
  readonly beganMs: number;
  readonly url: string;
  /** `document.open()` makes a new one, and takes all listeners away. */
  readonly root: Element;
  /** The fields of a new page in the hello, but for its age. */
  about: Readonly<Record<string, unknown>>;
  /** seq of the newest frame. */
  seq: number;
  /** The collector's name for it, and the proof that it was given to us. */
  id?: string;
  token?: string;
  /** Called once it has a name. */
  onNamed?: () => void;
  /** Nobody wants it: not the collector, or not the visitor. */
  refused?: boolean | undefined;
}

let opened = 0;

/** A page view of what the window shows now. `before` is the one that it follows. */
export function openPage(config: Config, via: Via, before?: PageView): PageView {
  const url = readUrl(config);
  // Query and fragment may hold anything, so they stay here.
  const referrer = (via === "route" ? before!.url : document.referrer).replace(/[?#].*/, "");
  const title = config.mask === "inputs" ? document.title : undefined;
  const about = { n: opened++, via, nonce: createKey(), session: readSession(config), url, referrer, title };
  return { n: about.n, beganMs: Math.round(performance.now()), url, root: document.documentElement, about, seq: 0 };
}

/** Adds what the page and the window look like, once: as soon as there is a layout, because to ask for one at the very start costs time. */
export function measurePage(page: PageView): void {
  if (page.about.screen) return;
  page.about = {
    ...page.about,
    viewport: [innerWidth, innerHeight],
    document: sizeOfDocument(),
    scroll: [Math.round(scrollX), Math.round(scrollY)],
    screen: [screen.width, screen.height],
    dpr: devicePixelRatio,
    pointer: matchMedia("(pointer: coarse)").matches ? "touch" : "mouse",
    language: navigator.language,
  };
}

/** How large the document is. */
export function sizeOfDocument(): readonly [w: number, h: number] {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return [scrollWidth, scrollHeight];
}

/** Where the page is: without query and fragment, but for what the site lets pass. */
export function readUrl({ params = "", hash }: Config): string {
  const given = location.search.slice(1).split("&");
  const kept = (params.match(/[^ ,]+/g) ?? []).flatMap((name) => given.filter((pair) => pair.split("=")[0] === name)).join("&");
  return location.origin + location.pathname + (kept && "?" + kept) + (hash === "keep" ? location.hash : "");
}

/** The key of the session that this tab is in. Nothing is stored without consent, so nothing is where the site doesn't ask for any. */
function readSession({ storage, consent }: Config): string | undefined {
  try {
    return storage === "session" && consent === "required" ? (sessionStorage[SESSION_KEY] ??= createKey()) : undefined;
  } catch {
    // The browser may keep it from us.
  }
}

export function forgetSession({ storage }: Config): void {
  if (storage) sessionStorage.removeItem(SESSION_KEY);
}

/** 128 random bits, in digits. */
function createKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("");
}

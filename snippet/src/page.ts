/** A page view: what it is called, and what the collector is told about it. */

import { clip } from "./text";

/** What the stream has to know to name a page view to the collector. */
export interface PageView {
  readonly n: number;
  /** `performance.now()` when it began; every time on the wire counts from here. */
  readonly beganMs: number;
  /** The fields of a new page in the hello, but for its age. */
  readonly about: Readonly<Record<string, unknown>>;
  /** seq of the newest frame. */
  seq: number;
  /** The collector's name for it, and the proof that it was given to us. */
  id?: string;
  token?: string;
  /** On the connection in use: named to the collector, and welcomed by it. */
  introduced?: boolean;
  welcomed?: boolean;
  /** The collector doesn't want it. */
  refused?: boolean;
}

export function openPage(n: number): PageView {
  return { n, beganMs: performance.now(), about: describePage(n), seq: 0 };
}

function describePage(n: number): PageView["about"] {
  const root = document.documentElement;
  return {
    n,
    nonce: createNonce(),
    url: clip(location.origin + location.pathname, 2_048),
    title: clip(document.title, 512),
    // Query and fragment may hold anything, so they stay here.
    referrer: clip(document.referrer.replace(/[?#].*/, ""), 2_048),
    viewport: [innerWidth, innerHeight],
    document: [root.scrollWidth, root.scrollHeight],
    scroll: [Math.round(scrollX), Math.round(scrollY)],
    screen: [screen.width, screen.height],
    dpr: devicePixelRatio,
    pointer: matchMedia("(pointer: coarse)").matches ? "touch" : "mouse",
    language: clip(navigator.language, 35),
  };
}

/** 16 random bytes as unpadded base64url: 22 characters. */
function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).slice(0, 22).replace(/[+/]/g, (sign) => (sign === "+" ? "-" : "_"));
}

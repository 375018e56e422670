/** The visible structure of the page, told once when there is time: the wireframe behind its replays and heatmaps. */
import { atRelease, quiet } from "./bind";
import { OUTLINE_AFTER_MS, OUTLINE_ELEMENTS, OUTLINE_PAUSE_MS, POST_BYTES } from "./config";
import { describe, forgetOldSelectors, STRUCTURE, type Description } from "./element";
import { packEnvelope } from "./envelope";
import { encode } from "./frame";
import { later } from "./idle";
import type { PageView } from "./page";
import { hello, request } from "./stream";

/** What isn't described yet, and what is. Nothing of it outlasts the page view: in the next one elements have other numbers. */
let elements: Element[];
let described: Description[] = [];

export function startOutline(page: PageView): void {
  const timer = setTimeout(quiet(collect), OUTLINE_AFTER_MS, page);
  atRelease(() => {
    clearTimeout(timer);
    elements = [];
    described = [];
  });
}

function collect(page: PageView): void {
  elements = [...document.querySelectorAll(STRUCTURE)];
  const work = (idle?: IdleDeadline) => {
    forgetOldSelectors();
    do {
      const element = elements.shift();
      if (!element || described[OUTLINE_ELEMENTS - 1]) return finish();
      const { width, height } = element.getBoundingClientRect();
      if (width && height) describe(element, described);
    } while (idle && idle.timeRemaining() > OUTLINE_PAUSE_MS);
    later(work);
  };
  const finish = () => {
    if (!described[0]) return;
    const bytes = encode([page.n, 0, Math.round(performance.now()) - page.beganMs, 0, 0, 0, 0, 0], described, []);
    if (page.id) send(page, bytes);
    else page.onNamed = () => send(page, bytes);
  };
  later(work);
}

/** In a request of its own, so that nothing small waits for it, and compressed where the browser can. */
async function send(page: PageView, bytes: Uint8Array): Promise<void> {
  const body = packEnvelope(hello([page]), [bytes], POST_BYTES + bytes.length);
  const { CompressionStream } = window;
  const packed = CompressionStream && new Response(new Response(body).body!.pipeThrough(new CompressionStream("gzip")));
  // Whether it arrives or not, the pointer's way does.
  const sent = packed ? await packed.blob() : body;
  if (!page.refused) request(sent).catch(() => {});
}

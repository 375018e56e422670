// A mouse, moved through DevTools: the events take the browser's own way, with its coalescing, into the page.
import { pause } from "./gauge.mjs";
import { strokes } from "./strokes.mjs";

/**
 * Moves along so many samples and waits until the page has had them all. A page gets the samples of a fast device together, once a frame of the
 * screen, but DevTools hands its events on as they come: so `together` of them are sent at once, every `everyMs`, each with the time at which a
 * device would have seen it.
 */
export async function moveMouse(tab, { count, together, everyMs }) {
  const samples = strokes(1_000, 1 + count / 40_000).slice(0, count);
  const begin = performance.now();
  const beginSeconds = Date.now() / 1_000;
  const sent = [];
  for (let i = 0; i < count; i++) {
    for (let wait; i % together === 0 && (wait = begin + (i / together) * everyMs - performance.now()) > 0; ) await pause(wait);
    const { x, y } = samples[i];
    sent.push(tab.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y, timestamp: beginSeconds + ((i / together) * everyMs) / 1_000 }));
  }
  await Promise.all(sent);
}

// What an hour of steady movement leaves behind in memory.
import { CLOCK } from "./clock.mjs";
import { openPage, pause, readHeap } from "./gauge.mjs";
import { heading, table, verdict } from "./table.mjs";

const HZ = 120;
const TARGET_KB = 300;
const NOBODY = "empty";

/**
 * Moves the pointer for so many seconds of the page's clock, on and on along a curve that fills the window: one pointermove and one mousemove for
 * each frame of a screen of 60 Hz, sent to the element at that place, with the samples of the device as coalesced events. After each second the
 * page gets a real pause, for what waits for the network or for idle time; every five seconds one that lasts as long as an answer of the server.
 */
const MOVE = `bench.move = async (seconds) => {
  for (let second = 0; second < seconds; second++) {
    for (let frame = 0; frame < 60; frame++) {
      bench.advance(1_000 / 60);
      const samples = Array.from({ length: ${HZ / 60} }, () => {
        const t = (bench.at = (bench.at ?? 0) + ${1_000 / HZ});
        const place = { clientX: Math.round(innerWidth * (0.5 + 0.45 * Math.sin(t / 611))), clientY: Math.round(innerHeight * (0.5 + 0.45 * Math.sin(t / 839))) };
        return bench.stamp(new PointerEvent("pointermove", { bubbles: true, composed: true, pointerId: 1, pointerType: "mouse", ...place }));
      });
      const last = samples.at(-1);
      const target = document.elementFromPoint(last.clientX, last.clientY) ?? document.body;
      last.getCoalescedEvents = () => samples;
      target.dispatchEvent(last);
      target.dispatchEvent(bench.stamp(new MouseEvent("mousemove", { bubbles: true, composed: true, clientX: last.clientX, clientY: last.clientY })));
    }
    await new Promise((resolve) => bench.soon(resolve));
    if (second % 5 === 4) await fetch("/idle");
  }
};
bench.stamp = (event) => Object.defineProperty(event, "timeStamp", { value: performance.now() });`;

export async function benchMemory(browser, shop, scripts) {
  heading("Memory: growth of the heap in an hour of steady movement");
  const rows = [];
  let nobody = 0;
  for (const name of [NOBODY, ...scripts.keys()]) {
    const framesBefore = shop.frames.count;
    const begin = performance.now();
    const { minuteKb, hourKb } = await measure(browser, shop, name);
    if (name === NOBODY) nobody = hourKb;
    const above = hourKb - nobody;
    rows.push([
      scripts[name]?.name ?? "no script", minuteKb.toFixed(0), hourKb.toFixed(0), name === NOBODY ? "" : above.toFixed(0),
      name === 0 ? verdict(above < TARGET_KB) : "", name === 0 ? shop.frames.count - framesBefore : "", ((performance.now() - begin) / 1_000).toFixed(0),
    ]);
  }
  table([["script", "KB in the first minute", "KB in the hour", "KB in the hour above no script", `target ${TARGET_KB}`, "frames acknowledged", "took s"], ...rows]);
  console.log(`\n${HZ} samples a second, ${(HZ * 3_600).toLocaleString("en")} in the hour, on a clock that runs as fast as the page can. Heap, its buffers and the DOM's own part of it, each after a forced collection of garbage. The socket, its acknowledgements and idle time are real.`);
}

async function measure(browser, shop, name) {
  const tab = await openPage(browser, `${shop.url}/page/${name}`, CLOCK + MOVE);
  await pause(300);
  // Everybody has begun, and the first samples have been sent.
  await tab.evaluate("bench.move(10)");
  await pause(200);
  const before = await readHeap(tab);
  await tab.evaluate("bench.move(50)");
  const minute = await readHeap(tab);
  await tab.evaluate("bench.move(3_540)");
  await pause(200);
  const hour = await readHeap(tab);
  await tab.close();
  return { minuteKb: (minute - before) / 1_024, hourKb: (hour - before) / 1_024 };
}

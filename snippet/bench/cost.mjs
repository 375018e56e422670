// What moving the mouse costs the main thread.
import { moveMouse } from "./device.mjs";
import { openPage, pause, readTimes } from "./gauge.mjs";
import { heading, median, percentile, table, verdict } from "./table.mjs";
import { traceFrames } from "./trace.mjs";

const COUNT = 10_000;
/** By then our outline, which comes once a page view after 2 s, is over: it has a figure of its own. */
const SETTLE_MS = 3_500;
const OUTLINE_FROM_MS = 1_500;
const TARGET_US = 3;
const TARGET_FRAME_MS = 1;
/** 16 samples at once, as a mouse of 1,000 Hz gives them on a screen of 60 Hz. Most arrive as eight to ten a handler. */
const TOGETHER = { count: COUNT, together: 16, everyMs: 16 };
/** One by one, which makes two to four a handler: more of the browser's work, and of ours, a sample. */
const SINGLE = { count: COUNT, together: 1, everyMs: 0.5 };
/** The true speed, for what happens in a frame of the screen. */
const FRAMES = { count: 2_400, together: 16, everyMs: 16 };
/** The page without a script of anybody's. */
const NOBODY = "empty";
const LISTEN = `addEventListener("pointermove", () => {}, { passive: true })`;

export async function benchCost(browser, shop, scripts) {
  heading("Main thread: script time of 10,000 device events above an empty passive listener");
  const all = [NOBODY, ...scripts.keys()];
  const ways = [
    ["real events, 16 together", 2, all, async (name) => (await run(browser, shop, name, TOGETHER)).us],
    ["real events, one by one", 2, [NOBODY, 0], async (name) => (await run(browser, shop, name, SINGLE)).us],
    ["made in the page, 8 together, handlers only", 3, [NOBODY, 0], (name) => runMade(browser, shop, name)],
  ];
  const rows = [];
  for (const [way, rounds, names, measure] of ways) {
    const values = new Map(names.map((name) => [name, []]));
    for (let round = 0; round < rounds; round++) {
      for (const name of names) values.get(name).push(await measure(name));
    }
    const empty = values.get(NOBODY);
    for (const name of names) {
      const own = values.get(name);
      const above = median(own.map((value, round) => value - empty[round]));
      rows.push([way, scripts[name]?.name ?? "empty listener", median(own).toFixed(2), name === NOBODY ? "" : above.toFixed(2), name === 0 ? verdict(above <= TARGET_US) : ""]);
    }
  }
  table([["way", "script", "µs an event", "µs above empty", `target ${TARGET_US}`], ...rows]);

  heading("Main thread: the outline, once a page view, in idle moments");
  const outlines = [];
  for (let round = 0; round < 3; round++) outlines.push((await runIdle(browser, shop, 0)) - (await runIdle(browser, shop, NOBODY)));
  table([["script", "ms of script above an empty page"], [scripts[0].name, median(outlines).toFixed(1)]]);

  heading("Main thread: ms a frame while the mouse moves, and long tasks");
  const frames = [];
  for (const [n, { name }] of scripts.entries()) {
    const ms = [];
    const { longTasks } = await run(browser, shop, n, FRAMES, async (tab, act) => ms.push(...await traceFrames(tab, `/script/${n}`, act)));
    const [p50, p99, most] = [50, 99, 100].map((percent) => (ms.length ? percentile(ms, percent).toFixed(2) : ""));
    frames.push([name, ms.length, p50, p99, most, n ? "" : verdict(p99 <= TARGET_FRAME_MS), longTasks.length, n ? "" : verdict(longTasks.length === 0)]);
  }
  table([["script", "frames with work of it", "p50 ms", "p99 ms", "largest ms", `p99 at most ${TARGET_FRAME_MS}`, "long tasks", "none"], ...frames]);
}

/** Script time of a movement, in µs an event, on a page that has settled. */
async function run(browser, shop, name, how, around = (_, act) => act()) {
  const tab = await openPage(browser, `${shop.url}/page/${name}`);
  if (name === NOBODY) await tab.evaluate(LISTEN);
  await pause(SETTLE_MS);
  await tab.evaluate("void (bench.longTasks.length = 0)");
  const before = await readTimes(tab);
  await around(tab, () => moveMouse(tab, how));
  const after = await readTimes(tab);
  const longTasks = await tab.evaluate("bench.longTasks");
  await tab.close();
  return { us: ((after.script - before.script) * 1_000) / how.count, longTasks };
}

/** Script time while nothing happens, from before the outline to after it, in ms. */
async function runIdle(browser, shop, name) {
  const tab = await openPage(browser, `${shop.url}/page/${name}`);
  await pause(OUTLINE_FROM_MS);
  const before = await readTimes(tab);
  await pause(SETTLE_MS - OUTLINE_FROM_MS);
  const after = await readTimes(tab);
  await tab.close();
  return after.script - before.script;
}

/** Script time for events that the page itself dispatches: no browser around the handlers, but no timers or idle work of ours either. */
async function runMade(browser, shop, name) {
  const tab = await openPage(browser, `${shop.url}/page/${name}`);
  if (name === NOBODY) await tab.evaluate(LISTEN);
  await pause(SETTLE_MS);
  const ms = await tab.evaluate(`(() => {
    const make = (i) => new PointerEvent("pointermove", { bubbles: true, composed: true, pointerId: 1, pointerType: "mouse",
      clientX: Math.round(600 + 400 * Math.sin(i / 90)), clientY: Math.round(350 + 200 * Math.cos(i / 70)) });
    const events = Array.from({ length: ${COUNT} / 8 }, (_, i) => {
      const together = Array.from({ length: 8 }, (_, k) => make(8 * i + k));
      return Object.assign(make(8 * i + 7), { getCoalescedEvents: () => together });
    });
    const target = document.querySelector("h3");
    const begin = performance.now();
    for (const event of events) target.dispatchEvent(event);
    return performance.now() - begin;
  })()`);
  await tab.close();
  return (ms * 1_000) / COUNT;
}

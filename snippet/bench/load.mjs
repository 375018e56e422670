// What loading the script costs a page.
import { openPage, pause, readTimes } from "./gauge.mjs";
import { NODES, tagOf } from "./shop.mjs";
import { heading, median, table, verdict } from "./table.mjs";

const SETTLE_MS = 400;
/** Time to begin in: what a script puts off for idle moments counts too. */
const INIT_MS = 1_000;
const INIT_ROUNDS = 5;
const LOAD_ROUNDS = 7;
const LCP_MS = 350;
const TARGET_INIT_MS = 5;
const TARGET_LCP_MS = 20;
/** A script that is empty, on a page that has none. */
const NOBODY = "empty";

export async function benchLoad(browser, shop, scripts) {
  const all = [NOBODY, ...scripts.keys()];
  const nameOf = (name) => scripts[name]?.name ?? "none";

  heading(`Init: a script is added to a settled page of ${NODES} nodes`);
  const inits = await interleave(INIT_ROUNDS, all, (name) => measureInit(browser, shop, name));
  const above = (name, field) => median(inits.get(name).map((value, round) => value[field] - inits.get(NOBODY)[round][field]));
  const init = above(0, "task");
  table([
    ["script", "ms of script above an empty one", "ms of the main thread above an empty one", `target ${TARGET_INIT_MS}`, "long tasks a load"],
    ...[...scripts.keys()].map((name) => [
      nameOf(name), above(name, "script").toFixed(1), above(name, "task").toFixed(1), name ? "" : verdict(init <= TARGET_INIT_MS),
      median(inits.get(name).map(({ longTasks }) => longTasks)),
    ]),
  ]);
  console.log(`\nCPU time of the main thread in the first second: compiling, running, timers, idle work, layout. Median of ${INIT_ROUNDS}, each against the empty script of its own round.`);

  heading("LCP with and without the script");
  const loads = await interleave(LOAD_ROUNDS, all, (name) => measureLcp(browser, shop, name));
  table([
    ["script", "LCP, ms", "later than without, ms", `within ${TARGET_LCP_MS}`],
    ...all.map((name) => {
      const own = loads.get(name);
      const later = median(own.map((lcp, round) => lcp - loads.get(NOBODY)[round]));
      return [nameOf(name), median(own).toFixed(0), name === NOBODY ? "" : later.toFixed(0), name === 0 ? verdict(later <= TARGET_LCP_MS) : ""];
    }),
  ]);
}

/** The values of so many rounds, each of which measures all, so that a slow moment of the machine meets all of them. */
async function interleave(rounds, names, measure) {
  const values = new Map(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) values.get(name).push(await measure(name));
  }
  return values;
}

async function measureInit(browser, shop, name) {
  const tab = await openPage(browser, `${shop.url}/page/${NOBODY}`);
  await pause(SETTLE_MS);
  await tab.evaluate("void (bench.longTasks.length = 0)");
  const before = await readTimes(tab);
  const attributes = [...tagOf(name).matchAll(/([\w-]+)="(.*?)"/g)].map(([, key, value]) => [key, value]);
  await tab.evaluate(`document.head.append(${JSON.stringify(attributes)}.reduce((script, pair) => (script.setAttribute(...pair), script), document.createElement("script")))`);
  await pause(INIT_MS);
  const after = await readTimes(tab);
  const longTasks = await tab.evaluate("bench.longTasks.length");
  await tab.close();
  return { script: after.script - before.script, task: after.task - before.task, longTasks };
}

async function measureLcp(browser, shop, name) {
  const tab = await openPage(browser, `${shop.url}/page/${name}`);
  await pause(LCP_MS);
  const lcp = await tab.evaluate("bench.lcp");
  await tab.close();
  return lcp;
}

// What a tab of Chromium says about its main thread.
/** Opens a page of which long tasks and LCP are kept from its begin. `prepare` is script that runs before the page's own. */
export async function openPage(browser, url, prepare = "") {
  const tab = await browser.open();
  await tab.send("Page.addScriptToEvaluateOnNewDocument", { source: `
    window.bench = { longTasks: [], lcp: 0 };
    new PerformanceObserver((list) => bench.longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask", buffered: true });
    new PerformanceObserver((list) => { bench.lcp = list.getEntries().at(-1).startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
    ${prepare}` });
  // CPU time of the thread itself, so that what else runs on the machine counts less.
  await tab.send("Performance.enable", { timeDomain: "threadTicks" });
  await tab.go(url);
  return tab;
}

/** ms of the main thread so far: in scripts, and in tasks of any kind (script, style, layout, paint, collection of garbage). */
export async function readTimes(tab) {
  const { metrics } = await tab.send("Performance.getMetrics");
  const read = (wanted) => metrics.find(({ name }) => name === wanted).value * 1_000;
  return { script: read("ScriptDuration"), task: read("TaskDuration") };
}

/** Bytes in use after everything that can be collected was: objects of scripts, their buffers, and what the browser keeps for them. */
export async function readHeap(tab) {
  for (let i = 0; i < 2; i++) await tab.send("HeapProfiler.collectGarbage");
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = await tab.send("Runtime.getHeapUsage");
  return usedSize + embedderHeapUsedSize + backingStorageSize;
}

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

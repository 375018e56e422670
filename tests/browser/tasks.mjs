// What the snippet costs the main thread, from the browser's own trace: processor time, so that other work on the machine doesn't count.

const SCRIPT = /mousetrail\.js/;
/** A frame of the screen, in the trace's microseconds. */
const FRAME_US = 16_667;

/** Begins to trace all tabs of a browser. `stop()` gives what scripts called mousetrail.js took, by the host that served them. */
export async function traceTasks(browser) {
  const tasks = new Map();
  browser.on('Tracing.dataCollected', ({ value }) => value.forEach(({ name, ts, tdur, args }) => {
    const url = args?.data?.url;
    if (!tdur || !SCRIPT.test(url) || !/^(EvaluateScript|FunctionCall)$/.test(name)) return;
    const { host } = new URL(url);
    tasks.set(host, [...(tasks.get(host) ?? []), { isStart: name === 'EvaluateScript', ts, ms: tdur / 1_000 }]);
  }));
  await browser.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['devtools.timeline'], excludedCategories: ['*'] } });
  return {
    async stop() {
      const complete = new Promise((resolve) => browser.on('Tracing.tracingComplete', resolve));
      await browser.send('Tracing.end');
      await complete;
      return tasks;
    },
  };
}

/** ms of each frame in which the script did anything, but for its start. */
export function frameTimes(tasks) {
  const frames = new Map();
  for (const { isStart, ts, ms } of tasks) {
    const frame = Math.floor(ts / FRAME_US);
    if (!isStart) frames.set(frame, (frames.get(frame) ?? 0) + ms);
  }
  return [...frames.values()];
}

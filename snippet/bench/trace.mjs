// How long one script kept the main thread busy in each frame of the screen, from Chromium's own trace.
const FRAME_US = 1e6 / 60;

/** Runs `act` and gives the ms of CPU that functions of the script at `path` took, one number for each 60th of a second in which they ran. */
export async function traceFrames(tab, path, act) {
  const events = [];
  tab.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  const ended = new Promise((resolve) => tab.on("Tracing.tracingComplete", resolve));
  await tab.send("Tracing.start", { traceConfig: { includedCategories: ["devtools.timeline"] }, transferMode: "ReportEvents" });
  await act();
  await tab.send("Tracing.end");
  await ended;
  const calls = events.filter(({ name, ph, args }) => name === "FunctionCall" && ph === "X" && args.data?.url?.endsWith(path)).sort((a, b) => a.ts - b.ts);
  const frames = new Map();
  let end = 0;
  for (const { ts, dur, tdur = dur } of calls) {
    // What is called from inside another call is in it.
    if (ts < end) continue;
    end = ts + dur;
    const frame = Math.floor(ts / FRAME_US);
    frames.set(frame, (frames.get(frame) ?? 0) + tdur / 1_000);
  }
  return [...frames.values()];
}

// Thinning against throttling, on real mouse movement.
import { distanceAt } from "../test/path";
import { Kind } from "../src/frame";
import { framed, thin, toFrames } from "./frames.mjs";
import { heading, percentile, table } from "./table.mjs";

export function benchThin(sessions) {
  if (!sessions.length) return;
  heading("Thinning against throttling, Balabit");
  const total = sessions.reduce((sum, samples) => sum + samples.length, 0);
  console.log(`${sessions.length} sessions, ${total} samples\n`);
  table([
    ["way", "samples kept", "and ends of rests", "p50 px", "p99 px", "worst px", "bytes an event", "bytes a sample"],
    ...[1, 2, 4].map((px) => [`within ${px} px`, ...measure(sessions, total, (samples) => thin(samples, px))]),
    ...[50, 100, 210, 500].map((ms) => [`every ${ms} ms`, ...measure(sessions, total, (samples) => throttle(samples, ms))]),
  ]);
  const begin = performance.now();
  for (const session of sessions) thin(session, 2);
  console.log(`\nthinning takes ${(((performance.now() - begin) * 1e6) / total).toFixed(0)} ns a sample`);
}

function throttle(samples, ms) {
  let next = -Infinity;
  const kept = samples.filter(({ at, kind }) => (kind !== Kind.Move || at >= next) && ((next = at + ms), true));
  return [...kept, ...samples.slice(-1)];
}

function measure(sessions, total, keep) {
  const errors = [];
  let points = 0;
  let ends = 0;
  let bytes = 0;
  for (const samples of sessions) {
    const kept = keep(samples);
    points += kept.length;
    const times = new Set(samples.map(({ at }) => at));
    ends += kept.filter(({ at }) => !times.has(at)).length;
    for (const frame of toFrames(kept)) bytes += framed(frame);
    for (const sample of samples) errors.push(distanceAt(kept, sample));
  }
  const at = (percent) => percentile(errors, percent).toFixed(1);
  const share = (count) => `${((100 * count) / total).toFixed(1)} %`;
  return [share(points - ends), share(ends), at(50), at(99), at(100), (bytes / points).toFixed(2), (bytes / total).toFixed(2)];
}

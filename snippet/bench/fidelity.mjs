// How far the path that is sent lies from the device's samples, and how many points it takes.
import { distanceAt } from "../test/path";
import { thin } from "./frames.mjs";
import { sampleClarity, sampleOpenReplay, sampleRrweb } from "./formats.mjs";
import { strokes } from "./strokes.mjs";
import { heading, percentile, table, verdict } from "./table.mjs";

const MINUTES = 5;

export function benchFidelity(sessions) {
  heading("Fidelity: the path that is sent against every sample of the device, at its time");
  const inputs = [...[60, 125, 500, 1_000].map((hz) => [`strokes at ${hz} Hz`, [strokes(hz, MINUTES)]]), ...(sessions.length ? [["Balabit", sessions]] : [])];
  const ways = [
    ...[1, 2, 4].map((px) => [`mousetrail, ${px} px`, (samples) => thin(samples, px), px]),
    ["rrweb, one in 50 ms", sampleRrweb],
    ["Clarity, 25 ms and 20 px", sampleClarity],
    ["OpenReplay, one in 240 ms", sampleOpenReplay],
  ];
  const rows = inputs.flatMap(([input, all]) => ways.map(([way, keep, tolerancePx]) => [input, way, ...measure(all, keep, tolerancePx)]));
  table([["input", "way", "points kept", "and ends of rests", "p50 px", "p99 px", "largest px", "within the tolerance"], ...rows]);
}

function measure(all, keep, tolerancePx) {
  let total = 0;
  let points = 0;
  let ends = 0;
  const errors = [];
  for (const samples of all) {
    const kept = keep(samples);
    const times = new Set(samples.map(({ at }) => at));
    const added = tolerancePx ? kept.filter(({ at }) => !times.has(at)).length : 0;
    total += samples.length;
    points += kept.length - added;
    ends += added;
    // Where the others' first and last points don't cover all samples, the pointer is taken to rest there.
    const path = tolerancePx ? kept : [{ ...kept[0], at: 0 }, ...kept, { ...kept.at(-1), at: Number.MAX_SAFE_INTEGER }];
    for (const sample of samples) errors.push(distanceAt(path, sample));
  }
  const share = (count) => `${((100 * count) / total).toFixed(1)} %`;
  const most = percentile(errors, 100);
  return [share(points), tolerancePx ? share(ends) : "", percentile(errors, 50).toFixed(1), percentile(errors, 99).toFixed(1), most.toFixed(2),
    tolerancePx ? verdict(most <= tolerancePx) : ""];
}

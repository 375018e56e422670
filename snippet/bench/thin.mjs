// Thinning against throttling, on real mouse movement (ten sessions of the Balabit data set, which is not part of this project).
//
//   MOUSETRAIL_BALABIT=DIR npm run bench        or        npm run bench -- DIR

import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { FLUSH_MS } from "../src/config";
import { encode, Kind } from "../src/frame";
import { createTrack } from "../src/track";
import { distanceAt } from "../test/path";

/** What a WebSocket adds to a client's message of 126 to 65,535 bytes, but for the mask. */
const HEADER_BYTES = 6;
const BUTTONS = { Pressed: Kind.Down, Released: Kind.Up };

const directory = process.argv[2] ?? process.env.MOUSETRAIL_BALABIT ?? "../shared/data/balabit";
if (!existsSync(directory)) {
  console.log(`bench: ${directory} is not present, skipped`);
  process.exit();
}
const sessions = readdirSync(directory).filter((name) => name.endsWith(".csv.gz")).map(readSession);
const total = sessions.reduce((sum, samples) => sum + samples.length, 0);
console.log(`${sessions.length} sessions, ${total} samples`);
console.log("| way | samples kept | and ends of rests | p50 px | p99 px | worst px | bytes an event | bytes a sample |");
console.log("|---|---|---|---|---|---|---|---|");
for (const px of [1, 2, 4]) report(`within ${px} px`, (samples) => thin(samples, px));
for (const ms of [50, 100, 210, 500]) report(`every ${ms} ms`, (samples) => throttle(samples, ms));
measureSpeed();

/** Samples in ms and px, those with a button with its kind. 65535 marks an invalid place. */
function readSession(name) {
  const lines = gunzipSync(readFileSync(path.join(directory, name))).toString().trim().split("\n").slice(1);
  let last = 0;
  return lines
    .map((line) => line.trim().split(","))
    .filter(([, , button, state, x, y]) => button !== "Scroll" && state !== "Down" && state !== "Up" && x < 65_535 && y < 65_535)
    .map(([, seconds, , state, x, y]) => ({ at: (last = Math.max(last, Math.round(seconds * 1000))), x: +x, y: +y, kind: BUTTONS[state] ?? Kind.Move }));
}

function thin(samples, tolerancePx) {
  const kept = [];
  const track = createTrack(() => tolerancePx, () => {}, (at, x, y) => kept.push({ at, x, y, kind: Kind.Move }));
  let flushAt = FLUSH_MS;
  for (const { at, x, y, kind } of samples) {
    if (at >= flushAt) {
      track.flush();
      flushAt = at + FLUSH_MS;
    }
    if (kind === Kind.Move) track.sample(at, x, y, null);
    else kept.push({ at: track.exact(at, x, y, null), x, y, kind });
  }
  track.flush();
  return kept;
}

function throttle(samples, ms) {
  let next = -Infinity;
  const kept = samples.filter(({ at, kind }) => (kind !== Kind.Move || at >= next) && ((next = at + ms), true));
  return [...kept, ...samples.slice(-1)];
}

function report(name, keep) {
  const errors = [];
  let points = 0;
  let ends = 0;
  let bytes = 0;
  for (const samples of sessions) {
    const kept = keep(samples);
    points += kept.length;
    const times = new Set(samples.map(({ at }) => at));
    ends += kept.filter(({ at }) => !times.has(at)).length;
    bytes += weigh(kept);
    for (const sample of samples) errors.push(distanceAt(kept, sample));
  }
  errors.sort((a, b) => a - b);
  const at = (share) => errors[Math.min(errors.length - 1, Math.floor(share * errors.length))].toFixed(1);
  const share = (count) => `${((100 * count) / total).toFixed(1)} %`;
  const cells = [name, share(points - ends), share(ends), at(0.5), at(0.99), at(1), (bytes / points).toFixed(2), (bytes / total).toFixed(2)];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Bytes of the frames on the wire, cut as the snippet cuts them: 5 s after the first event. */
function weigh(points) {
  let bytes = 0;
  let buttons = 0;
  for (let from = 0, seq = 1; from < points.length; seq++) {
    let to = from;
    while (to < points.length && to - from < 512 && points[to].at < points[from].at + FLUSH_MS) to++;
    const events = points.slice(from, to).map((point) => {
      if (point.kind) buttons = point.kind === Kind.Down ? 1 : 0;
      return { ...point, state: [0, 0, buttons, 0, 0] };
    });
    const [{ at: t0, x: x0, y: y0 }] = events;
    bytes += HEADER_BYTES + encode({ page: 0, seq, t0, x0, y0, samples: 300, dropped: 0, tolerance: 20, elements: [], events }).length;
    from = to;
  }
  return bytes;
}

function measureSpeed() {
  const samples = sessions.flat();
  const begin = performance.now();
  for (const session of sessions) thin(session, 2);
  const ns = ((performance.now() - begin) * 1e6) / samples.length;
  console.log(`thinning takes ${ns.toFixed(0)} ns a sample`);
}

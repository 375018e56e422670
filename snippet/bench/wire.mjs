// Bytes on the wire: of an event, and of a minute of movement.
import { checkAlone, framed, thin, toFrames } from "./frames.mjs";
import { sampleClarity, sampleOpenReplay, sampleRrweb, weighClarity, weighOpenReplay, weighRrweb } from "./formats.mjs";
import { strokes } from "./strokes.mjs";
import { heading, table, verdict } from "./table.mjs";

const TOLERANCE_PX = 2;
/** A longer gap between two samples isn't movement. */
const ACTIVE_GAP_MS = 1_000;
const MINUTES = 10;

export function benchWire(sessions) {
  if (sessions.length) benchEvents(sessions);
  benchMinutes(sessions);
}

/** Every sample of the data as an event of each format. */
function benchEvents(sessions) {
  heading("Wire: bytes an event, Balabit");
  const total = sum(sessions, (samples) => samples.length);
  let frames = 0;
  const ours = (way, everyMs) => {
    let bytes = 0;
    let events = 0;
    for (const samples of sessions) {
      const points = way(samples, everyMs);
      for (const frame of toFrames(points, everyMs)) {
        checkAlone(frame);
        bytes += framed(frame);
        frames++;
      }
      events += points.length;
    }
    return bytes / events;
  };
  const peer = (weigh, everyMs, field) => sum(sessions, (samples) => (field ? weigh(samples, everyMs)[field] : weigh(samples, everyMs))) / total;
  const row = (name, weigh, targets) => {
    const values = [5_000, 1_000].map(weigh);
    const isReached = targets ? verdict(values.every((value, i) => value <= targets[i])) : "";
    return [name, ...values.map((value) => value.toFixed(2)), targets ? targets.map((value) => value.toFixed(1)).join(" and ") : "", isReached];
  };
  table([
    [`${total} samples`, "sent every 5 s", "sent every 1 s", "target", "reached"],
    row("mousetrail, every sample, with the WebSocket's framing", (everyMs) => ours((samples) => samples, everyMs), [5, 6]),
    row(`mousetrail, what is sent at ${TOLERANCE_PX} px, with framing`, (everyMs) => ours((samples) => thin(samples, TOLERANCE_PX, everyMs), everyMs), [5, 6]),
    row("rrweb JSON", (everyMs) => peer(weighRrweb, everyMs, "json")),
    row("rrweb gzip", (everyMs) => peer(weighRrweb, everyMs, "gzip")),
    row("OpenReplay", (everyMs) => peer(weighOpenReplay, everyMs)),
    row("Clarity JSON", (everyMs) => peer(weighClarity, everyMs, "json")),
    row("Clarity gzip", (everyMs) => peer(weighClarity, everyMs, "gzip")),
  ]);
  console.log(`\nEach of our ${frames} frames was decoded alone and gave the events that went in.`);
}

/** As a page sends it: ours at the device's rate, thinned; the others at their default sampling and batching. */
function benchMinutes(sessions) {
  heading("Wire: bytes a minute of active movement");
  const inputs = [
    ...(sessions.length ? [["Balabit", sessions]] : []),
    ...[125, 500, 1_000].map((hz) => [`strokes at ${hz} Hz`, [strokes(hz, MINUTES)]]),
  ];
  const line = (name, every, bytesOf, eventsOf) => [
    name,
    every,
    ...inputs.map(([, all]) => {
      const minutes = sum(all, activeMs) / 60_000;
      return `${(sum(all, bytesOf) / minutes / 1_000).toFixed(1)} KB (${Math.round(sum(all, (samples) => eventsOf(samples).length) / minutes)})`;
    }),
  ];
  const ours = (everyMs) => line(
    `mousetrail, within ${TOLERANCE_PX} px`, `${everyMs / 1_000} s`,
    (samples) => sum(toFrames(thin(samples, TOLERANCE_PX, everyMs), everyMs), framed), (samples) => thin(samples, TOLERANCE_PX, everyMs),
  );
  table([
    ["KB a minute (and points a minute)", "sent every", ...inputs.map(([name]) => name)],
    ours(5_000),
    ours(1_000),
    line("rrweb JSON, one in 50 ms", "5 s", (samples) => weighRrweb(sampleRrweb(samples), 5_000).json, sampleRrweb),
    line("rrweb gzip, one in 50 ms", "5 s", (samples) => weighRrweb(sampleRrweb(samples), 5_000).gzip, sampleRrweb),
    line("OpenReplay, one in 240 ms", "30 s", (samples) => weighOpenReplay(sampleOpenReplay(samples), 30_000), sampleOpenReplay),
    line("Clarity gzip, 25 ms and 20 px", "30 s", (samples) => weighClarity(sampleClarity(samples), 30_000).gzip, sampleClarity),
  ]);
  console.log(`\nActive: gaps of more than ${ACTIVE_GAP_MS / 1_000} s between samples are left out of the minutes (their rests are sent all the same).`);
  console.log("The others see one event a frame of the screen (60 Hz) and keep fewer of those; what each keeps is off by as much as the table of fidelity says.");
}

function activeMs(samples) {
  return sum(samples.slice(1), ({ at }, i) => (at - samples[i].at <= ACTIVE_GAP_MS ? at - samples[i].at : 0));
}

function sum(values, of) {
  return values.reduce((total, value, i) => total + of(value, i), 0);
}

// From samples to the frames that the snippet would send for them.
import { FLUSH_EVENTS, FLUSH_MS } from "../src/config";
import { decode, KINDS } from "../src/decode";
import { encode, Kind, zigzag } from "../src/frame";
import { createTrack } from "../src/track";

/** Every event of a frame belongs to one element, as in the formats of the others. */
export const ELEMENT = 100;

/** The state of an event of a mouse, in the order of the wire's state codes. */
const stateOf = (buttons) => [ELEMENT, 0, buttons, 0, 0];

/** What of the samples is sent at a tolerance, frames being cut every `flushMs`. */
export function thin(samples, tolerancePx, flushMs = FLUSH_MS) {
  const kept = [];
  const track = createTrack(() => tolerancePx, () => {}, (at, x, y) => kept.push({ at, x, y, kind: Kind.Move }));
  let flushAt = flushMs;
  for (const { at, x, y, kind } of samples) {
    if (at >= flushAt) {
      track.flush();
      flushAt = at + flushMs;
    }
    if (kind === Kind.Move) track.sample(at, x, y, null);
    else kept.push({ at: track.exact(at, x, y, null), x, y, kind });
  }
  track.flush();
  return kept;
}

/** The encoded frames of events, cut as the snippet cuts them: so long after the first event, or when they are full. */
export function toFrames(points, flushMs = FLUSH_MS) {
  const frames = [];
  let buttons = 0;
  for (let from = 0; from < points.length; ) {
    const most = Math.min(points.length, from + FLUSH_EVENTS);
    let to = from;
    while (to < most && points[to].at < points[from].at + flushMs) to++;
    const events = points.slice(from, to).map((point) => {
      if (point.kind) buttons = point.kind === Kind.Down ? 1 : 0;
      return { ...point, state: stateOf(buttons) };
    });
    const [{ at: t0, x: x0, y: y0 }] = events;
    const bytes = encode([0, frames.length + 1, t0, zigzag(x0), zigzag(y0), 300, 0, 20], [], events);
    frames.push({ bytes, events });
    from = to;
  }
  return frames;
}

/** Bytes of a message in a client's WebSocket: two, two more from 126 bytes on, and the mask. RFC 6455 section 5.2. */
export function framed({ bytes }) {
  return bytes.length + (bytes.length < 126 ? 6 : 8);
}

/** Decodes a frame with nothing but itself. Throws where an event isn't what was put in. */
export function checkAlone({ bytes, events }) {
  const decoded = decode(bytes);
  if (typeof decoded === "string") throw new Error(`a frame doesn't decode: ${decoded}`);
  const told = decoded.events.map(({ at, kind, x, y, buttons, element }) => [at + decoded.t0, kind, x, y, buttons, element].join());
  const meant = events.map(({ at, kind, x, y, state }) => [at, KINDS[kind], x, y, state[2], state[0]].join());
  if (told.length !== meant.length || told.some((event, i) => event !== meant[i])) throw new Error("a frame decodes to other events");
}

/** The frame that is being collected. */
import { quiet } from "./bind";
import { toWhole } from "./bounds";
import { heldBytes, hold } from "./buffer";
import {
  BUFFER_BYTES, BUFFER_EVENTS_BYTES, BUFFER_MOVES_BYTES, FLUSH_EVENTS, FLUSH_FIRST_MS, FLUSH_MS, FLUSH_WATCHED_MS,
  FRAME_NOTES, FRAME_SPAN,
} from "./config";
import { numberOf, takeDescribed } from "./element";
import { encode, Family, familyOf, Kind, zigzag, type FrameEvent } from "./frame";
import type { PageView } from "./page";
import { createTrack, type Track } from "./track";

/** What a sample carries until it is kept: the state of an event, with the element itself in place of its number. */
export type Note = readonly [
  target: EventTarget | null, pointer: number, buttons: number, pressure: number, untrusted: number, ...more: number[],
];

let page: PageView;
let onCut: () => void;
let baseTolerancePx: number;
let tolerancePx: number;
let slowLevel = 0;
let isWatched = false;

const tracks = /* @__PURE__ */ new Set<Track<Note>>();
let events: FrameEvent[] = [];
let samples = 0;
let dropped = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

export function startDraft(of: PageView, tolerance: number, afterCut: () => void): void {
  page = of;
  baseTolerancePx = tolerancePx = tolerance;
  onCut = afterCut;
}

export function stopDraft(): void {
  clearTimeout(timer);
  timer = undefined;
  tracks.clear();
  events = [];
  samples = dropped = slowLevel = 0;
  isWatched = false;
}

/** A track whose kept points become events of this kind. */
export function openTrack(kind: Kind): Track<Note> {
  const track = createTrack<Note>(() => tolerancePx, arm, (at, x, y, note) => keep(kind, at, x, y, note));
  tracks.add(track);
  return track;
}

export function closeTrack(track: Track<Note>): void {
  track.flush();
  tracks.delete(track);
}

/** Counts samples that the device delivered. */
export function countSamples(delivered: number): void {
  samples += delivered;
}

export function record(kind: Kind, timeStamp: number, x: number, y: number, note: Note, texts?: readonly string[]): void {
  arm();
  keep(kind, Math.round(timeStamp), x, y, note, texts);
}

/** Sees to it that the frame is cut in time. */
function arm(): void {
  if (events.length >= FLUSH_EVENTS) cut();
  timer ??= setTimeout(quiet(cut), isWatched ? FLUSH_WATCHED_MS : page.seq ? FLUSH_MS : FLUSH_FIRST_MS);
}

function keep(kind: Kind, at: number, x: number, y: number, [target, ...state]: Note, texts?: readonly string[]): void {
  if (heldBytes > (kind ? BUFFER_EVENTS_BYTES : BUFFER_MOVES_BYTES)) dropped++;
  // What was told, or what the device saw, before the page view began, counts from its begin.
  else events.push({ kind, at: Math.max(at, page.beganMs), x: toWhole(x), y: toWhole(y), state: [numberOf(target, at), ...state], texts });
}

/** Closes the frame: from now on its bytes are what they are. */
export function cut(isLeaving?: boolean): void {
  clearTimeout(timer);
  timer = undefined;
  tracks.forEach((track) => track.flush());
  // A track keeps a point when a later one proves that it is needed, so those of several tracks come out of order.
  events.sort((a, b) => a.at - b.at);
  if (events.length && !page.refused) {
    while (events.length) hold(frameOf(takeFitting(), isLeaving));
    onCut();
  }
  events = [];
  // Changed between frames only, so that one tolerance holds for all of a frame.
  const fullLevel = Math.floor((10 * heldBytes) / BUFFER_BYTES) - 4;
  tolerancePx = baseTolerancePx * 2 ** Math.min(4, Math.max(0, slowLevel, fullLevel));
}

/** Sizes and offsets in boxes are not bound to the origin of a frame. */
function isBound({ kind }: FrameEvent): boolean {
  return familyOf(kind) <= Family.Scroll;
}

/** Takes out as many events as one frame can hold. */
function takeFitting(): FrameEvent[] {
  const [first] = events;
  const origin = events.find(isBound);
  let weight = 0;
  const end = events.findIndex((event) => {
    weight += event.texts ? FLUSH_EVENTS / FRAME_NOTES : 1;
    const spans = [event.at - first!.at, ...(isBound(event) ? [event.x - origin!.x, event.y - origin!.y] : [])];
    return weight > FLUSH_EVENTS || spans.some((span) => Math.abs(span) > FRAME_SPAN);
  });
  return events.splice(0, end < 0 ? events.length : end);
}

function frameOf(taken: FrameEvent[], isLeaving?: boolean): Parameters<typeof hold>[0] {
  const seq = ++page.seq;
  const { x = 0, y = 0 } = taken.find(isBound) ?? {};
  const header = [page.n, seq, taken[0]!.at - page.beganMs, zigzag(x), zigzag(y), samples, dropped, Math.round(tolerancePx * 10)] as const;
  samples = dropped = 0;
  return { page, seq, bytes: encode(header, takeDescribed(isLeaving), taken) };
}

/** How often the collector wants the tolerance doubled. */
export function slow(level: number): void {
  slowLevel = level | 0;
  cut();
}

export function watch(isOn: boolean): void {
  isWatched = isOn;
  if (isOn) cut();
}

/** The frame that is being collected. */
import { quiet } from "./bind";
import { toWhole } from "./bounds";
import { heldBytes, hold } from "./buffer";
import {
  BUFFER_BYTES, BUFFER_EVENTS_BYTES, BUFFER_MOVES_BYTES, FLUSH_EVENTS, FLUSH_FIRST_MS, FLUSH_MS, FLUSH_WATCHED_MS,
  FRAME_ELEMENTS, FRAME_HALF_SPAN,
} from "./config";
import { numberOf, takeDescribed } from "./element";
import { encode, Family, familyOf, Kind, type FrameEvent } from "./frame";
import type { PageView } from "./page";
import { createTrack, type Track } from "./track";

/** What a sample carries until it is kept: the state of an event, with the element itself in place of its number. */
export type Note = readonly [target: EventTarget | null, pointer: number, buttons: number, pressure: number, untrusted: number];

let page: PageView;
let onCut: () => void;
let baseTolerancePx: number;
let tolerancePx: number;
let slowLevel = 0;
let isWatched = false;

const tracks = new Set<Track<Note>>();
let events: FrameEvent[] = [];
let samples = 0;
let dropped = 0;
/** The first time and place since the last cut, kept or not. */
let first: readonly [at: number, x: number, y: number] | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

export function startDraft(of: PageView, tolerance: number, afterCut: () => void): void {
  page = of;
  baseTolerancePx = tolerancePx = tolerance;
  onCut = afterCut;
}

export function stopDraft(): void {
  clearTimeout(timer);
  timer = first = undefined;
  tracks.clear();
  events = [];
  samples = dropped = slowLevel = 0;
  isWatched = false;
}

/** The time of an event of the browser, in whole ms since the page view began. */
export function timeOf(timeStamp: number): number {
  return Math.max(0, Math.round(timeStamp - page.beganMs));
}

/** A track whose kept points become events of this kind. */
export function openTrack(kind: Kind): Track<Note> {
  const track = createTrack<Note>(() => tolerancePx, prepare, (...point) => keep(kind, ...point));
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

export function record(kind: Kind, at: number, x: number, y: number, note: Note): void {
  // Sizes are not bound to the frame's origin.
  if (familyOf(kind) <= Family.Scroll) prepare(at, x, y);
  else prepare(at);
  keep(kind, at, x, y, note);
}

/** Cuts before the frame would grow past its bounds, and sees to it that it is cut in time. */
function prepare(at: number, x = first?.[1] ?? 0, y = first?.[2] ?? 0): void {
  const here = [at, x, y] as const;
  if (events.length >= FLUSH_EVENTS || first?.some((value, i) => Math.abs(value - here[i]!) > FRAME_HALF_SPAN)) cut();
  first ??= here;
  timer ??= setTimeout(quiet(cut), isWatched ? FLUSH_WATCHED_MS : page.seq ? FLUSH_MS : FLUSH_FIRST_MS);
}

function keep(kind: Kind, at: number, x: number, y: number, [target, ...rest]: Note): void {
  if (heldBytes > (kind ? BUFFER_EVENTS_BYTES : BUFFER_MOVES_BYTES)) dropped++;
  else events.push({ kind, at, x: toWhole(x), y: toWhole(y), state: [numberOf(target), ...rest] });
}

/** Closes the frame: from now on its bytes are what they are. */
export function cut(isLeaving?: boolean): void {
  clearTimeout(timer);
  timer = first = undefined;
  tracks.forEach((track) => track.flush());
  if (events.length && !page.refused) {
    // A track keeps a point when a later one proves that it is needed, so those of several tracks come out of order.
    events.sort((a, b) => a.at - b.at);
    const origin = events.find(({ kind }) => familyOf(kind) <= Family.Scroll);
    const seq = ++page.seq;
    const bytes = encode({
      page: page.n,
      seq,
      t0: events[0]!.at,
      x0: origin?.x ?? 0,
      y0: origin?.y ?? 0,
      samples,
      dropped,
      tolerance: Math.round(tolerancePx * 10),
      elements: takeDescribed(FRAME_ELEMENTS, isLeaving),
      events,
    });
    hold({ page, seq, bytes });
    samples = dropped = 0;
    onCut();
  }
  events = [];
  // Changed between frames only, so that one tolerance holds for all of a frame.
  const fullLevel = Math.floor((10 * heldBytes) / BUFFER_BYTES) - 4;
  tolerancePx = baseTolerancePx * 2 ** Math.min(4, Math.max(0, slowLevel, fullLevel));
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

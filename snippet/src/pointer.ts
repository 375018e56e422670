/** The pointers of the page: mice, pens and fingers. */
import { bind } from "./bind";
import { offsets } from "./offset";
import { closeTrack, countSamples, openTrack, record, type Note } from "./draft";
import { spotOf } from "./element";
import { Kind } from "./frame";
import { isIgnored } from "./mask";
import type { Track } from "./track";
import { awaitAnswer } from "./window";

interface Pointer {
  track: Track<Note>;
  note: Note;
  /** In the window. */
  atX: number;
  atY: number;
  /** Over the window. Undefined where nobody can tell: before it was seen for the first time, for instance. */
  isPresent?: boolean | undefined;
}

/** In the order of the wire's numbers, which end with 3 for unknown. */
const TYPES = ["mouse", "pen", "touch"];
/** In the order of their codes, from Kind.Down on. */
const EXACT = ["pointerdown", "pointerup", "click", "dblclick", "contextmenu", "pointercancel"];

const pointers = /* @__PURE__ */ new Map<number, Pointer>();
/** The pointer that was used last, and its number. */
let latest: Pointer | undefined;
let latestId = 0;
/** What holds for it. */
export let latestNote: Note = [null, 0, 0, 0, 0];

export function startPointers(): void {
  bindPointers(window);
  bind(window, "pointerout", onOut);
}

/** For the window of the page, and for the documents of frames in it. */
export function bindPointers(target: EventTarget): void {
  bind(target, "pointermove", onMove);
  bind(target, EXACT.join(" "), onExact);
  bind(target, "pointerover", onOver);
}

export function stopPointers(): void {
  pointers.clear();
  latest = undefined;
  latestNote = [null, 0, 0, 0, 0];
}

/** Records an event that has no place of its own where the pointer was last. */
export function mark(kind: Kind, timeStamp: number, texts?: readonly string[]): void {
  if (latest?.track.last) recordExact(latest, kind, timeStamp, undefined, [], texts);
  else record(kind, timeStamp, scrollX, scrollY, latestNote, texts);
}

/** The page was scrolled: a pointer that rests on the window moves over the document. */
export function shiftPointers(timeStamp: number, x: number, y: number): void {
  pointers.forEach(({ track, note, atX, atY, isPresent }) => {
    if (isPresent) track.sample(timeStamp, atX + x, atY + y, note);
  });
}

function onMove(event: PointerEvent): void {
  const pointer = find(event);
  if (!pointer) return;
  const [, , buttons] = pointer.note;
  let isAway = pointer.isPresent === false;
  const [dx, dy] = take(pointer, event);
  const [target, pointerNumber, buttonsNow, hasPressure, untrusted] = pointer.note;
  // The page sees one event a frame; the device delivered more.
  const coalesced = event.getCoalescedEvents?.() ?? [];
  const samples = coalesced[0] ? coalesced : [event];
  countSamples(samples.length);
  for (const sample of samples) {
    const { clientX, clientY, timeStamp } = sample;
    pointer.atX = clientX;
    pointer.atY = clientY;
    if (hasPressure) pointer.note = [target, pointerNumber, buttonsNow, pressureOf(sample), untrusted];
    if (isAway) recordExact(pointer, Kind.Enter, timeStamp, [clientX + dx, clientY + dy]);
    else pointer.track.sample(timeStamp, clientX + dx, clientY + dy, pointer.note);
    isAway = false;
  }
  // A second button that goes down or up is a move to the browser: its moment is kept.
  if (buttons !== buttonsNow) recordExact(pointer, Kind.Move, event.timeStamp);
}

function onExact(event: PointerEvent): void {
  const { type, detail, clientX, clientY, timeStamp, pointerType } = event;
  const kind: Kind = EXACT.indexOf(type) + 1;
  const isCancel = kind === Kind.Cancel;
  // A click by keyboard or by script happens nowhere.
  if (kind > Kind.Up && !isCancel && !detail && !clientX && !clientY) return;
  const pointer = find(event);
  if (!pointer) return;
  countSamples(1);
  // Browsers don't agree on where a cancelled pointer is.
  if (isCancel && pointer.track.last) recordExact(pointer, kind, timeStamp);
  else {
    const [dx, dy] = take(pointer, event);
    const place = [clientX + dx, clientY + dy] as const;
    const target = targetOf(event);
    recordExact(pointer, kind, timeStamp, place, target.localName ? spotOf(target, ...place, kind === Kind.Down) : []);
  }
  if (kind === Kind.Click) awaitAnswer?.(event);
  if (kind === Kind.Down) return;
  // A finger that is lifted is nowhere, and the next one is another pointer.
  if (pointerType === "touch") {
    closeTrack(pointer.track);
    pointers.delete(latestId);
  } else if (isCancel) {
    pointer.isPresent = undefined;
  }
}

/** The element under a resting pointer changes when the page does. */
function onOver(event: PointerEvent): void {
  const pointer = find(event);
  if (pointer) pointer.note = [targetOf(event), ...pointer.note.slice(1) as number[]] as unknown as Note;
}

function onOut({ pointerId, pointerType, relatedTarget, timeStamp }: PointerEvent): void {
  if (!relatedTarget && pointerType !== "touch") lose(pointers.get(pointerId), timeStamp);
}

/** The pointer goes where we don't see it, or are not to look. */
function lose(pointer: Pointer | undefined, timeStamp: number): void {
  if (!pointer?.isPresent) return;
  recordExact(pointer, Kind.Leave, timeStamp);
  pointer.isPresent = false;
}

/** What was really pointed at: to those outside, what happens in a shadow root happens to its host. */
function targetOf(event: Event): Element {
  const target = event.target as Element;
  return target.shadowRoot ? event.composedPath()[0] as Element : target;
}

/** The pointer of an event, unless it is where we don't look. Some browsers' clicks don't say which one it was: then it was the latest. */
function find(event: PointerEvent): Pointer | undefined {
  latestId = event.pointerId ?? latestId;
  latest = pointers.get(latestId) ?? { track: openTrack(Kind.Move), note: latestNote, atX: 0, atY: 0 };
  pointers.set(latestId, latest);
  const target = targetOf(event);
  if (latest.isPresent && target === latest.note[0]) return latest;
  const isFrame = target.localName === "iframe" && !(target as HTMLIFrameElement).contentDocument;
  if (!isFrame && !(target.localName && isIgnored(target))) return latest;
  return void lose(latest, event.timeStamp);
}

/**
 * Takes over what an event says about its pointer, and gives what makes client coordinates those of the document.
 * The browser has already worked out how far the page is scrolled for the event; to ask it for scrollX would force a layout.
 */
function take(pointer: Pointer, event: PointerEvent): readonly [dx: number, dy: number] {
  const { view, pointerType, pointerId, buttons, isTrusted, pageX, pageY, clientX, clientY } = event;
  const offset = offsets.get(view!);
  pointer.atX = clientX;
  pointer.atY = clientY;
  // Over a frame it doesn't shift with the page: the frame tells when the pointer is somewhere else in it.
  pointer.isPresent = offset ? undefined : true;
  const type = (TYPES.indexOf(pointerType) + 4) % 4;
  latestNote = pointer.note = [
    targetOf(event),
    // There is one mouse, whatever number the browser gives it. A plain mouse event belongs to the pointer before it.
    pointerType === undefined ? latestNote[1] : type && type + 4 * (pointerId & 32_767),
    buttons & 31,
    // A mouse has no pressure: browsers make one up from its buttons.
    type % 3 ? pressureOf(event) : 0,
    isTrusted ? 0 : 1,
  ];
  return offset ?? [pageX - clientX, pageY - clientY];
}

function pressureOf({ pressure }: PointerEvent): number {
  return Math.round(pressure * 10_000) + 1;
}

/** Records an event of the pointer exactly, where it is given or else where it was last. */
function recordExact(
  { track, note }: Pointer, kind: Kind, timeStamp: number, place?: readonly number[], spot: readonly number[] = [], texts?: readonly string[],
): void {
  const [x, y] = place ?? track.last!.slice(1, 3) as number[];
  record(kind, track.exact(timeStamp, x!, y!, note), x!, y!, [...note, ...spot], texts);
}

/** The pointers of the page: mice, pens and fingers. */
import { MAX_POINTERS } from "./config";
import { bind } from "./bind";
import { closeTrack, countSamples, openTrack, record, timeOf, type Note } from "./draft";
import { Kind } from "./frame";
import type { Track } from "./track";

interface Pointer {
  track: Track<Note>;
  note: Note;
  clientX: number;
  clientY: number;
  /** Over the window. Undefined until it was seen for the first time. */
  isPresent?: boolean;
}

/** In the order of the wire's numbers, which end with 3 for unknown. */
const TYPES = ["mouse", "pen", "touch"];
/** In the order of their codes, from Kind.Down on. */
const EXACT = ["pointerdown", "pointerup", "click", "dblclick", "contextmenu", "pointercancel"];
const NOBODY: Note = [null, 0, 0, 0, 0];

const pointers = new Map<number, Pointer>();
let latestId = 0;
let latest: Pointer | undefined;

export function startPointers(): void {
  bind(window, "pointermove", onMove);
  bind(window, EXACT.join(" "), onExact);
  bind(window, "pointerover", onOver);
  bind(window, "pointerout", onOut);
}

export function stopPointers(): void {
  pointers.clear();
  latest = undefined;
}

/** What holds for the pointer that was used last. */
export function latestNote(): Note {
  return latest?.note ?? NOBODY;
}

/** Records an event that has no place of its own where the pointer was last. */
export function mark(kind: Kind, timeStamp: number): void {
  if (latest) recordExact(latest, kind, timeStamp);
  else record(kind, timeOf(timeStamp), scrollX, scrollY, NOBODY);
}

/** The page was scrolled: a pointer that rests on the window moves over the document. */
export function shiftPointers(timeStamp: number, x: number, y: number): void {
  for (const { track, note, clientX, clientY, isPresent } of pointers.values()) {
    if (isPresent) track.sample(timeOf(timeStamp), clientX + x, clientY + y, note);
  }
}

function onMove(event: PointerEvent): void {
  const pointer = find(event);
  const [, , buttons] = pointer.note;
  // The page sees one event a frame; the device delivered more.
  const coalesced = event.getCoalescedEvents?.() ?? [];
  const samples = coalesced.length ? coalesced : [event];
  countSamples(samples.length);
  for (const sample of samples) {
    const place = placeOf(pointer, event, sample);
    if (pointer.isPresent === false) recordExact(pointer, Kind.Enter, sample.timeStamp, place);
    else pointer.track.sample(timeOf(sample.timeStamp), ...place, pointer.note);
    pointer.isPresent = true;
  }
  // A second button that goes down or up is a move to the browser: its moment is kept.
  if (buttons !== pointer.note[2]) recordExact(pointer, Kind.Move, event.timeStamp);
}

function onExact(event: PointerEvent): void {
  const kind: Kind = EXACT.indexOf(event.type) + 1;
  const isCancel = kind === Kind.Cancel;
  // A click by keyboard or by script happens nowhere.
  if (kind > Kind.Up && !isCancel && !event.detail && !event.clientX && !event.clientY) return;
  const pointer = find(event);
  countSamples(1);
  // Browsers don't agree on where a cancelled pointer is.
  recordExact(pointer, kind, event.timeStamp, isCancel && pointer.track.last ? undefined : placeOf(pointer, event, event));
  // A finger that is lifted is nowhere.
  pointer.isPresent = !isCancel && (kind === Kind.Down || event.pointerType !== "touch") ? true : undefined;
}

/** The element under a resting pointer changes when the page does. */
function onOver({ pointerId, target }: PointerEvent): void {
  const pointer = pointers.get(pointerId);
  if (!pointer) return;
  const [, ...rest] = pointer.note;
  pointer.note = [target, ...rest];
}

function onOut({ pointerId, pointerType, relatedTarget, timeStamp }: PointerEvent): void {
  const pointer = pointers.get(pointerId);
  if (relatedTarget || !pointer?.isPresent || pointerType === "touch") return;
  recordExact(pointer, Kind.Leave, timeStamp);
  pointer.isPresent = false;
}

/** The pointer of an event. Some browsers' clicks don't say which one it was: then it was the latest. */
function find(event: PointerEvent): Pointer {
  latestId = event.pointerId ?? latestId;
  latest = pointers.get(latestId);
  if (latest) return latest;
  for (const [id, { track }] of pointers) {
    if (pointers.size < MAX_POINTERS) break;
    closeTrack(track);
    pointers.delete(id);
  }
  latest = { track: openTrack(Kind.Move), note: NOBODY, clientX: 0, clientY: 0 };
  pointers.set(latestId, latest);
  return latest;
}

/**
 * Takes over where an event or one of its coalesced samples says that the pointer is, and gives its place in the document.
 * The browser has already worked out how far the page is scrolled for the event; to ask it for scrollX would force a layout.
 */
function placeOf(pointer: Pointer, event: PointerEvent, { clientX, clientY, pressure }: PointerEvent): readonly [number, number] {
  pointer.clientX = clientX;
  pointer.clientY = clientY;
  pointer.note = noteOf(event, pressure, pointer.note);
  return [clientX + event.pageX - event.clientX, clientY + event.pageY - event.clientY];
}

/** Records an event of the pointer exactly, where it is given or else where it was last. */
function recordExact({ track, note }: Pointer, kind: Kind, timeStamp: number, place?: readonly [number, number]): void {
  const [x, y] = place ?? [track.last![1], track.last![2]];
  record(kind, track.exact(timeOf(timeStamp), x, y, note), x, y, note);
}

function noteOf(event: PointerEvent, pressure: number, before: Note): Note {
  const { target, pointerType, pointerId, buttons, isTrusted } = event;
  const type = (TYPES.indexOf(pointerType) + 4) % 4;
  return [
    target,
    // There is one mouse, whatever number the browser gives it. A plain mouse event belongs to the pointer before it.
    pointerType === undefined ? before[1] : type && type + 4 * (pointerId & 32_767),
    buttons & 31,
    // A mouse has no pressure: browsers make one up from its buttons.
    type % 3 ? Math.round(pressure * 10_000) + 1 : 0,
    isTrusted ? 0 : 1,
  ];
}

/** Encodes frames: docs/protocol.md section 4. decode.ts is its mirror, which the snippet does without. */
import { utf8 } from "./text";

/** The kinds of events with the codes that they have on the wire; a move has none there. */
export const enum Kind {
  Move, Down, Up, Click, DblClick, ContextMenu, Cancel, Enter, Leave, Scroll, Wheel, Resize, Document,
  Hidden, Visible, Blur, Focus, Copy, Key, InnerScroll, Unload,
}

/** What holds for an event besides its place, in the order of the wire's state codes. */
export type State = readonly [element: number, pointer: number, buttons: number, pressure: number, untrusted: number];
const STATE_CODE = 24;

export interface FrameEvent {
  /** ms. Only differences between the events of a frame count. */
  at: number;
  kind: Kind;
  x: number;
  y: number;
  state: State;
}

export interface Description {
  number: number;
  /** Number of the nearest described ancestor, 0 for none. */
  parent: number;
  flags: number;
  x: number;
  y: number;
  w: number;
  h: number;
  text_length: number;
  tag: string;
  role: string;
  selectors: string[];
}

export interface Frame {
  page: number;
  seq: number;
  t0: number;
  x0: number;
  y0: number;
  samples: number;
  dropped: number;
  /** Tenths of a px. */
  tolerance: number;
  elements: Description[];
  events: FrameEvent[];
}

export const enum Family { Place, Scroll, Inner, Viewport, Document }

/** Values of a kind are sent as differences to the one before in its family. */
export function familyOf(kind: Kind): Family {
  return kind === Kind.Scroll ? Family.Scroll
    : kind === Kind.InnerScroll ? Family.Inner
    : kind === Kind.Resize ? Family.Viewport
    : kind === Kind.Document ? Family.Document
    : Family.Place;
}

export function appendVarint(bytes: number[], value: number): number[] {
  for (value >>>= 0; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  bytes.push(value);
  return bytes;
}

export function encode(frame: Frame): Uint8Array<ArrayBuffer> {
  const { x0, y0, elements, events } = frame;
  const bytes: number[] = [1];
  const varint = (value: number) => {
    appendVarint(bytes, value);
  };
  const zigzag = (value: number) => varint((value << 1) ^ (value >> 31));
  const text = (value: string) => {
    const encoded = utf8.encode(value);
    varint(encoded.length);
    bytes.push(...encoded);
  };

  [frame.page, frame.seq, frame.t0].forEach(varint);
  [x0, y0].forEach(zigzag);
  [frame.samples, frame.dropped, frame.tolerance, elements.length].forEach(varint);
  for (const element of elements) {
    [element.number, element.parent, element.flags].forEach(varint);
    [element.x, element.y].forEach(zigzag);
    [element.w, element.h, element.text_length].forEach(varint);
    [element.tag, element.role].forEach(text);
    varint(element.selectors.length);
    element.selectors.forEach(text);
  }

  let before = events[0]?.at ?? 0;
  let state: State = [0, 0, 0, 0, 0];
  const values = [[x0, y0], [x0, y0], [0, 0], [0, 0], [0, 0]];
  for (const event of events) {
    event.state.forEach((value, i) => {
      if (value !== state[i]) varint((value << 6) | ((STATE_CODE + i) << 1) | 1);
    });
    state = event.state;
    const dt = event.at - before;
    before = event.at;
    varint(event.kind ? (dt << 6) | (event.kind << 1) | 1 : dt << 1);
    const family = familyOf(event.kind);
    const [x, y] = values[family] as [number, number];
    zigzag(event.x - x);
    zigzag(event.y - y);
    values[family] = [event.x, event.y];
  }
  return Uint8Array.from(bytes);
}

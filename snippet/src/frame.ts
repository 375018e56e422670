/** Encodes frames: docs/protocol.md section 4. decode.ts is its mirror, which the snippet does without. */

/** The kinds of events with the codes that they have on the wire; a move has none there. */
export const enum Kind {
  Move, Down, Up, Click, DblClick, ContextMenu, Cancel, Enter, Leave, Scroll, Wheel, Resize, Document,
  Hidden, Visible, Blur, Focus, Copy, Key, InnerScroll, Unload, Identify, Tag, Event,
}

/**
 * What holds for an event besides its place, in the order of the wire's state codes: element, pointer, buttons, pressure, untrusted,
 * spot x, spot y, pixel ratio. What is left out at the end is 0.
 */
export type State = readonly number[];
const STATE_CODE = 24;
const STATES = 8;

export interface FrameEvent {
  /** ms. Only differences between the events of a frame count. */
  at: number;
  kind: Kind;
  x: number;
  y: number;
  state: State;
  /** A name and a value, for the last three kinds. */
  texts?: readonly string[] | undefined;
}

/** The numbers before the elements. The origin is zigzag already, the tolerance in tenths of a px. */
export type Header = readonly [
  page: number, seq: number, t0: number, x0: number, y0: number, samples: number, dropped: number, tolerance: number,
];

export const enum Family { Place, Scroll, Inner, Viewport, Document }

/** Values of a kind are sent as differences to the one before in its family. */
export function familyOf(kind: Kind): Family {
  return kind === Kind.Scroll ? Family.Scroll
    : kind === Kind.InnerScroll ? Family.Inner
    : kind === Kind.Resize ? Family.Viewport
    : kind === Kind.Document ? Family.Document
    : Family.Place;
}

export const utf8 = /* @__PURE__ */ new TextEncoder();

export function zigzag(value: number): number {
  return (value << 1) ^ (value >> 31);
}

export function appendVarints(bytes: number[], values: readonly number[]): number[] {
  for (let value of values) {
    for (value >>>= 0; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
    bytes.push(value);
  }
  return bytes;
}

export function appendTexts(bytes: number[], texts: readonly string[]): number[] {
  for (const text of texts) {
    const encoded = utf8.encode(text);
    appendVarints(bytes, [encoded.length]).push(...encoded);
  }
  return bytes;
}

/** `elements` are encoded already. */
export function encode(header: Header, elements: readonly (readonly number[])[], events: readonly FrameEvent[]): Uint8Array<ArrayBuffer> {
  const bytes = appendVarints([1], [...header, elements.length]);
  elements.forEach((element) => bytes.push(...element));

  const [, , , x0, y0] = header.map((value) => (value >>> 1) ^ -(value & 1));
  let before = events[0]?.at!;
  const states: number[] = [];
  const values = [[x0, y0], [x0, y0], [], [], []];
  for (const { at, kind, x, y, state, texts = [] } of events) {
    for (let i = 0; i < STATES; i++) {
      const value = state[i] ?? 0;
      if (value !== (states[i] ?? 0)) appendVarints(bytes, [(value << 6) | ((STATE_CODE + i) << 1) | 1]);
      states[i] = value;
    }
    const dt = at - before;
    before = at;
    const family = familyOf(kind);
    const [lastX = 0, lastY = 0] = values[family]!;
    values[family] = [x, y];
    appendVarints(bytes, [kind ? (dt << 6) | (kind << 1) | 1 : dt << 1, zigzag(x - lastX), zigzag(y - lastY)]);
    appendTexts(bytes, texts);
  }
  return Uint8Array.from(bytes);
}

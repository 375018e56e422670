import { KINDS, POINTER_TYPES, type DecodedEvent, type DecodedFrame, type Description, type FrameError } from "../src/decode";
import { appendTexts, appendVarints, encode, zigzag, type FrameEvent } from "../src/frame";

/** An event as the vectors hold it: the numbers of the wire where they are made for it, and nothing where they are 0. */
export interface VectorEvent extends Omit<DecodedEvent, "spot" | "pixel_ratio" | "texts"> {
  spot_x?: number;
  spot_y?: number;
  dpr?: number;
  texts?: [name: string, value: string];
}

export interface VectorFrame extends Omit<DecodedFrame, "events"> {
  events: VectorEvent[];
}

export interface FrameVector {
  name: string;
  hex: string;
  frame: VectorFrame;
}

export interface InvalidVector {
  name: string;
  hex: string;
  error: FrameError;
}

export interface ControlVector {
  name: string;
  direction: "client" | "server";
  text: string;
  message: unknown;
  error: string | null;
}

export function toHex(bytes: ArrayLike<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** What a decoder has to give for a vector. */
export function readVector(frame: VectorFrame): DecodedFrame {
  const events = frame.events.map(({ spot_x = 0, spot_y = 0, dpr = 0, texts = null, ...event }): DecodedEvent => ({
    ...event, spot: spot_x && spot_y ? [spot_x - 1, spot_y - 1] : null, pixel_ratio: dpr || null, texts,
  }));
  return { ...frame, events };
}

/** Encodes what a decoder gives. */
export function encodeDecoded(frame: DecodedFrame): Uint8Array {
  const events = frame.events.map(({ spot, pixel_ratio, texts, ...event }): VectorEvent => ({
    ...event, ...(spot && { spot_x: spot[0] + 1, spot_y: spot[1] + 1 }), ...(pixel_ratio && { dpr: pixel_ratio }), ...(texts && { texts }),
  }));
  return encodeVector({ ...frame, events });
}

export function encodeVector({ page, seq, t0, x0, y0, samples, dropped, tolerance, elements, events }: VectorFrame): Uint8Array {
  return encode([page, seq, t0, zigzag(x0), zigzag(y0), samples, dropped, tolerance], elements.map(encodeElement), events.map(toEvent));
}

function encodeElement({ number, parent, flags, x, y, w, h, text_length, tag, role, selectors }: Description): number[] {
  const bytes = appendVarints([], [number, parent, flags, zigzag(x), zigzag(y), w, h, text_length]);
  return appendTexts(appendVarints(appendTexts(bytes, [tag, role]), [selectors.length]), selectors);
}

function toEvent({ at, kind, x, y, element, pointer_type, pointer_id, buttons, pressure, trusted, spot_x = 0, spot_y = 0, dpr = 0, texts }: VectorEvent): FrameEvent {
  const pointer = POINTER_TYPES.indexOf(pointer_type) + 4 * pointer_id;
  const state = [element, pointer, buttons, pressure === null ? 0 : pressure + 1, trusted ? 0 : 1, spot_x, spot_y, dpr];
  return { at, kind: KINDS.indexOf(kind), x, y, state, texts };
}

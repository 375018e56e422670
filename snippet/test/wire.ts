import { KINDS, POINTER_TYPES, type DecodedEvent, type DecodedFrame, type FrameError } from "../src/decode";
import { encode, type FrameEvent } from "../src/frame";

export interface FrameVector {
  name: string;
  hex: string;
  frame: DecodedFrame;
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

/** Encodes what a decoder gives. */
export function encodeDecoded(frame: DecodedFrame): Uint8Array {
  return encode({ ...frame, events: frame.events.map(toEvent) });
}

function toEvent({ at, kind, x, y, element, pointer_type, pointer_id, buttons, pressure, trusted }: DecodedEvent): FrameEvent {
  const pointer = POINTER_TYPES.indexOf(pointer_type) + 4 * pointer_id;
  return { at, kind: KINDS.indexOf(kind), x, y, state: [element, pointer, buttons, pressure === null ? 0 : pressure + 1, trusted ? 0 : 1] };
}

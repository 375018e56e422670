/** Decodes frames, from left to right, up to the first error: docs/protocol.md section 4. Not part of the snippet. */
import { Family, familyOf, Kind, type Description } from "./frame";

export type FrameError = "version" | "truncated" | "varint" | "range" | "limit" | "text" | "kind" | "empty";

export const KINDS = [
  "move", "down", "up", "click", "dblclick", "contextmenu", "cancel", "enter", "leave", "scroll", "wheel", "resize", "document",
  "hidden", "visible", "blur", "focus", "copy", "key", "inner_scroll", "unload",
] as const;
export const POINTER_TYPES = ["mouse", "pen", "touch", "unknown"] as const;

export interface DecodedEvent {
  /** ms since `t0`. */
  at: number;
  kind: (typeof KINDS)[number];
  x: number;
  y: number;
  pointer_type: (typeof POINTER_TYPES)[number];
  pointer_id: number;
  buttons: number;
  /** Ten-thousandths, null where it isn't known. */
  pressure: number | null;
  trusted: boolean;
  element: number;
}

export interface DecodedFrame {
  page: number;
  seq: number;
  t0: number;
  x0: number;
  y0: number;
  samples: number;
  dropped: number;
  tolerance: number;
  elements: Description[];
  events: DecodedEvent[];
}

export const LIMITS = { bytes: 65_536, events: 4_096, elements: 256, span_ms: 32_767, origin_px: 32_767, size_px: 1_000_000 };

class Reject extends Error {
  constructor(readonly word: FrameError) {
    super(word);
  }
}

/** Never throws: bytes that are no frame give the word for what is wrong with them. */
export function decode(bytes: Uint8Array): DecodedFrame | FrameError {
  try {
    if (bytes.length > LIMITS.bytes) throw new Reject("limit");
    return readFrame(new Reader(bytes));
  } catch (error) {
    if (error instanceof Reject) return error.word;
    throw error;
  }
}

class Reader {
  private at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get ended() {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    if (this.ended) throw new Reject("truncated");
    return this.bytes[this.at++]!;
  }

  varint(): number {
    let value = 0;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      if (i === 4 && byte > 15) throw new Reject("varint");
      value += (byte & 127) * 2 ** (7 * i);
      if (byte < 128) {
        if (i > 0 && byte === 0) throw new Reject("varint");
        return value;
      }
    }
    throw new Reject("varint");
  }

  zigzag(): number {
    const value = this.varint();
    return value % 2 ? -(value + 1) / 2 : value / 2;
  }

  place(): number {
    return within(this.zigzag(), -LIMITS.size_px, LIMITS.size_px);
  }

  /** A varint from `least` to `most`. */
  number(most: number, least = 0): number {
    return within(this.varint(), least, most);
  }

  text(most: number): string {
    const length = this.number(most);
    if (this.at + length > this.bytes.length) throw new Reject("truncated");
    const slice = this.bytes.subarray(this.at, (this.at += length));
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(slice);
      if (!text.includes("\0")) return text;
    } catch {
      // Not UTF-8, which is the same error.
    }
    throw new Reject("text");
  }
}

function within(value: number, least: number, most: number): number {
  if (value < least || value > most) throw new Reject("range");
  return value;
}

function readFrame(reader: Reader): DecodedFrame {
  if (reader.byte() !== 1) throw new Reject("version");
  const frame: DecodedFrame = {
    page: reader.number(65_535),
    seq: reader.number(2_147_483_647, 1),
    t0: reader.number(604_800_000),
    x0: reader.place(),
    y0: reader.place(),
    samples: reader.varint(),
    dropped: reader.varint(),
    tolerance: reader.varint(),
    elements: [],
    events: [],
  };
  const elements = reader.varint();
  if (elements > LIMITS.elements) throw new Reject("limit");
  for (let i = 0; i < elements; i++) frame.elements.push(readElement(reader));
  readItems(reader, frame);
  if (frame.events.length === 0) throw new Reject("empty");
  return frame;
}

function readElement(reader: Reader): Description {
  return {
    number: reader.number(32_767, 1),
    parent: reader.number(32_767),
    flags: within(reader.byte(), 0, 15),
    x: reader.place(),
    y: reader.place(),
    w: reader.number(LIMITS.size_px),
    h: reader.number(LIMITS.size_px),
    text_length: reader.number(1_000_000),
    tag: reader.text(32),
    role: reader.text(32),
    selectors: Array.from({ length: within(reader.byte(), 0, 3) }, () => reader.text(1_024)),
  };
}

const STATE_LIMITS = [32_767, 4 * 32_767 + 3, 31, 10_001, 1];

function readItems(reader: Reader, frame: DecodedFrame): void {
  const { x0, y0, events } = frame;
  const values = [[x0, y0], [x0, y0], [0, 0], [0, 0], [0, 0]];
  const state = [0, 0, 0, 0, 0];
  let at = 0;
  while (!reader.ended) {
    const head = reader.varint();
    const code = head % 2 ? (head >>> 1) & 31 : 0;
    if (code >= 24) {
      const value = head >>> 6;
      if (code < 29) state[code - 24] = within(value, 0, STATE_LIMITS[code - 24]!);
      continue;
    }
    if (events.length === LIMITS.events) throw new Reject("limit");
    if (head % 2 && !(code >= Kind.Down && code <= Kind.Unload)) throw new Reject("kind");
    at += head % 2 ? head >>> 6 : head >>> 1;
    within(at, 0, events.length === 0 ? 0 : LIMITS.span_ms);
    const family = familyOf(code);
    const [x, y] = values[family] as [number, number];
    const next = [readValue(reader, family, x, x0), readValue(reader, family, y, y0)] as const;
    values[family] = [...next];
    const [element, pointer, buttons, pressure, untrusted] = state as [number, number, number, number, number];
    events.push({
      at,
      kind: KINDS[code]!,
      x: next[0],
      y: next[1],
      pointer_type: POINTER_TYPES[pointer % 4]!,
      pointer_id: pointer >>> 2,
      buttons,
      pressure: pressure ? pressure - 1 : null,
      trusted: !untrusted,
      element,
    });
  }
}

function readValue(reader: Reader, family: Family, before: number, origin: number): number {
  const value = before + reader.zigzag();
  return family === Family.Place || family === Family.Scroll
    ? within(value, origin - LIMITS.origin_px, origin + LIMITS.origin_px)
    : within(value, 0, LIMITS.size_px);
}

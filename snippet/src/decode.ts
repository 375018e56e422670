/** Decodes frames, from left to right, up to the first error: docs/protocol.md section 4. Not part of the snippet. */
import { Family, familyOf, Kind } from "./frame";

export type FrameError = "version" | "truncated" | "varint" | "range" | "limit" | "text" | "kind" | "empty";

export const KINDS = [
  "move", "down", "up", "click", "dblclick", "contextmenu", "cancel", "enter", "leave", "scroll", "wheel", "resize", "document",
  "hidden", "visible", "blur", "focus", "copy", "key", "inner_scroll", "unload", "identify", "tag", "event",
] as const;
export const POINTER_TYPES = ["mouse", "pen", "touch", "unknown"] as const;

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
  /** 32,766ths of the element's box, null where they aren't known. */
  spot: [x: number, y: number] | null;
  /** Hundredths, null where it isn't said. */
  pixel_ratio: number | null;
  /** Name and value of what the page told, null for all else. */
  texts: [name: string, value: string] | null;
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

export const LIMITS = { bytes: 65_536, events: 4_096, elements: 256, outline_elements: 512, name_bytes: 256, value_bytes: 4_096, span_ms: 32_767, origin_px: 32_767, size_px: 1_000_000 };

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

  text(most: number, tooLong: FrameError = "range"): string {
    const length = this.varint();
    if (length > most) throw new Reject(tooLong);
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
    seq: reader.number(2_147_483_647),
    t0: reader.number(604_800_000),
    x0: reader.place(),
    y0: reader.place(),
    samples: reader.number(2_147_483_647),
    dropped: reader.number(2_147_483_647),
    tolerance: reader.number(10_000),
    elements: [],
    events: [],
  };
  // An outline: elements and nothing else.
  if (frame.seq === 0 && [frame.x0, frame.y0, frame.samples, frame.dropped, frame.tolerance].some((value) => value !== 0)) throw new Reject("range");
  const elements = reader.varint();
  if (elements > (frame.seq ? LIMITS.elements : LIMITS.outline_elements)) throw new Reject("limit");
  for (let i = 0; i < elements; i++) frame.elements.push(readElement(reader));
  if (frame.seq === 0) {
    if (!reader.ended) throw new Reject("range");
    if (elements === 0) throw new Reject("empty");
    return frame;
  }
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

const STATE_LIMITS = [32_767, 4 * 32_767 + 3, 31, 10_001, 1, 32_767, 32_767, 6_553];

function readItems(reader: Reader, frame: DecodedFrame): void {
  const { x0, y0, events } = frame;
  const values = [[x0, y0], [x0, y0], [0, 0], [0, 0], [0, 0]];
  const state = STATE_LIMITS.map(() => 0);
  let at = 0;
  while (!reader.ended) {
    const head = reader.varint();
    const code = head % 2 ? (head >>> 1) & 31 : 0;
    if (code >= 24) {
      const value = head >>> 6;
      state[code - 24] = within(value, 0, STATE_LIMITS[code - 24]!);
      continue;
    }
    if (head % 2 && code < Kind.Down) throw new Reject("kind");
    if (events.length === LIMITS.events) throw new Reject("limit");
    at += head % 2 ? head >>> 6 : head >>> 1;
    within(at, 0, events.length === 0 ? 0 : LIMITS.span_ms);
    const family = familyOf(code);
    const [x, y] = values[family] as [number, number];
    const next = [readValue(reader, family, x, x0), readValue(reader, family, y, y0)] as const;
    values[family] = [...next];
    const [element, pointer, buttons, pressure, untrusted, spotX, spotY, pixelRatio] = state as [number, number, number, number, number, number, number, number];
    const texts = code >= Kind.Identify ? readTexts(reader, code) : null;
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
      spot: spotX && spotY ? [spotX - 1, spotY - 1] : null,
      pixel_ratio: pixelRatio || null,
      texts,
    });
  }
}

function readTexts(reader: Reader, code: number): [string, string] {
  const name = reader.text(LIMITS.name_bytes, "limit");
  const value = reader.text(LIMITS.value_bytes, "limit");
  if (name === "" || (code === Kind.Event && value !== "" && !isObject(value))) throw new Reject("text");
  return [name, value];
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function readValue(reader: Reader, family: Family, before: number, origin: number): number {
  const value = before + reader.zigzag();
  return family === Family.Place || family === Family.Scroll
    ? within(value, origin - LIMITS.origin_px, origin + LIMITS.origin_px)
    : within(value, 0, LIMITS.size_px);
}

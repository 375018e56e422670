import fc from "fast-check";
import { describe, expect, test } from "vitest";
import frames from "../../tests/fixtures/wire/frames.json";
import invalid from "../../tests/fixtures/wire/invalid.json";
import { decode, KINDS, LIMITS, POINTER_TYPES, type DecodedEvent, type DecodedFrame } from "../src/decode";
import { check } from "./property";
import { encodeDecoded, encodeVector, fromHex, readVector, toHex, type FrameVector, type InvalidVector } from "./wire";

describe("the wire vectors", () => {
  test("are enough, and have names of their own", () => {
    expect(frames.length).toBeGreaterThanOrEqual(120);
    expect(invalid.length).toBeGreaterThanOrEqual(60);
    const names = [...frames, ...invalid].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });

  test.each(frames as FrameVector[])("decode as they should: $name", ({ hex, frame }) => {
    expect(decode(fromHex(hex))).toEqual(readVector(frame));
  });

  test.each(frames as FrameVector[])("encode to something that means the same: $name", ({ hex, frame }) => {
    const bytes = encodeVector(frame);
    expect(decode(bytes)).toEqual(readVector(frame));
    expect(decode(encodeDecoded(readVector(frame)))).toEqual(readVector(frame));
    expect(bytes.length).toBeLessThanOrEqual(hex.length / 2);
  });

  test.each(invalid as InvalidVector[])("are refused for the right reason: $name", ({ hex, error }) => {
    expect(decode(fromHex(hex))).toBe(error);
  });
});

const word = fc.string({ unit: "binary", maxLength: 12 }).filter((text) => !text.includes("\0") && new TextEncoder().encode(text).length <= 32);
const px = fc.integer({ min: -1_000_000, max: 1_000_000 });
const size = fc.integer({ min: 0, max: 1_000_000 });
const element = fc.record({
  number: fc.integer({ min: 1, max: 32_767 }),
  parent: fc.integer({ min: 0, max: 32_767 }),
  flags: fc.integer({ min: 0, max: 15 }),
  x: px,
  y: px,
  w: size,
  h: size,
  text_length: size,
  tag: word,
  role: word,
  selectors: fc.array(word, { maxLength: 3 }),
});
const event = fc.record({
  at: fc.integer({ min: 0, max: 200 }),
  kind: fc.constantFrom(...KINDS),
  x: fc.integer({ min: -32_767, max: 32_767 }),
  y: fc.integer({ min: -32_767, max: 32_767 }),
  pointer_type: fc.constantFrom(...POINTER_TYPES),
  pointer_id: fc.integer({ min: 0, max: 32_767 }),
  buttons: fc.integer({ min: 0, max: 31 }),
  pressure: fc.option(fc.integer({ min: 0, max: 10_000 })),
  trusted: fc.boolean(),
  element: fc.integer({ min: 0, max: 32_767 }),
  spot: fc.option(fc.tuple(fc.integer({ min: 0, max: 32_766 }), fc.integer({ min: 0, max: 32_766 }))),
  pixel_ratio: fc.option(fc.integer({ min: 1, max: 6_553 })),
  texts: fc.tuple(word.filter((name) => name !== ""), word),
});
const frame = fc.record({
  page: fc.integer({ min: 0, max: 65_535 }),
  seq: fc.integer({ min: 1, max: 2_147_483_647 }),
  t0: fc.integer({ min: 0, max: 604_800_000 }),
  x0: px,
  y0: px,
  samples: fc.nat(),
  dropped: fc.nat(),
  tolerance: fc.integer({ min: 0, max: 10_000 }),
  elements: fc.array(element, { maxLength: 5 }),
  events: fc.array(event, { minLength: 1, maxLength: 100 }),
});

/** Turns time steps into times, leaves texts to the notes, and turns offsets from the origin into values that the kind allows. */
function settle(drawn: DecodedFrame): DecodedFrame {
  let at = 0;
  const told = ({ kind, texts }: DecodedEvent): DecodedEvent["texts"] =>
    kind === "event" ? [texts![0], JSON.stringify({ [texts![1]]: texts![0] })] : kind === "tag" || kind === "identify" ? texts : null;
  const place = (event: DecodedEvent, i: number): DecodedEvent => {
    at = i ? at + event.at : 0;
    event = { ...event, texts: told(event) };
    return ["inner_scroll", "resize", "document"].includes(event.kind)
      ? { ...event, at, x: Math.abs(event.x), y: Math.abs(event.y) }
      : { ...event, at, x: drawn.x0 + event.x, y: drawn.y0 + event.y };
  };
  return { ...drawn, events: drawn.events.map(place) };
}

test("what the encoder makes of a frame decodes to that frame", () => {
  check(
    fc.property(frame.map(settle), (frame) => {
      expect(decode(encodeDecoded(frame))).toEqual(frame);
    }),
    500,
  );
});

test("any bytes decode to a frame or to a word, and no two readings of a frame exist", () => {
  const bytes = fc.uint8Array({ maxLength: 200 }).map((rest) => Uint8Array.of(1, 0, 1, 0, 0, 0, 3, 0, 20, 0, ...rest));
  const outline = fc.uint8Array({ maxLength: 200 }).map((rest) => Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, ...rest));
  check(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), bytes, outline), (bytes) => {
      const decoded = decode(bytes);
      if (typeof decoded !== "string") expect(decode(encodeDecoded(decoded))).toEqual(decoded);
    }),
    2_000,
  );
});

test("a frame may have 4,096 events and 65,536 bytes, and no more", () => {
  const [first] = frames as FrameVector[];
  const one = readVector(first!.frame);
  const full = { ...one, events: Array.from({ length: LIMITS.events }, () => one.events[0]!) };
  expect(decode(encodeDecoded(full))).toEqual(full);
  expect(decode(Uint8Array.of(...encodeDecoded(full), 0, 0, 0))).toBe("limit");
  const padded = new Uint8Array(LIMITS.bytes).fill(0x3b);
  padded.set(fromHex(first!.hex));
  expect(decode(padded)).toEqual(one);
  expect(decode(Uint8Array.of(...padded, 0x3b))).toBe("limit");
  expect(toHex(padded.subarray(0, 1))).toBe("01");
});

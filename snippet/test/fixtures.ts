/** Makes the vectors of tests/fixtures/wire. They were made once and are read as data; this says how to make more of them. */
import { decode, KINDS, POINTER_TYPES, type Description } from "../src/decode";
import { appendVarints } from "../src/frame";
import { encodeVector, toHex, type FrameVector, type InvalidVector, type VectorEvent, type VectorFrame } from "./wire";

/** Mulberry32: the same numbers from 0 to below `end` in every run. */
function createRandom(seed: number): (end: number) => number {
  return (end) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % end;
  };
}

const REST: VectorEvent = {
  at: 0, kind: "move", x: 100, y: 200, pointer_type: "mouse", pointer_id: 0, buttons: 0, pressure: null, trusted: true, element: 0,
};
const EMPTY: VectorFrame = {
  page: 0, seq: 1, t0: 1_000, x0: 100, y0: 200, samples: 10, dropped: 0, tolerance: 20, elements: [], events: [],
};
const BUTTON: Description = {
  number: 1, parent: 0, flags: 4, x: 80, y: 190, w: 120, h: 40, text_length: 11, tag: "button", role: "button", selectors: ["#buy"],
};

/** Kinds that come from the device and the browser; the rest is what a page tells. */
const SEEN = KINDS.slice(0, 21);
const NOTES = ["identify", "tag", "event"] as const;

function event(part: Partial<VectorEvent> = {}): VectorEvent {
  const note: Partial<VectorEvent> = SEEN.includes(part.kind ?? "move") ? {} : { texts: ["plan", ""] };
  return { ...REST, ...note, ...part };
}

function frame(events: VectorEvent[], part: Partial<VectorFrame> = {}): VectorFrame {
  return { ...EMPTY, events, ...part };
}

export function makeFrames(): FrameVector[] {
  const made: [name: string, frame: VectorFrame][] = [];
  const add = (name: string, frame: VectorFrame) => made.push([name, frame]);
  const random = createRandom(1);

  for (const kind of KINDS) add(`${kind} alone`, frame([event({ kind })]));
  for (const kind of KINDS) {
    add(`${kind} between moves`, frame([event(), event({ kind, at: 40, x: 60, y: 90 }), event({ at: 64, x: 101, y: 199 })]));
    add(`${kind} twice, in one millisecond and 300 ms later`, frame([event({ kind, x: 7, y: 9 }), event({ kind, at: 0, x: 5, y: 12 }), event({ kind, at: 300, x: 6, y: 0 })]));
  }

  for (const pointer_type of POINTER_TYPES) {
    for (const pointer_id of [0, 1, 7, 32_767]) add(`${pointer_type} with id ${pointer_id}`, frame([event({ pointer_type, pointer_id })]));
  }
  for (const buttons of [1, 2, 3, 4, 8, 16, 31]) add(`buttons ${buttons}`, frame([event({ kind: "down", buttons }), event({ kind: "up", at: 90 })]));
  for (const pressure of [0, 1, 5_000, 9_999, 10_000]) add(`pressure ${pressure}`, frame([event({ pointer_type: "pen", pointer_id: 2, pressure })]));
  for (const element of [1, 127, 128, 1_023, 32_767]) add(`element ${element}`, frame([event({ element }), event({ at: 5, element: 0 })]));
  add("untrusted click between trusted ones", frame([event({ kind: "click" }), event({ kind: "click", at: 1, trusted: false }), event({ kind: "click", at: 2 })]));
  add("every state at once", frame([event({ kind: "down", pointer_type: "pen", pointer_id: 300, buttons: 1, pressure: 7_070, trusted: false, element: 12 })]));
  add("pressure that becomes unknown", frame([event({ pointer_type: "pen", pressure: 10 }), event({ pointer_type: "pen", at: 1 })]));

  for (const page of [1, 127, 128, 16_383, 16_384, 65_535]) add(`page ${page}`, frame([event()], { page }));
  for (const seq of [2, 127, 128, 2_097_152, 2_147_483_647]) add(`seq ${seq}`, frame([event()], { seq }));
  for (const t0 of [0, 127, 128, 86_400_000, 604_800_000]) add(`t0 ${t0}`, frame([event()], { t0 }));
  for (const samples of [0, 128, 2_147_483_647]) add(`samples ${samples}`, frame([event()], { samples }));
  for (const dropped of [1, 128, 2_147_483_647]) add(`dropped ${dropped}`, frame([event()], { dropped }));
  for (const tolerance of [0, 10, 127, 128, 320]) add(`tolerance ${tolerance}`, frame([event()], { tolerance }));
  for (const [x0, y0] of [[0, 0], [63, -64], [64, -65], [-1, 1], [-1_000_000, 1_000_000], [1_000_000, -1_000_000]] as const) {
    add(`origin ${x0}, ${y0}`, frame([event({ x: x0, y: y0 })], { x0, y0 }));
    add(`farthest from origin ${x0}, ${y0}`, frame([event({ x: x0 + 32_767, y: y0 - 32_767 }), event({ at: 1, x: x0 - 32_767, y: y0 + 32_767 })], { x0, y0 }));
  }
  for (const at of [1, 63, 64, 127, 8_191, 8_192, 32_767]) {
    add(`a move after ${at} ms`, frame([event(), event({ at })]));
    add(`a click after ${at} ms`, frame([event(), event({ at, kind: "click" })]));
  }
  add("times that add up to 32,767 ms", frame([0, 10_000, 20_000, 32_767].map((at) => event({ at }))));

  add("families keep their own last value", frame([
    event(), event({ at: 10, kind: "scroll", x: 0, y: 300 }), event({ at: 11, x: 100, y: 500 }),
    event({ at: 20, kind: "resize", x: 1_280, y: 720 }), event({ at: 21, kind: "document", x: 1_280, y: 9_000 }),
    event({ at: 30, kind: "inner_scroll", x: 0, y: 40, element: 3 }), event({ at: 31, x: 102, y: 501, element: 3 }),
    event({ at: 40, kind: "scroll", x: 0, y: 310, element: 3 }), event({ at: 41, kind: "inner_scroll", x: 5, y: 35, element: 3 }),
    event({ at: 50, kind: "resize", x: 1_281, y: 719, element: 3 }), event({ at: 51, kind: "document", x: 1_279, y: 9_100, element: 3 }),
  ]));
  for (const kind of ["resize", "document", "inner_scroll"] as const) {
    add(`${kind} from nothing to the largest and back`, frame([event({ kind, x: 0, y: 0 }), event({ at: 1, kind, x: 1_000_000, y: 1_000_000 }), event({ at: 2, kind, x: 0, y: 0 })]));
  }
  add("a scroll at the edge of the origin's reach", frame([event({ kind: "scroll", x: 0, y: 82_767 }), event({ at: 9, kind: "scroll", x: 0, y: 17_233 })], { x0: 0, y0: 50_000 }));

  for (let flags = 0; flags < 16; flags++) add(`element with flags ${flags}`, frame([event({ element: 1 })], { elements: [{ ...BUTTON, flags }] }));
  const elements: [string, Partial<Description>][] = [
    ["without texts", { tag: "", role: "", selectors: [] }],
    ["with three selectors", { selectors: ["#buy", "main > button:nth-of-type(2)", "[name=buy]"] }],
    ["with texts beyond ASCII", { tag: "käse-brot", role: "Schaltfläche", selectors: ["[title=\"日本語 🐭\"]", "\ufeff#bom"] }],
    ["with the longest texts", { tag: "t".repeat(32), role: "r".repeat(32), selectors: ["s".repeat(1_024), "ü".repeat(512), ""] }],
    ["with the largest numbers", { number: 32_767, parent: 32_767, x: 1_000_000, y: 1_000_000, w: 1_000_000, h: 1_000_000, text_length: 1_000_000 }],
    ["far up and left", { x: -1_000_000, y: -1_000_000, w: 0, h: 0, text_length: 0 }],
  ];
  for (const [name, part] of elements) add(`element ${name}`, frame([event({ element: 1 })], { elements: [{ ...BUTTON, ...part }] }));
  add("element described twice", frame([event({ element: 1 })], { elements: [BUTTON, { ...BUTTON, y: 390 }] }));
  add("elements with parents", frame([event({ element: 3 })], { elements: [1, 2, 3].map((number) => ({ ...BUTTON, number, parent: number - 1 })) }));
  add("256 elements", frame([event({ element: 256 })], { elements: Array.from({ length: 256 }, (_, i) => ({ ...BUTTON, number: i + 1, selectors: [] })) }));

  add("two fingers in turn", frame(Array.from({ length: 20 }, (_, i) => event({ at: 8 * i, x: 100 + (i % 2) * 200 + i, pointer_type: "touch", pointer_id: 11 + (i % 2), buttons: 1, pressure: 5_000 }))));
  add("mouse, pen and finger", frame(POINTER_TYPES.map((pointer_type, i) => event({ at: i, pointer_type, pointer_id: i }))));
  add("a pen stroke", frame(Array.from({ length: 60 }, (_, i) => event({ at: 4 * i, x: 100 + 2 * i, y: 200 + ((i * i) >> 4), pointer_type: "pen", pointer_id: 4, buttons: 1, pressure: Math.min(10_000, 170 * i) }))));
  add("a full frame of 512 events", makeWalk(createRandom(512), 512));
  for (let i = 0; i < 30; i++) add(`random ${i}`, makeWalk(random, 1 + random(60), i % 3 === 0));

  addNotes(add);
  for (const spot of [1, 2, 16_384, 32_766, 32_767]) {
    add(`spot ${spot}`, frame([event({ kind: "click", spot_x: spot, spot_y: 32_768 - spot }), event({ at: 7 })]));
  }
  add("a spot for every kind that has one", frame((["down", "up", "click", "dblclick", "contextmenu"] as const).map((kind, i) => event({ at: i, kind, spot_x: 100 + i, spot_y: 900 }))));
  add("half a spot, which is none", frame([event({ kind: "click", spot_x: 5 }), event({ at: 1, kind: "click", spot_y: 5 })]));
  for (const dpr of [1, 100, 125, 6_553]) add(`pixel ratio ${dpr}`, frame([event({ kind: "resize", x: 1_280, y: 720, dpr }), event({ at: 3 })]));
  add("spot and pixel ratio on events that don't need them", frame([event({ spot_x: 3, spot_y: 4, dpr: 150 })]));
  addOutlines(add);
  for (let i = 0; i < 10; i++) add(`random with all that is new ${i}`, makeTold(createRandom(100 + i), 1 + 5 * i));

  const vectors = made.map(([name, frame]) => ({ name, hex: toHex(encodeVector(frame)), frame }));
  return [...vectors, ...makeUnusualFrames()];
}

/** A frame as a pointer would make it: short steps, and now and then something else. */
function makeWalk(random: (end: number) => number, length: number, isWild = false): VectorFrame {
  const step = isWild ? 400 : 12;
  const at = { at: 0, x: random(2_000), y: random(6_000), element: 0, buttons: 0 };
  const origin = { x0: at.x, y0: at.y };
  const events = Array.from({ length }, (_, i) => {
    if (i) at.at += random(isWild ? 500 : 40);
    at.x += random(2 * step) - step;
    at.y += random(2 * step) - step;
    if (random(6) === 0) at.element = random(isWild ? 32_768 : 20);
    if (random(9) === 0) at.buttons = random(isWild ? 32 : 2);
    const kind = random(4) ? "move" : SEEN[random(SEEN.length)]!;
    const isSize = kind === "resize" || kind === "document" || kind === "inner_scroll";
    const pointer = isWild && random(5) === 0 ? { pointer_type: POINTER_TYPES[random(4)]!, pointer_id: random(32_768), pressure: random(10_001) } : {};
    return event({ ...at, kind, ...(isSize ? { x: random(3_000), y: random(30_000) } : {}), trusted: random(30) > 0, ...pointer });
  });
  return frame(events, { ...origin, page: random(3), seq: 1 + random(500), t0: random(600_000), samples: length * 3, dropped: random(2), tolerance: 10 << random(4) });
}

/** A walk with notes, spots and pixel ratios. */
function makeTold(random: (end: number) => number, length: number): VectorFrame {
  const walk = makeWalk(random, length);
  const words = ["plan", "käse 🐭", "a b", "x".repeat(random(40) + 1)];
  const events = walk.events.map((seen): VectorEvent => {
    if (seen.kind === "resize") return { ...seen, dpr: 50 + random(300) };
    if (["down", "up", "click", "dblclick", "contextmenu"].includes(seen.kind)) return { ...seen, spot_x: 1 + random(32_767), spot_y: 1 + random(32_767) };
    if (seen.kind !== "move" || random(5)) return seen;
    const kind = NOTES[random(3)]!;
    const value = kind === "event" ? JSON.stringify({ [words[random(4)]!]: random(9_999) }) : kind === "tag" ? words[random(4)]! : "";
    return { ...seen, kind, texts: [words[random(4)]!, value] };
  });
  return { ...walk, events };
}

/** Random frames, as many as one likes: what both implementations are compared on besides the vectors. */
export function* makeRandom(seed: number, count: number): Generator<Omit<FrameVector, "name">> {
  const random = createRandom(seed);
  for (let i = 0; i < count; i++) {
    const frame = i % 3 ? makeTold(random, 1 + random(14)) : makeWalk(random, 1 + random(60), true);
    const elements = Array.from({ length: random(4) ? 0 : random(5) }, (_, j): Description => ({
      number: 1 + j + random(32_000), parent: random(300), flags: random(16), x: random(4_000) - 2_000, y: random(1_000_000), w: random(1_000_001), h: random(500),
      text_length: random(1_000_001), tag: ["a", "div", "käse-knopf"][random(3)]!, role: random(2) ? "button" : "", selectors: ["#kauf", "div > a:nth-child(2)", "🐭"].slice(0, random(4)),
    }));
    const whole = { ...frame, elements };
    yield { hex: toHex(encodeVector(whole)), frame: whole };
  }
}

function addNotes(add: (name: string, frame: VectorFrame) => void): void {
  const notes: [name: string, ...VectorEvent["texts"] & {}, kinds: readonly (typeof NOTES)[number][]][] = [
    ["of one character", "a", "", NOTES],
    ["with the longest name", "n".repeat(256), "", NOTES],
    ["with the longest name in two-byte characters", "ü".repeat(128), "", NOTES],
    ["with the longest value", "name", "v".repeat(4_096), ["identify", "tag"]],
    ["with the longest value in three-byte characters", "name", `${"日".repeat(1_365)}v`, ["tag"]],
    ["with text beyond ASCII", "käse 🐭", "日本語 \ufeff", ["identify", "tag"]],
    ["with control characters", "a\tb\u0001", "\r\n", ["tag"]],
    ["that looks like properties and is none", "name", "{", ["tag"]],
    ["with no properties", "buy", "{}", ["event"]],
    ["with properties of every type", "buy", JSON.stringify({ price: 12.5, count: -3, plan: "käse 🐭", is: true, no: null, list: [1, [2]], deep: { er: {} } }), ["event"]],
    ["with properties that have spaces around them", "buy", " {\n\t\"a\" : 1 } ", ["event"]],
    ["with the longest properties", "buy", `{"a":"${"v".repeat(4_088)}"}`, ["event"]],
    ["with an escaped NUL", "buy", "{\"a\":\"\\u0000\"}", ["event"]],
    ["with half a surrogate pair, escaped", "buy", "{\"a\":\"\\ud83d\"}", ["event"]],
  ];
  for (const [title, name, value, kinds] of notes) {
    for (const kind of kinds) add(`${kind} ${title}`, frame([event({ kind, texts: [name, value] })]));
  }
  add("notes between moves, in the family of places", frame([
    event(), event({ at: 5, kind: "tag", x: 102, y: 203, texts: ["plan", "pro"] }), event({ at: 9, x: 103, y: 204 }),
    event({ at: 9, kind: "event", x: 103, y: 204, texts: ["buy", "{\"n\":1}"] }), event({ at: 20, kind: "identify", x: 90, y: 200, texts: ["42", ""] }), event({ at: 30, x: 91, y: 200 }),
  ]));
  add("a note of an element, after a click with a spot", frame([
    event({ kind: "click", element: 5, spot_x: 16_384, spot_y: 1 }), event({ kind: "event", element: 5, texts: ["buy", ""] }),
  ]));
  for (const at of [63, 64, 8_192, 32_767]) add(`a note after ${at} ms`, frame([event(), event({ at, kind: "tag", texts: ["plan", "pro"] })]));
}

const OUTLINE: VectorFrame = { ...EMPTY, seq: 0, x0: 0, y0: 0, samples: 0, tolerance: 0 };

function addOutlines(add: (name: string, frame: VectorFrame) => void): void {
  const outline = (count: number, part: Partial<VectorFrame> = {}): VectorFrame => ({
    ...OUTLINE, elements: Array.from({ length: count }, (_, i) => ({ ...BUTTON, number: i + 1, parent: i >> 2, y: 40 * i, tag: "p", role: "", selectors: [] })), ...part,
  });
  for (const count of [1, 257, 512]) add(`an outline of ${count}`, outline(count));
  for (const t0 of [0, 604_800_000]) add(`an outline at t0 ${t0}`, outline(1, { t0 }));
  add("an outline of page 65,535", outline(3, { page: 65_535 }));
  add("an outline with selectors, roles and flags", outline(0, { elements: [BUTTON, { ...BUTTON, number: 2, flags: 15, role: "", tag: "käse-brot", selectors: ["a", "b", "c"] }] }));
  add("an outline that describes an element twice", outline(0, { elements: [BUTTON, { ...BUTTON, y: 390 }] }));
}

const varint = (value: number) => appendVarints([], [value]);
const zigzag = (value: number) => varint((value << 1) ^ (value >> 31));
const move = (dt: number, dx = 0, dy = 0) => [...varint(dt << 1), ...zigzag(dx), ...zigzag(dy)];
const kindOf = (code: number, dt: number, dx = 0, dy = 0) => [...varint((dt << 6) | (code << 1) | 1), ...zigzag(dx), ...zigzag(dy)];
const state = (code: number, value: number) => varint((value << 6) | (code << 1) | 1);
const text = (value: string | number[]) => {
  const bytes = typeof value === "string" ? [...new TextEncoder().encode(value)] : value;
  return [...varint(bytes.length), ...bytes];
};

/** A header field by field, so that one of them can be wrong. */
const HEADER = {
  version: [1], page: [0], seq: [1], t0: varint(1_000), x0: zigzag(100), y0: zigzag(200), samples: [10], dropped: [0], tolerance: [20], elements: [0],
};
const header = (part: Partial<typeof HEADER> = {}) => Object.values({ ...HEADER, ...part }).flat();
const ELEMENT = {
  number: [1], parent: [0], flags: [4], x: zigzag(80), y: zigzag(190), w: varint(120), h: [40], text_length: [11], tag: text("button"), role: text(""),
  count: [1], selector: text("#buy"),
};
const element = (part: Partial<typeof ELEMENT> = {}) => Object.values({ ...ELEMENT, ...part }).flat();

/** What no encoder here makes, and decoders have to take all the same. */
function makeUnusualFrames(): FrameVector[] {
  const two = frame([event(), event({ at: 9, x: 101 })]);
  const made: [string, number[], VectorFrame][] = [];
  made.push(
    ["a state that is set twice", [...header(), ...state(26, 3), ...state(26, 1), ...move(0)], frame([event({ buttons: 1 })])],
    ["a state that is set to what it is", [...header(), ...state(24, 0), ...move(0), ...state(25, 0), ...move(9, 1)], two],
    ["a state after the last event", [...header(), ...move(0), ...move(9, 1), ...state(24, 5)], two],
    ["states in another order", [...header(), ...state(28, 1), ...state(24, 5), ...kindOf(3, 0)], frame([event({ kind: "click", trusted: false, element: 5 })])],
    ["an origin away from the first event", [...header(), ...move(0, -100, -200), ...move(9, 1)], frame([event({ x: 0, y: 0 }), event({ at: 9, x: 1, y: 0 })])],
    ["new states in another order", [...header(), ...state(31, 150), ...state(30, 9), ...state(29, 8), ...kindOf(3, 0)], frame([event({ kind: "click", spot_x: 8, spot_y: 9, dpr: 150 })])],
    ["a spot that holds for two events", [...header(), ...state(29, 8), ...state(30, 9), ...kindOf(2, 0), ...kindOf(3, 1)],
      frame([event({ kind: "up", spot_x: 8, spot_y: 9 }), event({ at: 1, kind: "click", spot_x: 8, spot_y: 9 })])],
    ["new states after the last event", [...header(), ...move(0), ...move(9, 1), ...state(29, 5), ...state(30, 5), ...state(31, 5)], two],
    ["new states that are set to what they are", [...header(), ...state(29, 0), ...state(30, 0), ...state(31, 0), ...move(0), ...move(9, 1)], two],
  );
  return made.map(([name, bytes, frame]) => ({ name, hex: toHex(bytes), frame }));
}

export function makeInvalid(): InvalidVector[] {
  const made: [string, InvalidVector["error"], number[]][] = [];
  const add = (error: InvalidVector["error"], name: string, ...parts: number[][]) => made.push([name, error, parts.flat()]);
  const event = move(0);

  for (const version of [0, 2, 255]) add("version", `version ${version}`, header({ version: [version] }), event);
  add("version", "a wrong version goes before everything else", [9]);

  const whole = [...header({ elements: [1] }), ...element(), ...state(24, 1_000), ...kindOf(3, 0, -300, 300), ...move(9, 1_000, -1_000)];
  for (let length = 0; length < whole.length; length++) {
    const error = decode(Uint8Array.from(whole.slice(0, length)));
    if (typeof error === "string") add(error, `the first ${length} of ${whole.length} bytes`, whole.slice(0, length));
  }

  for (const field of ["page", "seq", "t0", "x0", "y0", "samples", "dropped", "tolerance", "elements"] as const) {
    add("varint", `${field} in two bytes instead of one`, header({ [field]: [0x81, 0x00] }), event);
  }
  add("varint", "page in five bytes instead of one", header({ page: [0x80, 0x80, 0x80, 0x80, 0x00] }), event);
  add("varint", "samples over 32 bits", header({ samples: [0xff, 0xff, 0xff, 0xff, 0x10] }), event);
  add("varint", "samples in six bytes", header({ samples: [0xff, 0xff, 0xff, 0xff, 0xff, 0x01] }), event);
  add("varint", "an item in two bytes instead of one", header(), [0x80, 0x00, 0, 0]);
  add("varint", "dx in three bytes instead of two", header(), [0, 0x80, 0x81, 0x00, 0]);
  add("varint", "a text's length in two bytes instead of one", header({ elements: [1] }), element({ tag: [0x80, 0x00] }), event);

  const fields = { page: varint(65_536), seq: varint(4_294_967_295), t0: varint(604_800_001), x0: zigzag(1_000_001), y0: zigzag(-1_000_001), samples: varint(2_147_483_648), dropped: varint(2_147_483_648), tolerance: varint(10_001) };
  for (const [field, bytes] of Object.entries(fields)) add("range", `${field} out of range`, header({ [field]: bytes }), event);
  add("range", "seq over 31 bits", header({ seq: varint(2_147_483_648) }), event);
  add("range", "x0 at the end of 32 bits", header({ x0: varint(4_294_967_295) }), event);
  const parts = {
    number: [0], parent: varint(32_768), flags: [16], x: zigzag(1_000_001), y: zigzag(-1_000_001), w: varint(1_000_001), h: varint(1_000_001),
    text_length: varint(1_000_001), tag: text("t".repeat(33)), role: text("r".repeat(33)), count: [4], selector: text("s".repeat(1_025)),
  };
  for (const [field, bytes] of Object.entries(parts)) add("range", `an element's ${field} out of range`, header({ elements: [1] }), element({ [field]: bytes }), event);
  add("range", "an element's number over 15 bits", header({ elements: [1] }), element({ number: varint(32_768) }), event);
  add("range", "a first move that isn't at t0", header(), move(1));
  add("range", "a first click that isn't at t0", header(), kindOf(3, 1));
  add("range", "a move after 32,768 ms", header(), event, move(32_768));
  add("range", "times that add up to 32,768 ms", header(), event, move(32_767), kindOf(3, 1));
  for (const [dx, dy] of [[32_768, 0], [-32_768, 0], [0, 32_768], [0, -32_768]] as const) add("range", `a move ${dx}, ${dy} from the origin`, header(), move(0, dx, dy));
  add("range", "moves that add up to more than the origin's reach", header(), move(0, 30_000), move(1, 3_000));
  add("range", "a scroll beyond the origin's reach", header(), kindOf(9, 0, 0, 40_000));
  add("range", "a move over 32 bits", header(), [0, ...varint(4_294_967_295), 0]);
  for (const [kind, code] of Object.entries({ resize: 11, document: 12, inner_scroll: 19 })) {
    add("range", `${kind} below zero`, header(), kindOf(code, 0, 0, -1));
    add("range", `${kind} over 1,000,000`, header(), kindOf(code, 0, 1_000_001, 0));
  }
  const states = { element: [24, 32_768], pointer: [25, 131_072], buttons: [26, 32], pressure: [27, 10_002], untrusted: [28, 2], spot_x: [29, 32_768], spot_y: [30, 32_768], dpr: [31, 6_554] };
  for (const [name, [code, value]] of Object.entries(states)) add("range", `state ${name} out of range`, header(), state(code!, value!), event);
  add("range", "a state out of range after the last event", header(), event, state(26, 32));

  add("limit", "257 elements", header({ elements: varint(257) }), event);
  add("limit", "elements without end", header({ elements: varint(4_294_967_295) }), event);
  add("limit", "4,097 events", header(), ...Array.from({ length: 4_097 }, () => event));

  const texts = {
    "a lone continuation byte": [0x80], "an over-long NUL": [0xc0, 0x80], "half a character": [0xe6, 0x97], "a surrogate": [0xed, 0xa0, 0x80],
    "a character beyond Unicode": [0xf4, 0x90, 0x80, 0x80], "a NUL": [0x61, 0x00],
  };
  for (const [name, bytes] of Object.entries(texts)) {
    for (const field of ["tag", "role", "selector"]) add("text", `${name} in an element's ${field}`, header({ elements: [1] }), element({ [field]: text(bytes) }), event);
  }

  add("kind", "event code 0", header(), kindOf(0, 0));
  add("kind", "event code 0 after known ones", header(), event, kindOf(0, 5));
  add("kind", "event code 0 after 4,096 events", header(), ...Array.from({ length: 4_096 }, () => event), kindOf(0, 0));
  add("empty", "no items", header());
  add("empty", "states only", header(), state(24, 1), state(31, 1));
  add("empty", "an element only", header({ elements: [1] }), element());

  const note = (code: number, ...texts: (string | number[])[]) => [...kindOf(code, 0), ...texts.flatMap(text)];
  for (const [kind, code] of Object.entries({ identify: 21, tag: 22, event: 23 })) {
    add("limit", `${kind} with a name of 257 bytes`, header(), note(code, "n".repeat(257), ""));
    add("limit", `${kind} with a name of 129 characters of two bytes`, header(), note(code, "ü".repeat(129), ""));
    add("limit", `${kind} with a value of 4,097 bytes`, header(), note(code, "n", "v".repeat(4_097)));
    add("limit", `${kind} with a name that is too long for what follows, too`, header(), kindOf(code, 0), varint(257));
    add("limit", `${kind} with a value without end`, header(), kindOf(code, 0), text("n"), varint(4_294_967_295));
    add("text", `${kind} without a name`, header(), note(code, "", ""));
    for (const [name, bytes] of Object.entries(texts)) {
      add("text", `${name} in the name of ${kind}`, header(), note(code, bytes, ""));
      add("text", `${name} in the value of ${kind}`, header(), note(code, "n", bytes));
    }
    const noted = [...header(), ...note(code, "name", "{\"a\":1}")];
    for (let length = header().length + 1; length < noted.length; length++) add("truncated", `${kind} that ends after ${length} of ${noted.length} bytes`, noted.slice(0, length));
    add("varint", `${kind} with a name's length in two bytes instead of one`, header(), kindOf(code, 0), [0x80, 0x00]);
    add("range", `${kind} beyond the origin's reach`, header(), kindOf(code, 0, 32_768), text("n"), text(""));
    add("range", `${kind} first and not at t0`, header(), kindOf(code, 1), text("n"), text(""));
  }
  const props = { "an array": "[]", "null": "null", "a text": "\"a\"", "a number": "7", "cut off": "{\"a\":", "not JSON": "{a:1}", "two objects": "{}{}", "a space": " ", "with a comma at its end": "{\"a\":1,}" };
  for (const [name, value] of Object.entries(props)) add("text", `event with properties that are ${name}`, header(), note(23, "buy", value));

  const zeros = { seq: [0], x0: [0], y0: [0], samples: [0], dropped: [0], tolerance: [0] };
  const outline = (part: Partial<typeof HEADER> = {}) => header({ ...zeros, elements: [1], ...part });
  for (const [field, bytes] of Object.entries({ x0: zigzag(1), y0: zigzag(-1), samples: [1], dropped: [1], tolerance: [1] })) {
    add("range", `an outline with ${field}`, outline({ [field]: bytes }), element());
  }
  add("range", "an outline with a move", outline(), element(), event);
  add("range", "an outline with a state", outline(), element(), state(24, 1));
  add("range", "an outline with a byte too much", outline(), element(), [0]);
  add("range", "an outline without an element and with a move", outline({ elements: [0] }), event);
  add("empty", "an outline without an element", outline({ elements: [0] }));
  add("limit", "an outline of 513", outline({ elements: varint(513) }));
  add("truncated", "an outline that ends within its elements", outline({ elements: [2] }), element());
  add("range", "an element of an outline without a number", outline(), element({ number: [0] }));
  add("text", "an element of an outline with a tag that isn't UTF-8", outline(), element({ tag: text([0xff]) }));

  add("range", "the first of two errors counts: page before elements", header({ page: varint(65_536), elements: varint(257) }), event);
  add("limit", "the first of two errors counts: elements before the end", header({ elements: varint(300) }));
  add("text", "the first of two errors counts: tag before items", header({ elements: [1] }), element({ tag: text([0xff]) }), kindOf(0, 0));
  return made.map(([name, error, bytes]) => ({ name, hex: toHex(bytes), error }));
}

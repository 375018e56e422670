/** Reads control messages as the collector has to: docs/protocol.md section 3. Only the vectors are tested with it. */

export type ControlError = "json" | "type" | "field" | "version";

type Fields = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const whole = (least: number, most: number): Check => (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number";
const flag: Check = (value) => typeof value === "boolean";
const pair: Check = (value) => Array.isArray(value) && value.length === 2 && value.every(number);
const optional = (check: Check): Check => (value) => value === undefined || check(value);

const random: Check = (value) => text(value) && /^[\w-]{22,64}$/.test(value as string);
const among = (...words: string[]): Check => (value) => words.includes(value as string);

const NEW_PAGE: Record<string, Check> = {
  n: whole(0, 65_535),
  nonce: random,
  age_ms: whole(0, 86_400_000),
  via: optional(among("load", "route", "restore", "prerender")),
  session: optional(random),
  url: text,
  title: optional(text),
  referrer: optional(text),
  viewport: pair,
  document: pair,
  scroll: optional(pair),
  screen: optional(pair),
  dpr: optional(number),
  pointer: optional(among("mouse", "pen", "touch")),
  language: optional(text),
};
const RESUMED_PAGE: Record<string, Check> = { n: whole(0, 65_535), id: text, token: text, from: optional(whole(1, 2_147_483_647)) };
const page: Check = (value) => isObject(value) && has(value, value.id === undefined ? NEW_PAGE : RESUMED_PAGE);

const CLIENT: Record<string, Record<string, Check>> = {
  hello: {
    v: number,
    site: text,
    agent: optional(text),
    sample: optional((value) => number(value) && (value as number) >= 0 && (value as number) <= 1),
    forget: optional(flag),
    pages: (value) => Array.isArray(value) && value.length <= 16 && value.every(page),
  },
  page: {},
};
/** 0 is the outline. */
const seq = whole(0, 2_147_483_647);
const SERVER: Record<string, Record<string, Check>> = {
  welcome: { n: whole(0, 65_535), id: text, token: text, acked: whole(0, 2_147_483_647) },
  ack: { n: whole(0, 65_535), seq },
  nack: { n: whole(0, 65_535), seq: optional(seq), retry: flag, reason: text },
  slow: { level: whole(0, 4) },
  watch: { on: flag },
  drain: { after_ms: whole(0, 4_294_967_295) },
};

export function readControl(direction: "client" | "server", source: string): Fields | ControlError {
  let message: unknown;
  try {
    message = JSON.parse(source);
  } catch {
    return "json";
  }
  if (!isObject(message) || !text(message.type)) return "field";
  const fields = (direction === "client" ? CLIENT : SERVER)[message.type as string];
  if (!fields) return "type";
  if (!has(message, fields) || (message.type === "page" && !page(message))) return "field";
  return message.type === "hello" && message.v !== 1 ? "version" : message;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(fields: Fields, checks: Record<string, Check>): boolean {
  return Object.entries(checks).every(([name, check]) => check(fields[name]));
}

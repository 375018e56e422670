/** Makes the control messages of tests/fixtures/wire/control.json. */
import type { ControlVector } from "./wire";

const PAGE = { n: 0, nonce: "AAECAwQFBgcICQoLDA0ODw", age_ms: 1_250, url: "https://shop.example/product/7", viewport: [1_280, 720], document: [1_280, 4_000] };
const FULL = {
  ...PAGE, via: "route", session: "Dw4NDAsKCQgHBgUEAwIBAA", title: "Käse & Brot 🐭", referrer: "https://search.example/", scroll: [0, 300], screen: [1_920, 1_080], dpr: 1.5, pointer: "mouse", language: "de-CH",
};
const RESUMED = { n: 3, id: "019a0000-0000-7000-8000-000000000001", token: "dG9rZW4" };
const HELLO = { type: "hello", v: 1, site: "mt_demo", pages: [PAGE] };

export function makeControl(): ControlVector[] {
  const vectors: ControlVector[] = [];
  const add = (direction: "client" | "server", name: string, message: unknown, error: string | null = null) =>
    vectors.push({ name, direction, text: typeof message === "string" ? message : JSON.stringify(message), message: error ? null : message, error });

  add("client", "a hello without pages", { ...HELLO, pages: [] });
  add("client", "a hello with a new page", HELLO);
  add("client", "a hello with every field", { ...HELLO, agent: "mousetrail.js/0.1.0", pages: [FULL] });
  add("client", "a hello with a resumed page", { ...HELLO, pages: [RESUMED] });
  add("client", "a hello with a resumed page and the seq that it goes on from", { ...HELLO, pages: [{ ...RESUMED, from: 12 }] });
  add("client", "a hello with a new and a resumed page", { ...HELLO, pages: [PAGE, RESUMED] });
  add("client", "a hello with 16 pages", { ...HELLO, pages: Array.from({ length: 16 }, (_, n) => ({ ...RESUMED, n })) });
  add("client", "a hello with fields that nobody knows", { ...HELLO, colour: "red", pages: [{ ...PAGE, mood: { is: "good" } }] });
  add("client", "a page", { type: "page", ...FULL, n: 1 });
  add("client", "a resumed page", { type: "page", ...RESUMED });
  add("client", "the largest page number", { type: "page", ...PAGE, n: 65_535 });
  add("client", "the oldest page", { type: "page", ...PAGE, age_ms: 86_400_000 });
  add("client", "the nonce with both special characters", { type: "page", ...PAGE, nonce: "-_-_-_-_-_-_-_-_-_-_-w" });

  add("client", "a nonce in digits", { type: "page", ...PAGE, nonce: "1234567890123456789012345678901234567890" });
  for (const length of [22, 64]) add("client", `a nonce of ${length} digits`, { type: "page", ...PAGE, nonce: "7".repeat(length) });
  for (const via of ["load", "route", "restore", "prerender"]) add("client", `a page by ${via}`, { type: "page", ...PAGE, via });
  for (const length of [22, 64]) add("client", `a session's key of ${length} digits`, { type: "page", ...PAGE, session: "7".repeat(length) });
  add("client", "a page with a query and a fragment", { type: "page", ...PAGE, url: `${PAGE.url}?plan=pro&q=k%C3%A4se#/checkout` });
  for (const sample of [0, 0.25, 1]) add("client", `a hello for a share of ${sample}`, { ...HELLO, sample });
  for (const forget of [true, false]) add("client", `a hello with forget ${forget}`, { ...HELLO, forget, pages: [RESUMED] });
  add("client", "a hello that forgets 16 pages", { ...HELLO, forget: true, pages: Array.from({ length: 16 }, (_, n) => ({ ...RESUMED, n })) });

  const wrong = (name: string, error: string, message: unknown) => add("client", name, message, error);
  wrong("not JSON", "json", "{\"type\":\"hello\"");
  wrong("nothing", "json", "");
  wrong("an array", "field", "[]");
  wrong("null", "field", "null");
  wrong("no type", "field", { v: 1, site: "mt_demo", pages: [] });
  wrong("a type that is no text", "field", { ...HELLO, type: 1 });
  wrong("an unknown type", "type", { type: "goodbye" });
  wrong("a message of the collector", "type", { type: "ack", n: 0, seq: 17 });
  wrong("version 2", "version", { ...HELLO, v: 2 });
  wrong("version as text", "field", { ...HELLO, v: "1" });
  wrong("no site", "field", { type: "hello", v: 1, pages: [] });
  wrong("a site that is no text", "field", { ...HELLO, site: 7 });
  wrong("no pages", "field", { type: "hello", v: 1, site: "mt_demo" });
  wrong("pages that are no array", "field", { ...HELLO, pages: PAGE });
  wrong("17 pages", "field", { ...HELLO, pages: Array.from({ length: 17 }, (_, n) => ({ ...RESUMED, n })) });
  const pageWith = (part: object) => ({ type: "page", ...PAGE, ...part });
  wrong("a page without n", "field", pageWith({ n: undefined }));
  wrong("n below zero", "field", pageWith({ n: -1 }));
  wrong("n over 65,535", "field", pageWith({ n: 65_536 }));
  wrong("n that isn't whole", "field", pageWith({ n: 0.5 }));
  wrong("a page with neither nonce nor id", "field", pageWith({ nonce: undefined }));
  wrong("a nonce of 21 characters", "field", pageWith({ nonce: PAGE.nonce.slice(1) }));
  wrong("a nonce of 65 digits", "field", pageWith({ nonce: "7".repeat(65) }));
  wrong("a nonce that is a number", "field", pageWith({ nonce: 1_234 }));
  wrong("a nonce that isn't base64url", "field", pageWith({ nonce: "AAECAwQFBgcICQoLDA0O+/" }));
  wrong("no age_ms", "field", pageWith({ age_ms: undefined }));
  wrong("age_ms below zero", "field", pageWith({ age_ms: -1 }));
  wrong("age_ms over a day", "field", pageWith({ age_ms: 86_400_001 }));
  wrong("no url", "field", pageWith({ url: undefined }));
  wrong("a url that is no text", "field", pageWith({ url: null }));
  wrong("a viewport with one number", "field", pageWith({ viewport: [1_280] }));
  wrong("a document with texts", "field", pageWith({ document: ["1280", "4000"] }));
  wrong("an unknown pointer", "field", pageWith({ pointer: "foot" }));
  wrong("an unknown via", "field", pageWith({ via: "teleport" }));
  wrong("a via that is no text", "field", pageWith({ via: 1 }));
  for (const length of [21, 65]) wrong(`a session's key of ${length} characters`, "field", pageWith({ session: "A".repeat(length) }));
  wrong("a session's key that isn't base64url", "field", pageWith({ session: "AAECAwQFBgcICQoLDA0O+/" }));
  wrong("a session's key that is no text", "field", pageWith({ session: 7 }));
  for (const sample of [-0.1, 1.1, "0.5", true]) wrong(`a share of ${JSON.stringify(sample)}`, "field", { ...HELLO, sample });
  for (const forget of [1, "true"]) wrong(`forget as ${JSON.stringify(forget)}`, "field", { ...HELLO, forget });
  wrong("a resumed page without a token", "field", { type: "page", n: 3, id: RESUMED.id });
  wrong("a resumed page that goes on from 0", "field", { type: "page", ...RESUMED, from: 0 });

  add("server", "a welcome", { type: "welcome", n: 0, id: RESUMED.id, token: "dG9rZW4", acked: 0 });
  add("server", "a welcome after a break", { type: "welcome", n: 65_535, id: RESUMED.id, token: "dG9rZW4", acked: 2_147_483_647 });
  add("server", "an ack", { type: "ack", n: 0, seq: 17 });
  add("server", "a nack for good", { type: "nack", n: 0, seq: 17, retry: false, reason: "quarantine" });
  add("server", "a nack for now", { type: "nack", n: 0, seq: 90, retry: true, reason: "gap" });
  add("server", "a nack of a page view", { type: "nack", n: 0, retry: false, reason: "token" });
  add("server", "an ack of an outline", { type: "ack", n: 0, seq: 0 });
  add("server", "a nack of an outline", { type: "nack", n: 0, seq: 0, retry: false, reason: "range" });
  for (const reason of ["sample", "forgotten"]) add("server", `a nack of a page view, for ${reason}`, { type: "nack", n: 0, retry: false, reason });
  for (const level of [0, 4]) add("server", `slow ${level}`, { type: "slow", level });
  for (const on of [true, false]) add("server", `watch ${on ? "on" : "off"}`, { type: "watch", on });
  add("server", "a drain", { type: "drain", after_ms: 5_000 });
  return vectors;
}

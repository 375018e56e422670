// The same movement in the formats of the others. None of their HTTP headers are counted, only what they put into a body.
import { readFileSync } from "node:fs";
import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { Kind } from "../src/frame";
import { ELEMENT } from "./frames.mjs";

/** Any moment of our time: they send absolute ones, which have 13 digits. */
const EPOCH_MS = 1_790_000_000_000;

/** What CompressionStream gives: gzip at the default level. */
const zip = (text) => gzipSync(text).length;

/** Splits samples into batches, each of which ends so long after its first one. */
export function batches(samples, ms) {
  const all = [];
  for (const sample of samples) {
    const current = all.at(-1);
    if (current && sample.at < current[0].at + ms) current.push(sample);
    else all.push([sample]);
  }
  return all;
}

/**
 * rrweb: an event of type 3, source 1 (MouseMove) holds the positions of up to 500 ms with times relative to its own; a button is an event of its own
 * (source 2, MouseInteraction: 0 up, 1 down). By hand from initMoveObserver and initMouseInteractionObserver in dist/record.js.
 * rrweb leaves sending to the site: counted is the JSON array of each `everyMs`, and the gzip of each.
 */
export function weighRrweb(samples, everyMs) {
  let json = 0;
  let gzip = 0;
  for (const batch of batches(samples, everyMs)) {
    const events = [];
    for (const part of batches(batch, 500)) {
      const sentAt = part.at(-1).at;
      const positions = part.filter(({ kind }) => kind === Kind.Move).map(({ at, x, y }) => ({ x, y, id: ELEMENT, timeOffset: at - sentAt }));
      if (positions.length) events.push({ type: 3, data: { source: 1, positions }, timestamp: EPOCH_MS + sentAt });
      for (const { at, x, y, kind } of part) {
        if (kind) events.push({ type: 3, data: { source: 2, type: kind === Kind.Down ? 1 : 0, id: ELEMENT, x, y, pointerType: 0 }, timestamp: EPOCH_MS + at });
      }
    }
    const text = JSON.stringify(events);
    json += text.length;
    gzip += zip(text);
  }
  return { json, gzip };
}

/**
 * Clarity: an array of tokens an event, `[time, event, target, x, y, "", "true"]` with 12 mousemove, 13 mousedown, 14 mouseup, and an envelope of
 * 12 tokens an upload; gzip by CompressionStream. By hand from src/interaction/encode.ts and src/data/{envelope,upload}.ts.
 */
export function weighClarity(samples, everyMs) {
  const EVENTS = { [Kind.Move]: 12, [Kind.Down]: 13, [Kind.Up]: 14 };
  let json = 0;
  let gzip = 0;
  batches(samples, everyMs).forEach((batch, i) => {
    const envelope = ["0.8.70", i + 1, batch[0].at, everyMs, "abcdefghij", "1b2c3d4", "5e6f7a8", 1, 0, 0, 0, "https://shop.example.com/"];
    const events = batch.map(({ at, x, y, kind }) => JSON.stringify([at, EVENTS[kind], ELEMENT, x, y, "", "true"]));
    const text = `{"e":${JSON.stringify(envelope)},"a":[${events.join()}]}`;
    json += text.length;
    gzip += zip(text);
  });
  return { json, gzip };
}

/**
 * OpenReplay: its own worker, run here, writes the batches. The page commits what it has with a time and a tab in front of it (`_nCommit` in
 * dist/lib/entry.js, every 30 ms at most): `[0, time], [118, tab], [20, x, y]`. Samples have times of their own only in commits of their own.
 * A button isn't sent (only a click is, with its label), so it counts as a move here.
 */
export function weighOpenReplay(samples, everyMs) {
  const source = readFileSync("node_modules/@openreplay/tracker/dist/lib/entry.js", "utf8");
  const worker = JSON.parse(/^const workerBodyFn = (".*");$/m.exec(source)[1]);
  let bytes = 0;
  const self = {};
  const count = async (_, { body }) => ((bytes += body.byteLength), { status: 200, body: { cancel: async () => {} } });
  const quiet = { setInterval: () => 0, clearInterval() {}, setTimeout: () => 0, clearTimeout() {}, console, postMessage() {} };
  runInContext(worker, createContext({ self, ...quiet, TextEncoder, Uint8Array, fetch: count }));
  for (const batch of batches(samples, everyMs)) {
    // A sender waits for the answer to one body before it sends the next, so each batch gets a new start, which makes a new one.
    self.onmessage({ data: { type: "start", pageNo: 1, ingestPoint: "", timestamp: EPOCH_MS + batch[0].at, url: "https://shop.example.com/", tabId: "abcdefghijkl" } });
    self.onmessage({ data: { type: "auth", token: "t", beaconSizeLimit: 1_000_000, protocolVersion: 1 } });
    for (const { at, x, y } of batch) self.onmessage({ data: [[0, EPOCH_MS + at], [118, "abcdefghijkl"], [20, x, y]] });
    self.onmessage({ data: "forceFlushBatch" });
  }
  return bytes;
}

/** What a page sees of a device: one event a frame of the screen. */
function perFrame(samples) {
  return samples.filter(({ at, kind }, i) => kind || !samples[i + 1] || Math.floor((at * 60) / 1_000) !== Math.floor((samples[i + 1].at * 60) / 1_000));
}

/** rrweb's default sampling: at most one position in 50 ms, the first. */
export function sampleRrweb(samples) {
  let last = -Infinity;
  return perFrame(samples).filter(({ at, kind }) => kind || (at - last >= 50 && ((last = at), true)));
}

/** OpenReplay's default sampling: the newest place every 8th tick of 30 ms (`trackingOffset` 7). */
export function sampleOpenReplay(samples) {
  const tick = ({ at }) => Math.floor(at / 240);
  return samples.filter((sample, i) => !samples[i + 1] || tick(sample) !== tick(samples[i + 1])).map((sample) => ({ ...sample, at: (tick(sample) + 1) * 240 }));
}

/** Clarity's default sampling: a move is left out where the one before it lies within 20 px and 25 ms of the next (`similar` in src/interaction/pointer.ts). */
export function sampleClarity(samples) {
  const kept = [];
  for (const sample of perFrame(samples)) {
    const last = kept.at(-2);
    const isNear = last && !sample.kind && !last.kind && Math.hypot(last.x - sample.x, last.y - sample.y) < 20 && sample.at - last.at < 25;
    if (isNear) kept.pop();
    kept.push(sample);
  }
  return kept;
}

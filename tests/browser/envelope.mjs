// Reads as much of what a page posts as the tests need: docs/protocol.md, sections 4.1 and 5.
import { gunzipSync } from 'node:zlib';

/** `{hello, frames: [{page, seq, elements, bytes}], isCompressed}` of the body of a POST. */
export function readEnvelope(body) {
  const isCompressed = body[0] === 0x1f && body[1] === 0x8b;
  const bytes = isCompressed ? gunzipSync(body) : body;
  const parts = [];
  let at = 0;
  while (at < bytes.length) {
    const [length, begin] = varint(bytes, at);
    at = begin + length;
    parts.push(bytes.subarray(begin, at));
  }
  const [hello, ...frames] = parts;
  return { hello: JSON.parse(hello.toString()), frames: frames.map(readHead), isCompressed, bytes };
}

/** The head of a frame. */
export function readHead(bytes) {
  // version, then page, seq, t0, x0, y0, samples, dropped, tolerance, elements: each a varint.
  const numbers = [];
  let at = 1;
  for (let i = 0; i < 9; i += 1) {
    const [number, next] = varint(bytes, at);
    numbers.push(number);
    at = next;
  }
  return { version: bytes[0], page: numbers[0], seq: numbers[1], elements: numbers[8], bytes };
}

function varint(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at];
    at += 1;
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

import { appendVarints, utf8 } from "./frame";

/** The body of a POST: the hello, then as many of the frames from the first on as fit. docs/protocol.md section 5. */
export function packEnvelope(hello: string, frames: readonly Uint8Array[], mostBytes: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(mostBytes);
  let end = 0;
  for (const part of [utf8.encode(hello), ...frames]) {
    const length = appendVarints([], [part.length]);
    if (end + length.length + part.length > mostBytes) break;
    body.set(length, end);
    body.set(part, end + length.length);
    end += length.length + part.length;
  }
  return body.subarray(0, end);
}

// A collector that stores nothing: it welcomes every page view and acknowledges every frame, over a WebSocket of its own.
import { createHash } from "node:crypto";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** Answers an upgrade of node:http and speaks protocol v1 as far as frames go. `count` gets the bytes of each frame. */
export function acknowledgeFrames(request, socket, count) {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: mousetrail.v1\r\n\r\n`);
  const say = (message) => socket.write(toMessage(JSON.stringify(message)));
  const welcome = ({ n }) => say({ type: "welcome", n, id: `bench-${n}`, token: "bench", acked: 0 });
  let rest = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    for (let message; (message = readMessage(rest)); rest = rest.subarray(message.end)) {
      if (message.opcode === CLOSE) socket.end();
      if (message.opcode === TEXT) {
        const control = JSON.parse(message.payload);
        (control.pages ?? [control]).forEach(welcome);
      }
      if (message.opcode === BINARY) {
        count(message.payload.length);
        const [n, at] = readVarint(message.payload, 1);
        const [seq] = readVarint(message.payload, at);
        say({ type: "ack", n, seq });
      }
    }
  });
}

/** The first message of the bytes, unmasked, or undefined while it isn't whole. RFC 6455 section 5.2. */
function readMessage(bytes) {
  if (bytes.length < 6) return undefined;
  let length = bytes[1] & 127;
  let at = 2;
  if (length === 126) [length, at] = [bytes.readUInt16BE(2), 4];
  else if (length === 127) [length, at] = [Number(bytes.readBigUInt64BE(2)), 10];
  const end = at + 4 + length;
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(at, at + 4);
  const payload = Buffer.from(bytes.subarray(at + 4, end));
  for (let i = 0; i < length; i++) payload[i] ^= mask[i & 3];
  return { opcode: bytes[0] & 15, payload, end };
}

/** What we say is short. */
function toMessage(text) {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [128 | TEXT, payload.length] : [128 | TEXT, 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from(head), payload]);
}

function readVarint(bytes, at) {
  let value = 0;
  for (let shift = 1; ; shift *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * shift;
    if (byte < 128) return [value, at];
  }
}

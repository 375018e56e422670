/** A collector without a network: the sockets and requests of the stream land here, and the test answers. */
import { vi } from "vitest";
import { decode, type DecodedFrame } from "../src/decode";

export class FakeSocket {
  static all: FakeSocket[] = [];
  /** Whether new sockets open. */
  static isBlocked = false;
  readyState = 0;
  bufferedAmount = 0;
  sent: (string | Uint8Array)[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  isClosedByUs = false;

  constructor(readonly url: string, readonly protocol: string) {
    FakeSocket.all.push(this);
    if (FakeSocket.isBlocked) setTimeout(() => this.drop(1006), 5);
  }

  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  /** A control message of the collector. */
  say(message: object | string): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  welcome(n = 0, acked = 0): void {
    this.say({ type: "welcome", n, id: `id-${n}`, token: `token-${n}`, acked });
  }

  drop(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(): void {
    this.isClosedByUs = true;
    log.push("close");
  }

  get messages(): Record<string, unknown>[] {
    return this.sent.filter((data) => typeof data === "string").map((data) => JSON.parse(data) as Record<string, unknown>);
  }

  get frames(): DecodedFrame[] {
    return this.sent.filter((data) => typeof data !== "string").map((bytes) => decode(bytes) as DecodedFrame);
  }

  get seqs(): number[] {
    return this.frames.map(({ seq }) => seq);
  }
}

export interface Post {
  url: string;
  options: RequestInit;
  hello: Record<string, unknown> & { pages: Record<string, unknown>[] };
  seqs: number[];
  frames: DecodedFrame[];
}

/** What happened, where the order counts. */
export const log: string[] = [];
export const posts: Post[] = [];
/** What the collector answers to a POST. */
export let answer: (post: Post) => { status: number; body: unknown } | "hang" | "fail" = () => "fail";

export function answerPosts(by: typeof answer): void {
  answer = by;
}

/** Welcomes the page views and acknowledges what came with them. */
export function acknowledge({ hello, seqs }: Post): { status: number; body: unknown } {
  const [page] = hello.pages;
  const welcome = { type: "welcome", n: page!.n, id: "id-0", token: "token-0", acked: 0 };
  return { status: 200, body: seqs.length ? [welcome, { type: "ack", n: page!.n, seq: Math.max(...seqs) }] : [welcome] };
}

export function installCollector(): void {
  FakeSocket.all = [];
  FakeSocket.isBlocked = false;
  posts.length = log.length = 0;
  answer = () => "fail";
  vi.stubGlobal("WebSocket", FakeSocket);
  vi.stubGlobal("fetch", async (url: string, options: RequestInit) => {
    const { body } = options;
    const post = { url, options, ...unpack(body instanceof Uint8Array ? body : await inflate(body as Blob)) };
    posts.push(post);
    log.push("post");
    const given = answer(post);
    if (given === "hang") return new Promise(() => {});
    if (given === "fail") throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify(given.body), { status: given.status });
  });
}

async function inflate(body: Blob): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body.stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
}

function unpack(body: Uint8Array): Pick<Post, "hello" | "seqs" | "frames"> {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++]!;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    parts.push(body.subarray(at, (at += length)));
  }
  const [hello, ...rest] = parts;
  const frames = rest.map((bytes) => decode(bytes) as DecodedFrame);
  return { hello: JSON.parse(new TextDecoder().decode(hello)), seqs: frames.map(({ seq }) => seq), frames };
}

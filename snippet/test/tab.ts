/** A tab with the snippet in it, for tests of the whole: every test has modules of its own, so nothing is left of the test before. */
import { vi } from "vitest";
import type { Config } from "../src/config";
import type { DecodedEvent, DecodedFrame } from "../src/decode";
import type { Mousetrail } from "../src/mousetrail";
import { FakeSocket, posts } from "./collector";

let mousetrail: Mousetrail | undefined;

/** A load of the page by the package, which starts nothing by itself. */
export async function create(config: Partial<Config> = {}): Promise<Mousetrail> {
  vi.resetModules();
  const { createMousetrail } = await import("../src/mousetrail");
  return (mousetrail = createMousetrail({ site: "mt_demo", collector: "https://mouse.example/v1", ...config }));
}

/** The same, started. */
export async function begin(config: Partial<Config> = {}): Promise<Mousetrail> {
  const created = await create(config);
  created.start();
  return created;
}

/** Ends what the test began, so that it hears nothing of the next one. */
export function closeTab(): void {
  mousetrail?.stop();
  mousetrail = undefined;
}

/** Opens the newest socket and welcomes the page views on it. */
export function welcome(...pages: number[]): FakeSocket {
  const socket = FakeSocket.last;
  if (!socket.readyState) socket.open();
  for (const n of pages.length ? pages : [0]) socket.welcome(n);
  return socket;
}

/** The page views that were introduced over sockets, as far as they are new. */
export function introduced(): Record<string, unknown>[] {
  const messages = FakeSocket.all.flatMap(({ messages }) => messages) as { type: string; pages?: Record<string, unknown>[] }[];
  return messages.flatMap((message) => (message.type === "hello" ? message.pages! : message.type === "page" ? [message as Record<string, unknown>] : []));
}

export function sentFrames(): DecodedFrame[] {
  return [...FakeSocket.all.flatMap(({ frames }) => frames), ...posts.flatMap(({ frames }) => frames)];
}

/** In ms since the begin of their page view. */
export function sentEvents(): DecodedEvent[] {
  return sentFrames().flatMap(({ t0, events }) => events.map((event) => ({ ...event, at: t0 + event.at })));
}

/** Name and value of the notes that were sent, by kind. */
export function sentNotes(): [kind: string, name: string, value: string][] {
  return sentEvents().filter(({ texts }) => texts).map(({ kind, texts }) => [kind, ...texts!]);
}

/** A click as a browser makes it, now, with the fields that happy-dom leaves out. */
export function click(target: EventTarget = document.body, clientX = 5, clientY = 5): void {
  const event = new Event("click", { bubbles: true, composed: true });
  const given = {
    pointerId: 1, pointerType: "mouse", buttons: 0, pressure: 0, detail: 1, isTrusted: true, view: window,
    clientX, clientY, pageX: clientX, pageY: clientY, timeStamp: performance.now(),
  };
  for (const [name, value] of Object.entries(given)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
}

/** Navigates within the page, as a router does, without a word to anybody. */
export function goTo(path: string): void {
  history.pushState(null, "", path);
}

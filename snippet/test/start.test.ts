// @vitest-environment happy-dom
// @vitest-environment-options { "settings": { "handleDisabledFileLoadingAsSuccess": true } }
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Mousetrail } from "../src/mousetrail";
import { acknowledge, answerPosts, FakeSocket, installCollector, posts } from "./collector";

const page = window as unknown as { mousetrail?: Mousetrail };

/** Loads the snippet as its tag would. */
async function load(attributes = "", site = "data-site=mt_demo") {
  document.head.innerHTML = `<script src="https://mouse.example/a/mousetrail.js" ${site} ${attributes}></script>`;
  // No script of the page runs here, so none is the current one.
  Object.defineProperty(document, "currentScript", { value: document.querySelector("script"), configurable: true });
  vi.resetModules();
  await import("../src/start");
  return page.mousetrail!;
}

const listeners = vi.fn();

beforeEach(() => {
  installCollector();
  answerPosts(acknowledge);
  for (const target of [window, document]) {
    const add = target.addEventListener.bind(target);
    vi.spyOn(target, "addEventListener").mockImplementation((type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions) => {
      listeners(type);
      add(type, listener, options);
    });
  }
  listeners.mockClear();
});
afterEach(() => {
  page.mousetrail?.stop?.();
  delete page.mousetrail;
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function expectNothing() {
  expect([FakeSocket.all.length, posts.length, listeners.mock.calls.length]).toEqual([0, 0, 0]);
}

describe("the snippet", () => {
  test("starts by itself, with a page view that tells neither query nor fragment", async () => {
    history.replaceState(null, "", "/product/7?secret=canary#canary");
    await load();
    const socket = FakeSocket.last;
    expect(socket.url).toBe("wss://mouse.example/a/v1/socket");
    socket.open();
    const [hello] = socket.messages as { site: string; pages: Record<string, unknown>[] }[];
    expect(hello!.site).toBe("mt_demo");
    expect(hello!.pages[0]).toMatchObject({ n: 0, nonce: expect.stringMatching(/^\d{22,40}$/), url: expect.stringMatching(/\/product\/7$/) });
    expect(JSON.stringify(hello)).not.toContain("canary");
  });

  test("leaves no trace in the page: one global, no cookie, no storage, only passive listeners", async () => {
    const before = new Set(Object.getOwnPropertyNames(window));
    await load();
    const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
    expect(added).toEqual(["mousetrail"]);
    expect([document.cookie, localStorage.length, sessionStorage.length]).toEqual(["", 0, 0]);
    expect(Object.keys(page.mousetrail!).sort()).toEqual(["consent", "event", "identify", "start", "stop", "tag"]);
    const calls = [...vi.mocked(window.addEventListener).mock.calls, ...vi.mocked(document.addEventListener).mock.calls];
    expect(calls.length).toBeGreaterThan(5);
    for (const [, , options] of calls) expect(options).toMatchObject({ passive: true });
  });

  test("counts once when its tag stands in the page twice", async () => {
    await load();
    await load();
    expect(FakeSocket.all.length).toBe(1);
  });

  test("takes its listeners away when it is stopped, after a last word", async () => {
    const mousetrail = await load();
    const calls = [...vi.mocked(window.addEventListener).mock.calls, ...vi.mocked(document.addEventListener).mock.calls];
    const signals = calls.map(([, , options]) => (options as AddEventListenerOptions).signal!);
    expect(signals.some(({ aborted }) => aborted)).toBe(false);
    mousetrail.stop();
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(FakeSocket.last.isClosedByUs).toBe(true);
    mousetrail.start();
    expect(FakeSocket.last.isClosedByUs).toBe(false);
  });

  test("leaves to the collector which sessions are in the sample", async () => {
    await load("data-sample=0");
    FakeSocket.last.open();
    expect(FakeSocket.last.messages[0]).toMatchObject({ type: "hello", sample: 0 });
  });

  test("does nothing without a site, and leaves what stands in its place alone", async () => {
    const queue: unknown[] = [["tag", "plan", "pro"]];
    (page as { mousetrail?: unknown }).mousetrail = queue;
    await load("", "");
    expectNothing();
    expect(page.mousetrail).toBe(queue);
  });

  test.each([4000, 4001, 4002, 4003])("takes everything away when the collector says %i", async (code) => {
    await load();
    FakeSocket.last.drop(code);
    const calls = [...vi.mocked(window.addEventListener).mock.calls, ...vi.mocked(document.addEventListener).mock.calls];
    for (const [, , options] of calls) expect((options as AddEventListenerOptions).signal!.aborted).toBe(true);
    window.dispatchEvent(new Event("pagehide"));
    expect([FakeSocket.all.length, posts.length]).toEqual([1, 0]);
  });
});

describe("without the visitor's leave", () => {
  test("nothing happens under Global Privacy Control, not even when the page calls start", async () => {
    Object.defineProperty(navigator, "globalPrivacyControl", { value: true, configurable: true });
    const mousetrail = await load("data-respect-dnt=false");
    mousetrail.start();
    mousetrail.consent(true);
    expectNothing();
    Object.defineProperty(navigator, "globalPrivacyControl", { value: undefined, configurable: true });
  });

  test("nothing happens under Do Not Track, unless the site says that it doesn't count", async () => {
    Object.defineProperty(navigator, "doNotTrack", { value: "1", configurable: true });
    await load();
    expectNothing();
    delete page.mousetrail;
    await load("data-respect-dnt=false");
    expect(FakeSocket.all.length).toBe(1);
    Object.defineProperty(navigator, "doNotTrack", { value: null, configurable: true });
  });

  test("nothing happens before consent where it is required", async () => {
    const mousetrail = await load("data-consent=required");
    mousetrail.start();
    expectNothing();
    mousetrail.consent(true);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("a withdrawal stops at once and sends nothing any more", async () => {
    const mousetrail = await load("data-consent=required");
    mousetrail.consent(true);
    FakeSocket.last.open();
    FakeSocket.last.welcome();
    const sent = FakeSocket.last.sent.length;
    window.dispatchEvent(new Event("blur"));
    mousetrail.consent(false);
    window.dispatchEvent(new Event("pagehide"));
    expect(FakeSocket.last.isClosedByUs).toBe(true);
    expect([FakeSocket.last.sent.length - sent, posts.length, FakeSocket.all.length]).toEqual([0, 0, 1]);
    mousetrail.consent(true);
    expect(FakeSocket.all.length).toBe(2);
  });
});

describe("the attributes of the tag", () => {
  const urlOf = async (attributes: string) => {
    await load(attributes);
    return FakeSocket.last.url;
  };

  test("name the collector, which is v1 beside the script otherwise", async () => {
    expect(await urlOf("")).toBe("wss://mouse.example/a/v1/socket");
  });

  test.each([
    ["https://c.example/t/", "wss://c.example/t/socket"],
    ["http://c.example:8080", "ws://c.example:8080/socket"],
    ["/collect//", `${location.origin.replace("http", "ws")}/collect/socket`],
  ])("name the collector: %s", async (collector, url) => {
    expect(await urlOf(`data-collector=${collector}`)).toBe(url);
  });

  test("hand everything else on", async () => {
    history.replaceState(null, "", "/shop?q=1&token=canary#/part");
    vi.spyOn(document, "title", "get").mockReturnValue("Shop");
    await load("data-sample=0.25 data-params=q data-hash=keep data-mask=inputs");
    FakeSocket.last.open();
    const [hello] = FakeSocket.last.messages as { pages: object[] }[];
    expect(hello).toMatchObject({ site: "mt_demo", sample: 0.25, pages: [{ url: `${location.origin}/shop?q=1#/part`, title: "Shop" }] });
    history.replaceState(null, "", "/");
  });
});

describe("what the page called before the script was there", () => {
  type Queue = [name: string, ...given: unknown[]][] & Mousetrail;
  /** The stub of the documentation. */
  const stub = () => ((page as { mousetrail?: unknown }).mousetrail ??= new Proxy([] as unknown as Queue, {
    get: (queue, name) => queue[name as unknown as number] ?? ((...given: unknown[]) => queue.push([name as string, ...given])),
  })) as Mousetrail;

  const sentTexts = () => {
    const socket = FakeSocket.last;
    socket.open();
    socket.welcome();
    page.mousetrail!.stop();
    return socket.frames.flatMap(({ events }) => events.flatMap(({ texts }) => (texts ? [texts] : [])));
  };

  test("is done in its order, as an array", async () => {
    (page as { mousetrail?: unknown }).mousetrail = [["identify", "42"], ["tag", "plan", "pro"], ["event", "buy", { n: 1 }]];
    await load();
    expect(sentTexts()).toEqual([["42", ""], ["plan", "pro"], ["buy", "{\"n\":1}"]]);
  });

  test("is done in its order, as the stub of the documentation keeps it", async () => {
    stub().identify("42");
    stub().tag("plan", "pro");
    stub().event("buy", { n: 1 });
    await load();
    expect(Array.isArray(page.mousetrail)).toBe(false);
    expect(sentTexts()).toEqual([["42", ""], ["plan", "pro"], ["buy", "{\"n\":1}"]]);
  });

  test("can be consent", async () => {
    stub().consent(true);
    await load("data-consent=required");
    expect(FakeSocket.all.length).toBe(1);
  });

  test("can be a refusal, which comes before everything", async () => {
    stub().consent(false);
    await load();
    page.mousetrail!.start();
    expectNothing();
  });

  test("may hold rubbish, which costs nothing else", async () => {
    (page as { mousetrail?: unknown }).mousetrail = [null, [], ["party"], 7, ["tag", "plan", "pro"], ["event"]];
    await load();
    expect(sentTexts()).toEqual([["plan", "pro"]]);
  });

  test("is gone afterwards: the page calls the snippet itself", async () => {
    stub();
    await load();
    page.mousetrail!.tag("plan", "pro");
    expect(sentTexts()).toEqual([["plan", "pro"]]);
  });
});

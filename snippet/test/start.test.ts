// @vitest-environment happy-dom
// @vitest-environment-options { "settings": { "handleDisabledFileLoadingAsSuccess": true } }
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfig } from "../src/config";
import type { Mousetrail } from "../src/start";
import { acknowledge, answerPosts, FakeSocket, installCollector, posts } from "./collector";

const page = window as unknown as { mousetrail?: Mousetrail };

/** Loads the snippet as its tag would. */
async function load(attributes = "") {
  document.head.innerHTML = `<script src="https://mouse.example/a/mousetrail.js" data-site="mt_demo" ${attributes}></script>`;
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
  page.mousetrail?.stop();
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
    expect(hello!.pages[0]).toMatchObject({ n: 0, nonce: expect.stringMatching(/^[\w-]{22}$/), url: expect.stringMatching(/\/product\/7$/) });
    expect(JSON.stringify(hello)).not.toContain("canary");
  });

  test("leaves no trace in the page: one global, no cookie, no storage, only passive listeners", async () => {
    const before = new Set(Object.getOwnPropertyNames(window));
    await load();
    const added = Object.getOwnPropertyNames(window).filter((name) => !before.has(name));
    expect(added).toEqual(["mousetrail"]);
    expect([document.cookie, localStorage.length, sessionStorage.length]).toEqual(["", 0, 0]);
    expect(Object.keys(page.mousetrail!).sort()).toEqual(["consent", "start", "stop"]);
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
    const remove = vi.spyOn(window, "removeEventListener");
    const mousetrail = await load();
    window.dispatchEvent(new Event("pagehide"));
    posts.length = 0;
    window.dispatchEvent(new Event("pageshow"));
    mousetrail.stop();
    expect(remove.mock.calls.length).toBe(vi.mocked(window.addEventListener).mock.calls.length);
    mousetrail.start();
    expect(FakeSocket.last.isClosedByUs).toBe(false);
  });

  test("tracks no page load that the sample leaves out", async () => {
    await load("data-sample=0");
    expectNothing();
  });

  test.each([4000, 4001, 4002])("takes everything away when the collector says %i", async (code) => {
    const remove = vi.spyOn(window, "removeEventListener");
    await load();
    FakeSocket.last.drop(code);
    expect(remove).toHaveBeenCalled();
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
  const read = (attributes: string) => {
    document.head.innerHTML = `<script src="https://mouse.example/p/mousetrail.js?1" data-site="k" ${attributes}></script>`;
    return readConfig(document.querySelector("script")!);
  };

  test("have sane defaults", () => {
    expect(read("")).toEqual({
      site: "k", collector: "https://mouse.example/p/v1", needsConsent: false, respectsDnt: true, sample: 1, tolerancePx: 2,
    });
  });

  test("name the collector, the sample and the tolerance", () => {
    expect(read("data-collector=https://c.example/t/ data-sample=0.25 data-tolerance=4")).toMatchObject({
      collector: "https://c.example/t", sample: 0.25, tolerancePx: 4,
    });
  });

  test("can't ask for what isn't possible", () => {
    expect([read("data-tolerance=0.1"), read("data-tolerance=x")].map(({ tolerancePx }) => tolerancePx)).toEqual([1, 2]);
  });
});

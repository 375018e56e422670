// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ACK_TIMEOUT_MS, FLUSH_FIRST_MS, NAME_LENGTH, NOTES_WAITING, POLL_MS, RECONNECT_MAX_MS, VALUE_LENGTH } from "../src/config";
import { acknowledge, answerPosts, FakeSocket, installCollector, posts } from "./collector";
import { begin, click, closeTab, create, goTo, introduced, sentEvents, sentFrames, sentNotes, welcome } from "./tab";

beforeEach(() => {
  vi.useFakeTimers();
  installCollector();
  answerPosts(acknowledge);
  // Outlines have tests of their own; without compression they go out at once.
  vi.stubGlobal("CompressionStream", undefined);
  history.replaceState(null, "", "/shop");
  sessionStorage.clear();
  document.body.innerHTML = "<main><button id=buy>Buy</button></main>";
});
afterEach(() => {
  closeTab();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Lets the frame that is open be cut and sent. */
const flush = () => vi.advanceTimersByTime(FLUSH_FIRST_MS);
const isTracking = () => FakeSocket.all.some(({ isClosedByUs }) => !isClosedByUs);

describe("notes", () => {
  test("are events with a name and a value", async () => {
    const mousetrail = await begin();
    welcome();
    mousetrail.identify("42");
    mousetrail.tag("plan", "pro");
    mousetrail.event("buy", { price: 12.5, plan: "käse 🐭" });
    mousetrail.event("leave");
    flush();
    expect(sentNotes()).toEqual([["identify", "42", ""], ["tag", "plan", "pro"], ["event", "buy", "{\"price\":12.5,\"plan\":\"käse 🐭\"}"], ["event", "leave", ""]]);
  });

  test("take what pages without types give", async () => {
    const mousetrail = (await begin()) as unknown as Record<string, (...given: unknown[]) => void>;
    welcome();
    mousetrail.identify!(42);
    mousetrail.tag!("count", 7);
    mousetrail.tag!("is", true);
    mousetrail.event!("seven", {});
    flush();
    expect(sentNotes()).toEqual([["identify", "42", ""], ["tag", "count", "7"], ["tag", "is", "true"], ["event", "seven", "{}"]]);
  });

  test("are cut to what a frame can carry, also in characters of three bytes", async () => {
    const mousetrail = await begin();
    welcome();
    mousetrail.identify("日".repeat(NAME_LENGTH + 1));
    mousetrail.tag("n".repeat(9_999), "日".repeat(VALUE_LENGTH + 1));
    flush();
    expect(sentNotes()).toEqual([["identify", "日".repeat(NAME_LENGTH), ""], ["tag", "n".repeat(NAME_LENGTH), "日".repeat(VALUE_LENGTH)]]);
  });

  test("aren't cut within a character", async () => {
    const mousetrail = await begin();
    welcome();
    const value = `${"v".repeat(VALUE_LENGTH - 2)}🐭`;
    mousetrail.tag(`${"n".repeat(NAME_LENGTH - 1)}🐭`, value);
    mousetrail.tag("fits", value);
    mousetrail.tag("cut", `v${value}`);
    flush();
    expect(sentNotes().map(([, ...texts]) => texts)).toEqual([["n".repeat(NAME_LENGTH - 1), value], ["fits", value], ["cut", "v".repeat(VALUE_LENGTH - 1)]]);
  });

  test("lose properties that are too long as a whole, because a part of them is no JSON", async () => {
    const mousetrail = await begin();
    welcome();
    const longest = { a: "v".repeat(VALUE_LENGTH - "{\"a\":\"\"}".length) };
    mousetrail.event("fits", longest);
    mousetrail.event("too long", { a: `${longest.a}v` });
    flush();
    expect(sentNotes()).toEqual([["event", "fits", JSON.stringify(longest)], ["event", "too long", ""]]);
  });

  test("lose properties that are no object", async () => {
    const mousetrail = await begin();
    welcome();
    for (const props of [["a"], "text", 7, null, () => 1, { toJSON: () => [1] }, { toJSON: () => undefined }]) mousetrail.event("odd", props as object);
    flush();
    expect(sentNotes()).toEqual(Array.from({ length: 7 }, () => ["event", "odd", ""]));
  });

  test("are silent about properties that can't be written down", async () => {
    const mousetrail = await begin();
    welcome();
    const circular: { self?: object } = {};
    circular.self = circular;
    for (const props of [circular, { big: 1n }, { get no() { throw new Error("mine"); } }]) expect(() => mousetrail.event("odd", props)).not.toThrow();
    mousetrail.tag("after", "it");
    flush();
    expect(sentNotes()).toEqual([["tag", "after", "it"]]);
  });

  test("lose every NUL, which no text in Postgres can have", async () => {
    const mousetrail = await begin();
    welcome();
    mousetrail.identify("4\0\x002");
    mousetrail.tag("pl\0an", "\0pro\0");
    mousetrail.event("b\0uy", { a: "\0" });
    flush();
    expect(sentNotes()).toEqual([["identify", "42", ""], ["tag", "plan", "pro"], ["event", "buy", "{\"a\":\"\\u0000\"}"]]);
  });

  test("without a name are nothing", async () => {
    const mousetrail = await begin();
    welcome();
    mousetrail.identify("");
    mousetrail.tag("", "pro");
    mousetrail.event("", { a: 1 });
    (mousetrail.identify as () => void)();
    mousetrail.tag("plan", "pro");
    flush();
    expect(sentNotes()).toEqual([["tag", "plan", "pro"]]);
  });

  test("that were told before there was anybody to tell come with the first frame, at its begin", async () => {
    const mousetrail = await create({ consent: "required" });
    mousetrail.start();
    mousetrail.tag("plan", "pro");
    vi.advanceTimersByTime(9_000);
    mousetrail.event("buy");
    mousetrail.consent(true);
    welcome();
    vi.advanceTimersByTime(40);
    click();
    flush();
    expect(sentEvents().map(({ kind, at }) => [kind, at])).toEqual([["tag", 0], ["event", 0], ["click", 40]]);
    expect(sentNotes()).toEqual([["tag", "plan", "pro"], ["event", "buy", ""]]);
  });

  test("that were told before the start are so many, and told once", async () => {
    const mousetrail = await create();
    for (let i = 0; i < NOTES_WAITING + 5; i++) mousetrail.tag(`n${i}`, "v");
    mousetrail.start();
    welcome();
    goTo("/other");
    vi.advanceTimersByTime(2 * POLL_MS);
    welcome(1);
    click();
    vi.advanceTimersByTime(10_000);
    expect(sentNotes().map(([, name]) => name)).toEqual(Array.from({ length: NOTES_WAITING }, (_, i) => `n${i}`));
  });

  test("that were told before a refusal are forgotten", async () => {
    const mousetrail = await begin({ consent: "required" });
    mousetrail.identify("42");
    mousetrail.consent(false);
    mousetrail.tag("after", "it");
    mousetrail.consent(true);
    welcome();
    click();
    flush();
    expect(sentNotes()).toEqual([]);
    expect(sentEvents().map(({ kind }) => kind)).toEqual(["click"]);
  });
});

describe("routes", () => {
  const urls = () => introduced().map(({ n, via, url, referrer }) => [n, via, (url as string).replace(location.origin, ""), referrer]);

  test("are page views of their own, within half a second where the browser doesn't tell", async () => {
    await begin();
    const socket = welcome();
    click();
    goTo("/cart?q=canary");
    vi.advanceTimersByTime(POLL_MS);
    expect(urls()).toEqual([[0, "load", "/shop", ""], [1, "route", "/cart", `${location.origin}/shop`]]);
    expect(introduced()[0]!.nonce).not.toBe(introduced()[1]!.nonce);
    welcome(1);
    click();
    flush();
    expect(socket.frames.map(({ page, seq }) => [page, seq])).toEqual([[0, 1], [1, 1]]);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("number their elements, and count their time, anew", async () => {
    await begin();
    welcome();
    click(document.querySelector("main")!);
    click(document.getElementById("buy")!);
    vi.advanceTimersByTime(3_000);
    goTo("/cart");
    vi.advanceTimersByTime(POLL_MS);
    welcome(1);
    vi.advanceTimersByTime(30);
    click(document.getElementById("buy")!);
    flush();
    const last = sentFrames().at(-1)!;
    expect(last).toMatchObject({ page: 1, seq: 1, t0: 30, events: [{ kind: "click", element: 1 }] });
    expect(last.elements.find(({ number }) => number === 1)).toMatchObject({ tag: "button" });
  });

  test("are told at once by popstate, by hashchange and by the Navigation API", async () => {
    const navigation = new EventTarget();
    vi.stubGlobal("navigation", navigation);
    await begin({ hash: "keep" });
    welcome();
    const tell = (target: EventTarget, type: string, path: string) => {
      goTo(path);
      target.dispatchEvent(new Event(type));
      vi.advanceTimersByTime(1);
    };
    tell(window, "popstate", "/back");
    tell(window, "hashchange", "/back#/part");
    tell(navigation, "currententrychange", "/there");
    expect(urls().map(([n, via, url]) => [n, via, url])).toEqual([[0, "load", "/shop"], [1, "route", "/back"], [2, "route", "/back#/part"], [3, "route", "/there"]]);
  });

  test.each([["a query", "/shop?q=1"], ["a fragment", "/shop#part"], ["the same address", "/shop"]])("aren't made by %s", async (_, path) => {
    await begin();
    welcome();
    goTo(path);
    window.dispatchEvent(new Event("popstate"));
    vi.advanceTimersByTime(2 * POLL_MS);
    expect(urls().length).toBe(1);
  });

  test("are made by a query that the site lets pass", async () => {
    await begin({ params: "q" });
    welcome();
    goTo("/shop?q=1&token=canary");
    vi.advanceTimersByTime(POLL_MS);
    expect(urls().map(([, , url]) => url)).toEqual(["/shop", "/shop?q=1"]);
  });

  test("are made by a document that is written anew, where no listener is left", async () => {
    await begin();
    welcome();
    const root = document.documentElement;
    const copy = root.cloneNode(true);
    root.remove();
    document.append(copy);
    vi.advanceTimersByTime(POLL_MS);
    welcome(1);
    click(document.body);
    flush();
    expect(introduced().map(({ n }) => n)).toEqual([0, 1]);
    expect(sentFrames()).toMatchObject([{ page: 1, events: [{ kind: "click" }] }]);
  });

  test("end with the snippet", async () => {
    const mousetrail = await begin();
    welcome();
    mousetrail.stop();
    goTo("/cart");
    window.dispatchEvent(new Event("popstate"));
    vi.advanceTimersByTime(2 * POLL_MS);
    expect(urls().length).toBe(1);
  });
});

describe("a page that comes and goes", () => {
  const hide = () => window.dispatchEvent(new Event("pagehide"));
  const show = () => window.dispatchEvent(new Event("pageshow"));

  test("out of the back/forward cache is a page view of its own, by restore", async () => {
    await begin();
    welcome();
    click();
    hide();
    expect(posts).toMatchObject([{ seqs: [1], options: { keepalive: true } }]);
    expect(FakeSocket.last.isClosedByUs).toBe(true);
    vi.advanceTimersByTime(60_000);
    show();
    FakeSocket.last.open();
    expect(introduced().map(({ n, via, age_ms }) => [n, via, age_ms])).toEqual(expect.arrayContaining([[0, "load", 0], [1, "restore", 0]]));
    expect(FakeSocket.all.length).toBe(2);
    welcome(0, 1);
    click();
    flush();
    expect(FakeSocket.last.frames.filter(({ page }) => page === 1)).toMatchObject([{ seq: 1, events: [{ kind: "click" }] }]);
  });

  test("is nothing while it is rendered ahead, and a page view by prerender once somebody sees it", async () => {
    Object.defineProperty(document, "prerendering", { value: true, configurable: true });
    const mousetrail = await begin();
    mousetrail.start();
    vi.advanceTimersByTime(10 * POLL_MS);
    expect([FakeSocket.all.length, posts.length]).toEqual([0, 0]);
    Object.defineProperty(document, "prerendering", { value: false, configurable: true });
    document.dispatchEvent(new Event("prerenderingchange"));
    FakeSocket.last.open();
    expect(introduced()).toMatchObject([{ n: 0, via: "prerender", age_ms: 0 }]);
    expect(FakeSocket.all.length).toBe(1);
  });

  test("that was rendered ahead and stopped stays silent", async () => {
    Object.defineProperty(document, "prerendering", { value: true, configurable: true });
    const mousetrail = await begin();
    mousetrail.stop();
    Object.defineProperty(document, "prerendering", { value: false, configurable: true });
    document.dispatchEvent(new Event("prerenderingchange"));
    vi.advanceTimersByTime(2 * POLL_MS);
    expect(FakeSocket.all.length).toBe(0);
  });

  test("sends what there is when it is stopped, and can be started again", async () => {
    const mousetrail = await begin();
    welcome();
    click();
    mousetrail.stop();
    expect(posts).toMatchObject([{ seqs: [1] }]);
    click();
    vi.advanceTimersByTime(10_000);
    expect([posts.length, FakeSocket.all.length]).toEqual([1, 1]);
    mousetrail.start();
    FakeSocket.last.open();
    expect(introduced().map(({ n, via }) => [n, via])).toEqual([[0, "load"], [1, "load"]]);
  });
});

interface Tools {
  dataLayer?: unknown[];
  __tcfapi?: unknown;
}
const tools = window as Tools;

describe("consent", () => {
  afterEach(() => {
    delete tools.dataLayer;
    delete tools.__tcfapi;
  });

  /** As every tag manager writes it: it pushes `arguments`. */
  function gtag(..._: unknown[]): void {
    (tools.dataLayer ??= []).push(arguments);
  }
  const mode = (action: "default" | "update", analytics_storage: string) => gtag("consent", action, { ad_storage: "denied", analytics_storage });

  describe("by call", () => {
    test("begins and ends, and counts once", async () => {
      const mousetrail = await begin({ consent: "required" });
      vi.advanceTimersByTime(4 * POLL_MS);
      expect([FakeSocket.all.length, posts.length]).toEqual([0, 0]);
      mousetrail.consent(true);
      mousetrail.consent(true);
      expect(FakeSocket.all.length).toBe(1);
      welcome();
      click();
      mousetrail.consent(false);
      vi.advanceTimersByTime(60_000);
      window.dispatchEvent(new Event("pagehide"));
      expect([isTracking(), sentFrames(), posts.length]).toEqual([false, [], 0]);
    });

    test("isn't a start: what was never started waits for that", async () => {
      const mousetrail = await create({ consent: "required" });
      mousetrail.consent(true);
      expect(FakeSocket.all.length).toBe(0);
      mousetrail.start();
      expect(FakeSocket.all.length).toBe(1);
    });

    test("that was withdrawn keeps a start from being one", async () => {
      const mousetrail = await begin();
      mousetrail.consent(false);
      mousetrail.start();
      vi.advanceTimersByTime(10 * POLL_MS);
      expect([isTracking(), FakeSocket.all.length]).toEqual([false, 1]);
    });

    test("that is withdrawn can ask for everything of this load to be erased", async () => {
      const mousetrail = await begin();
      welcome();
      goTo("/cart");
      vi.advanceTimersByTime(POLL_MS);
      welcome(1);
      mousetrail.consent(false, true);
      expect(posts).toMatchObject([{ seqs: [], hello: { forget: true, pages: [{ n: 0, id: "id-0", token: "token-0" }, { n: 1, id: "id-1", token: "token-1" }] } }]);
      vi.advanceTimersByTime(60_000);
      expect([posts.length, isTracking()]).toEqual([1, false]);
    });

    test("that was never given has nothing to be erased", async () => {
      const mousetrail = await begin({ consent: "required" });
      mousetrail.consent(false, true);
      expect([posts.length, FakeSocket.all.length]).toEqual([0, 0]);
    });
  });

  describe("by Google Consent Mode", () => {
    test("granted is enough where consent is required", async () => {
      mode("default", "granted");
      await begin({ consent: "required" });
      expect(isTracking()).toBe(true);
    });

    test.each([undefined, "required"])("denied by default is a refusal, and its update is consent (data-consent %s)", async (consent) => {
      gtag("js", new Date());
      mode("default", "denied");
      gtag("config", "G-1");
      await begin({ consent });
      vi.advanceTimersByTime(4 * POLL_MS);
      expect([FakeSocket.all.length, posts.length]).toEqual([0, 0]);
      mode("update", "granted");
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
      click();
      mode("update", "denied");
      vi.advanceTimersByTime(POLL_MS);
      expect([isTracking(), sentFrames(), posts.length]).toEqual([false, [], 0]);
      vi.advanceTimersByTime(RECONNECT_MAX_MS + ACK_TIMEOUT_MS);
      expect(FakeSocket.all.length).toBe(1);
    });

    test("the newest word counts, whatever order the words before it had", async () => {
      ["granted", "denied", "granted", "denied"].forEach((word) => mode("update", word));
      await begin();
      expect(FakeSocket.all.length).toBe(0);
      ["denied", "granted", "denied", "granted"].forEach((word) => mode("update", word));
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
    });

    test("what says nothing of analytics changes nothing", async () => {
      mode("default", "denied");
      await begin();
      gtag("consent", "update", { ad_storage: "granted" });
      gtag("consent", "update");
      gtag("event", "update", { analytics_storage: "granted" });
      tools.dataLayer!.push(null, undefined, 7, "text", { event: "consent" }, ["consent"]);
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(FakeSocket.all.length).toBe(0);
    });

    test("is followed in a data layer that is trimmed at its front", async () => {
      mode("default", "granted");
      for (let i = 0; i < 300; i++) gtag("event", `e${i}`);
      await begin({ consent: "required" });
      expect(isTracking()).toBe(true);
      tools.dataLayer!.splice(0, 290);
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
      mode("update", "denied");
      for (let i = 0; i < 50; i++) gtag("event", `f${i}`);
      tools.dataLayer!.splice(0, 5);
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(false);
      tools.dataLayer!.splice(0);
      vi.advanceTimersByTime(POLL_MS);
      mode("update", "granted");
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
    });

    test("comes late, to a page that was tracked without it", async () => {
      await begin();
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(isTracking()).toBe(true);
      mode("default", "denied");
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(false);
    });

    test("yields to a call that is newer, and the call to a word that is newer still", async () => {
      mode("default", "denied");
      const mousetrail = await begin({ consent: "required" });
      mousetrail.consent(true);
      vi.advanceTimersByTime(4 * POLL_MS);
      expect(isTracking()).toBe(true);
      mode("update", "granted");
      vi.advanceTimersByTime(POLL_MS);
      mode("update", "denied");
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(false);
    });

    test("can't overrule Global Privacy Control", async () => {
      Object.defineProperty(navigator, "globalPrivacyControl", { value: true, configurable: true });
      mode("default", "granted");
      await begin({ consent: "required" });
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(FakeSocket.all.length).toBe(0);
      Object.defineProperty(navigator, "globalPrivacyControl", { value: undefined, configurable: true });
    });
  });

  describe("by the Transparency and Consent Framework", () => {
    let say: (said: object) => void;
    const purposes = (...granted: number[]) => ({ purpose: { consents: Object.fromEntries(granted.map((purpose) => [purpose, true])) } });

    beforeEach(() => {
      tools.__tcfapi = vi.fn((_command: string, _version: number, tell: typeof say) => void (say = tell));
    });

    test("is listened to once, by its version 2", async () => {
      await begin({ consent: "required" });
      vi.advanceTimersByTime(4 * POLL_MS);
      expect(vi.mocked(tools.__tcfapi as () => void).mock.calls).toEqual([["addEventListener", 2, expect.any(Function)]]);
    });

    test.each([undefined, "required"])("waits for the visitor, and begins with purpose 8 (data-consent %s)", async (consent) => {
      await begin({ consent });
      say({ eventStatus: "cmpuishown", gdprApplies: true, ...purposes(8) });
      vi.advanceTimersByTime(2 * POLL_MS);
      expect([FakeSocket.all.length, posts.length]).toEqual([0, 0]);
      say({ eventStatus: "useractioncomplete", gdprApplies: true, ...purposes(1, 8) });
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
    });

    test("takes what the visitor said earlier", async () => {
      await begin({ consent: "required" });
      say({ eventStatus: "tcloaded", gdprApplies: true, ...purposes(8) });
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
    });

    test("isn't satisfied by other purposes", async () => {
      await begin();
      say({ eventStatus: "tcloaded", gdprApplies: true, ...purposes(1, 2, 3, 4, 5, 6, 7, 9, 10) });
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(FakeSocket.all.length).toBe(0);
    });

    test("ends within half a second when the visitor withdraws, and stays silent while the dialog is open again", async () => {
      await begin({ consent: "required" });
      say({ eventStatus: "tcloaded", gdprApplies: true, ...purposes(8) });
      vi.advanceTimersByTime(POLL_MS);
      welcome();
      say({ eventStatus: "cmpuishown", gdprApplies: true, ...purposes(8) });
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
      click();
      say({ eventStatus: "useractioncomplete", gdprApplies: true, ...purposes() });
      vi.advanceTimersByTime(POLL_MS);
      expect([isTracking(), posts.length]).toEqual([false, 0]);
    });

    test("asks for nothing where the regulation doesn't apply", async () => {
      await begin({ consent: "required" });
      say({ eventStatus: "tcloaded", gdprApplies: false, ...purposes() });
      vi.advanceTimersByTime(POLL_MS);
      expect(isTracking()).toBe(true);
    });

    test("survives a tool that says rubbish", async () => {
      await begin({ consent: "required" });
      for (const rubbish of [{}, { eventStatus: "tcloaded" }, null]) expect(() => say(rubbish as object)).not.toThrow();
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(FakeSocket.all.length).toBe(0);
    });

    test("is refused where the other tool refuses", async () => {
      mode("default", "denied");
      await begin();
      say({ eventStatus: "tcloaded", gdprApplies: true, ...purposes(8) });
      vi.advanceTimersByTime(2 * POLL_MS);
      expect(FakeSocket.all.length).toBe(0);
    });
  });
});

describe("what is told of a page view", () => {
  const helloOf = async (config: Parameters<typeof begin>[0]) => {
    await begin(config);
    FakeSocket.last.open();
    return introduced().at(-1)!;
  };

  test("is what the collector can do with, and no text of the page", async () => {
    document.title = "canary";
    const page = await helloOf({});
    expect(page).toEqual({
      n: 0, via: "load", nonce: expect.stringMatching(/^\d{22,40}$/), age_ms: 0, url: `${location.origin}/shop`, referrer: "",
      viewport: [innerWidth, innerHeight], document: [expect.any(Number), expect.any(Number)], scroll: [0, 0], screen: [screen.width, screen.height],
      dpr: 1, pointer: "mouse", language: navigator.language,
    });
    expect(JSON.stringify(page)).not.toContain("canary");
  });

  test("has the title where the site lets titles pass", async () => {
    document.title = "Shop";
    expect((await helloOf({ mask: "inputs" })).title).toBe("Shop");
    closeTab();
    expect(await helloOf({ mask: "text" })).not.toHaveProperty("title");
  });

  test("has the referrer without what may hold anything", async () => {
    Object.defineProperty(document, "referrer", { value: "https://search.example/find?q=canary#canary", configurable: true });
    expect((await helloOf({})).referrer).toBe("https://search.example/find");
    Object.defineProperty(document, "referrer", { value: "", configurable: true });
  });

  test.each([
    ["nothing", {}, ""],
    ["one parameter", { params: "q" }, "?q=k%C3%A4se"],
    ["parameters in the order of the list", { params: "page,q" }, "?page=2&page=3&q=k%C3%A4se"],
    ["parameters with spaces between them", { params: " page, q ,," }, "?page=2&page=3&q=k%C3%A4se"],
    ["a parameter that isn't there", { params: "tok,en" }, ""],
    ["a parameter without a value", { params: "bare" }, "?bare"],
    ["the fragment", { hash: "keep" }, "#/check?out=1"],
    ["a parameter and the fragment", { params: "q", hash: "keep" }, "?q=k%C3%A4se#/check?out=1"],
    ["no fragment for any other word", { hash: "yes" }, ""],
  ])("keeps of the address: %s", async (_, config, kept) => {
    history.replaceState(null, "", "/shop?token=canary&q=k%C3%A4se&page=2&page=3&bare#/check?out=1");
    expect((await helloOf(config)).url).toBe(`${location.origin}/shop${kept}`);
  });

  test("has the key of the session only where the site asks for it and consent was given", async () => {
    expect(await helloOf({})).not.toHaveProperty("session");
    closeTab();
    expect(await helloOf({ storage: "session" })).not.toHaveProperty("session");
    closeTab();
    const sockets = FakeSocket.all.length;
    const mousetrail = await begin({ storage: "session", consent: "required" });
    expect([FakeSocket.all.length, sessionStorage.length]).toEqual([sockets, 0]);
    mousetrail.consent(true);
    FakeSocket.last.open();
    const { session, nonce } = introduced().at(-1)!;
    expect(session).toMatch(/^\d{22,40}$/);
    expect(session).not.toBe(nonce);
    expect(sessionStorage.getItem("mousetrail")).toBe(session);
  });

  test("has the same key in every page view of a tab, until the visitor withdraws", async () => {
    const keys: unknown[] = [];
    for (let load = 0; load < 2; load++) {
      const mousetrail = await begin({ storage: "session", consent: "required" });
      mousetrail.consent(true);
      welcome();
      goTo(`/route-${load}`);
      vi.advanceTimersByTime(POLL_MS);
      keys.push(...introduced().slice(-2).map(({ session }) => session));
      if (load) mousetrail.consent(false);
      else closeTab();
    }
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(4);
    expect(sessionStorage.length).toBe(0);
  });

  test("does without the key where the browser keeps it from us", async () => {
    vi.stubGlobal("sessionStorage", new Proxy({}, { get: () => { throw new Error("SecurityError"); }, set: () => { throw new Error("SecurityError"); } }));
    const mousetrail = await begin({ storage: "session", consent: "required" });
    mousetrail.consent(true);
    FakeSocket.last.open();
    expect(introduced()[0]).not.toHaveProperty("session");
  });

  test("is nothing more once the session was drawn out", async () => {
    await begin({ sample: "0.1" });
    const socket = FakeSocket.last;
    socket.open();
    expect(socket.messages[0]).toMatchObject({ type: "hello", sample: 0.1 });
    socket.say({ type: "nack", n: 0, retry: false, reason: "sample" });
    click();
    goTo("/cart");
    vi.advanceTimersByTime(10 * RECONNECT_MAX_MS);
    window.dispatchEvent(new Event("pagehide"));
    expect([socket.isClosedByUs, sentFrames(), posts.length, FakeSocket.all.length]).toEqual([true, [], 0, 1]);
  });

  test.each([["0.1", 10], ["x", 20], ["", 20], ["4", 40], ["9999", 500]])("is thinned with a tolerance of %s as it can be", async (tolerance, tenths) => {
    await begin({ tolerance });
    welcome();
    click();
    flush();
    expect(sentFrames()[0]!.tolerance).toBe(tenths);
  });
});

describe("a link for one's own visits", () => {
  const goToHash = (hash: string) => {
    history.replaceState(null, "", `/shop${hash}`);
    vi.advanceTimersByTime(POLL_MS);
  };
  let said: unknown[][];
  beforeEach(() => {
    localStorage.clear();
    said = [];
    vi.spyOn(console, "info").mockImplementation((...words) => void said.push(words));
  });
  afterEach(() => localStorage.clear());

  test("turns everything off from then on, says so once, and turns it on again", async () => {
    history.replaceState(null, "", "/shop#mousetrail=off");
    const mousetrail = await begin({ consent: "required" });
    mousetrail.consent(true);
    vi.advanceTimersByTime(3 * POLL_MS);
    goToHash("");
    mousetrail.start();
    expect(FakeSocket.all).toEqual([]);
    expect(localStorage.getItem("mousetrail")).toBe("off");
    goToHash("#mousetrail=on");
    expect(isTracking()).toBe(true);
    expect(localStorage.length).toBe(0);
    expect(said).toEqual([["mousetrail is off in this browser"], ["mousetrail is on in this browser"]]);
  });

  test("ends what is being recorded, and nothing of it is sent any more", async () => {
    await begin();
    welcome();
    click();
    history.replaceState(null, "", "/shop#mousetrail=off");
    dispatchEvent(new Event("hashchange"));
    vi.advanceTimersByTime(1);
    expect(isTracking()).toBe(false);
    expect(sentFrames()).toEqual([]);
  });

  test.each(["#mousetrail=on", "#mousetrail=of", "#mousetrail=", "#other"])("is no other fragment: %s", async (hash) => {
    history.replaceState(null, "", `/shop${hash}`);
    await begin();
    expect(isTracking()).toBe(true);
    expect(localStorage.length).toBe(0);
    expect(said).toEqual([]);
  });
});

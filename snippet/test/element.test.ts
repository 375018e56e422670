// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decode, type DecodedFrame } from "../src/decode";
import { BOX_MS, DESCRIBED_BYTES, FRAME_ELEMENTS } from "../src/config";
import { doubtBoxes, numberOf, stopElements, takeDescribed, type Description } from "../src/element";
import { encode } from "../src/frame";
import { isField, isMasked } from "../src/mask";
import { offsets } from "../src/offset";
import { forgetSelectors, isWordlike, selectorsOf } from "../src/selector";

const pick = (selector: string) => document.querySelector(selector)!;
const read = (described: readonly Description[]) => (described[0] ? (decode(encode([0, 0, 0, 0, 0, 0, 0, 0], described, [])) as DecodedFrame).elements : []);
const describeNow = () => read(takeDescribed(true));
/** The description of the first element that got a number; those of what it stands in come before it. */
const describeFirst = () => describeNow().find(({ number }) => number === 1);
/** Gives an element a box in the window. */
let boxes = new WeakMap<Element, DOMRect>();
const place = (element: Element, left: number, top: number, width: number, height: number) => void boxes.set(element, { left, top, width, height } as DOMRect);
let nowMs = 0;

beforeEach(() => {
  forgetSelectors();
  boxes = new WeakMap();
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockImplementation(function (this: Element) {
    return boxes.get(this) ?? ({ left: 0, top: 0, width: 0, height: 0 } as DOMRect);
  });
  nowMs += 10_000;
  vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  document.body.innerHTML = `
    <header style="position: fixed"><nav><a href="/secret?token=canary">Home</a></nav></header>
    <main>
      <div class="css-1x2y3z"><p>canary text</p><p>another <b class="price">canary</b></p></div>
      <form><input name="email" type="email" value="canary@canary.example" placeholder="canary"><textarea>canary</textarea></form>
      <button id="buy" title="canary" aria-label="canary" data-note="canary">Buy now</button>
      <ul><li>one</li><li>two</li><li><img alt="canary" src="data:,"></li></ul>
    </main>`;
});
afterEach(() => {
  stopElements();
  offsets.delete(window);
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("an element", () => {
  test("keeps its number, and is described once", () => {
    expect([numberOf(pick("#buy")), numberOf(pick("img")), numberOf(pick("#buy"))]).toEqual([1, 2, 1]);
    expect(describeNow().map(({ number, tag }) => [number, tag])).toEqual(expect.arrayContaining([[1, "button"], [2, "img"]]));
    numberOf(pick("#buy"));
    expect(describeNow()).toEqual([]);
  });

  test("is nothing when it is no element", () => {
    expect([numberOf(null), numberOf(document), numberOf(window)]).toEqual([0, 0, 0]);
  });

  test("is described with the structure that it stands in", () => {
    numberOf(pick("b"));
    const described = describeNow();
    const parents = Object.fromEntries(described.map(({ tag, parent }) => [tag, described.find(({ number }) => number === parent)?.tag]));
    expect(parents).toEqual({ b: "p", p: "main", main: undefined });
    expect(described.map(({ tag }) => tag)).toEqual(["main", "p", "b"]);
    // What is known already is part of it, too.
    numberOf(pick("div"));
    describeNow();
    const other = pick("div").appendChild(document.createElement("i"));
    numberOf(other);
    expect(describeNow()).toMatchObject([{ tag: "i", parent: 4 }]);
  });

  test("is fixed or sticky when an ancestor is; what else it is, its tag tells", () => {
    pick("ul").setAttribute("style", "position: sticky");
    ["a", "#buy", "img", "p"].forEach((selector) => numberOf(pick(selector)));
    const flags = Object.fromEntries(describeNow().map(({ tag, flags }) => [tag, flags]));
    expect(flags).toMatchObject({ a: 1, button: 0, img: 2, p: 0 });
  });

  test("gives its place in the document", () => {
    const button = pick("#buy");
    place(button, 10.4, -20.6, 120.5, 40);
    vi.stubGlobal("scrollY", 500);
    numberOf(button);
    expect(describeFirst()).toMatchObject({ x: 10, y: 479, w: 121, h: 40 });
  });

  test("in a frame gives its place in the document of the page", () => {
    vi.stubGlobal("scrollY", 500);
    const button = pick("#buy");
    place(button, 10, 20, 30, 40);
    offsets.set(window, [100, 1_000]);
    numberOf(button);
    expect(describeFirst()).toMatchObject({ x: 110, y: 1_020, w: 30, h: 40 });
  });

  test("with a box that no wire carries is clamped", () => {
    place(pick("#buy"), -3e6, 4e6, 5e6, 1e9);
    numberOf(pick("#buy"));
    expect(describeFirst()).toMatchObject({ x: -1_000_000, y: 1_000_000, w: 1_000_000, h: 1_000_000 });
  });

  test("is described again with the same number when its box has changed, and only then", () => {
    const button = pick("#buy");
    numberOf(button);
    describeNow();
    numberOf(button);
    expect(describeNow()).toEqual([]);
    place(button, 1, 2, 3, 4);
    nowMs += BOX_MS;
    numberOf(button);
    expect(describeNow()).toMatchObject([{ tag: "button", number: 1, x: 1, y: 2, w: 3, h: 4 }]);
    nowMs += BOX_MS;
    numberOf(button);
    expect(describeNow()).toEqual([]);
  });

  test("is measured again when something moved, and once a second otherwise", () => {
    const button = pick("#buy");
    const measured = () => vi.mocked(Element.prototype.getBoundingClientRect).mock.contexts.filter((element) => element === button).length;
    const use = () => {
      numberOf(button);
      describeNow();
      return measured();
    };
    expect([use(), use()]).toEqual([1, 1]);
    nowMs += BOX_MS - 1;
    expect(use()).toBe(1);
    nowMs += 1;
    expect([use(), use()]).toEqual([2, 2]);
    nowMs += 5;
    doubtBoxes();
    nowMs += 5;
    expect([use(), use()]).toEqual([3, 3]);
  });

  test("is left for the next frame when there are too many, or they are too long", () => {
    document.body.innerHTML = "<p>x</p>".repeat(FRAME_ELEMENTS + 5);
    document.querySelectorAll("p").forEach(numberOf);
    const [first, second, third] = [takeDescribed(true), takeDescribed(), takeDescribed()];
    expect([first.length, third.length]).toEqual([FRAME_ELEMENTS, 0]);
    expect(first.length + second.length).toBeGreaterThanOrEqual(FRAME_ELEMENTS + 5);

    document.body.innerHTML = `<section id=${"abe".repeat(70)}>${"<p>x</p>".repeat(200)}</section>`;
    document.querySelectorAll("p").forEach(numberOf);
    const parts: (readonly Description[])[] = [takeDescribed(true)];
    while (parts.at(-1)!.length) parts.push(takeDescribed());
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) expect(part.flat().length).toBeLessThanOrEqual(DESCRIBED_BYTES);
    expect(parts.flat().length).toBeGreaterThanOrEqual(200);
  });

  test("that can't be described keeps no other from it", () => {
    numberOf(pick("#buy"));
    numberOf(pick("img"));
    vi.mocked(Element.prototype.getBoundingClientRect).mockImplementationOnce(() => {
      throw new Error("gone");
    });
    expect(describeNow().map(({ tag }) => tag)).toContain("img");
  });

  test("begins with number 1 again in the next page view", () => {
    numberOf(pick("img"));
    numberOf(pick("#buy"));
    stopElements();
    expect(numberOf(pick("#buy"))).toBe(1);
    expect(describeNow().map(({ tag }) => tag)).toEqual(expect.arrayContaining(["button", "main"]));
  });

  test("keeps a role or type that is a word, and no other", () => {
    pick("#buy").setAttribute("role", "tab");
    pick("ul").setAttribute("role", "canary@canary.example");
    ["#buy", "ul", "input"].forEach((selector) => numberOf(pick(selector)));
    expect(Object.fromEntries(describeNow().map(({ tag, role }) => [tag, role]))).toMatchObject({ button: "tab", ul: "", input: "email" });
  });

  test("tells the length of its text and nothing of the text, not even the length of what was typed", () => {
    document.querySelectorAll("*").forEach(numberOf);
    const described = describeNow();
    expect(described.length).toBeGreaterThan(15);
    expect(JSON.stringify(described)).not.toContain("canary");
    const lengths = Object.fromEntries(described.map(({ tag, text_length }) => [tag, text_length]));
    expect(lengths).toMatchObject({ button: 7, b: 6, input: 0, textarea: 0 });
    expect(described.find(({ tag }) => tag === "input")).toMatchObject({ role: "email" });
  });

  test("is described in an idle moment, so that a pointer listener needs no layout", async () => {
    const button = pick("#buy");
    const measure = vi.mocked(Element.prototype.getBoundingClientRect);
    numberOf(button);
    expect(measure).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(takeDescribed().length).toBeGreaterThan(0));
  });

  test("waits for an idle moment where the browser has such moments, at most a second", () => {
    const tasks: (() => void)[] = [];
    const requestIdle = vi.fn((task: () => void) => tasks.push(task));
    vi.stubGlobal("requestIdleCallback", requestIdle);
    numberOf(pick("#buy"));
    expect(requestIdle).toHaveBeenCalledWith(expect.any(Function), { timeout: 1_000 });
    expect(takeDescribed()).toEqual([]);
    tasks.forEach((task) => task());
    expect(takeDescribed().length).toBeGreaterThan(0);
  });
});

describe("an element with secrets", () => {
  const FIELDS = `
    <input type="password" id="secret-word" name="secret-word" class="secret" value="canary">
    <input autocomplete="cc-number" id="card" value="canary"><input autocomplete="billing cc-csc" id="code" value="canary">
    <div data-mt-mask><p id="inside" class="canary">canary <b id="deep">canary</b></p></div>`;
  const SECRETS = ["[type=password]", "#card", "#code", "[data-mt-mask]", "#inside", "#deep"];

  test.each(SECRETS)("is masked: %s", (selector) => {
    document.body.innerHTML = FIELDS;
    const element = pick(selector);
    expect(isMasked(element)).toBe(true);
    numberOf(element);
    const description = describeFirst();
    expect(description).toMatchObject({ text_length: 0, role: element.matches("input") ? element.getAttribute("type") ?? "text" : "", selectors: [expect.stringMatching(/^html > body( > (div|p|b|input(:nth-of-type\(\d\))?))+$/)] });
    expect([...document.querySelectorAll(description!.selectors[0]!)]).toEqual([element]);
  });

  test("has no role from its attributes", () => {
    document.body.innerHTML = "<main data-mt-mask role=tablist><p role=tab>canary</p></main>";
    numberOf(pick("p"));
    expect(describeNow().map(({ tag, role }) => [tag, role])).toEqual(expect.arrayContaining([["main", ""], ["p", ""]]));
  });

  test("hides what stands in its shadow root, too", () => {
    document.body.innerHTML = "<section data-mt-mask></section>";
    const root = pick("section").attachShadow({ mode: "open" });
    root.innerHTML = "<p id=inside>canary</p>";
    const inside = root.querySelector("p")!;
    expect(isMasked(inside)).toBe(true);
    expect(selectorsOf(inside)).toEqual(["html > body > section >>> p"]);
  });

  test("keeps its secret when it shows it: the button beside it turns it into text", () => {
    document.body.innerHTML = "<input type=password>";
    const field = pick("input");
    expect(isMasked(field)).toBe(true);
    field.setAttribute("type", "text");
    expect(isMasked(field)).toBe(true);
  });

  test.each(["name=cardnumber", "id=cvc", "placeholder='Your password'", "data-kind=IBAN"])("may say so in any attribute: %s", (attribute) => {
    document.body.innerHTML = `<input ${attribute}>`;
    expect([isMasked(pick("input")), isField(pick("input"))]).toEqual([true, true]);
  });

  test("doesn't hide its neighbours", () => {
    document.body.innerHTML = FIELDS + "<input type=text name=email><p class=open>text</p>";
    expect([pick("[name=email]"), pick(".open")].map(isMasked)).toEqual([false, false]);
  });

  test("has no length where people type", () => {
    document.body.innerHTML = "<div contenteditable=true>canary</div><select><option>canary</option></select><textarea>canary</textarea>";
    ["div", "select", "textarea"].forEach((tag) => numberOf(pick(tag)));
    expect(describeNow().filter(({ tag }) => tag !== "body").map(({ tag, text_length }) => [tag, text_length])).toEqual([["div", 0], ["select", 0], ["textarea", 0]]);
  });
});

describe("a selector", () => {
  test("finds the very element, for every element of a page", () => {
    for (const element of document.querySelectorAll("*")) {
      const [selector] = selectorsOf(element);
      expect([...document.querySelectorAll(selector!)], selector).toEqual([element]);
    }
  });

  test("prefers names that people gave over the way there, which comes last", () => {
    expect(selectorsOf(pick("#buy"))).toEqual(["#buy", "html > body > main > button"]);
    expect(selectorsOf(pick("input"))).toEqual(["[name=email]", "html > body > main > form > input"]);
    expect(selectorsOf(pick("b"))).toEqual([".price", "html > body > main > div > p:nth-of-type(2) > b"]);
    expect(selectorsOf(pick("li:nth-of-type(2)"))).toEqual(["html > body > main > ul > li:nth-of-type(2)"]);
  });

  test("has up to three candidates: by its own name, by the name above, and by its place", () => {
    document.body.innerHTML = "<main id=shop><section class=offer><ul><li>a</li><li class=best><b id=price>1</b></li></ul></section></main>";
    const place = "html > body > main > section > ul > li:nth-of-type(2)";
    expect(selectorsOf(pick("#price"))).toEqual(["#price", ".best > b", `${place} > b`]);
    expect(selectorsOf(pick(".best"))).toEqual([".best", ".offer > ul > li:nth-of-type(2)", place]);
    expect(selectorsOf(pick("ul"))).toEqual([".offer > ul", "#shop > section > ul", "html > body > main > section > ul"]);
    for (const element of document.body.querySelectorAll("*")) {
      for (const selector of selectorsOf(element)) expect([...document.querySelectorAll(selector)], selector).toEqual([element]);
    }
  });

  test("takes an id before an attribute that names, that before a class, and each only where it finds one element", () => {
    document.body.innerHTML = "<p id=one data-testid=two name=three class=four></p><p data-testid=five class=six></p><p data-mt-name=seven data-cy=eight></p><i class='nine ten'></i><i class=nine></i>";
    expect([...document.querySelectorAll("p, i")].map((element) => selectorsOf(element)[0])).toEqual([
      "#one", "[data-testid=five]", "[data-mt-name=seven]", ".ten", "html > body > i:nth-of-type(2)",
    ]);
  });

  test("tells no value of an attribute that people write", () => {
    document.body.innerHTML = "<a href=/canary title=canary aria-label=canary data-note=canary alt=canary>x</a><a name='j.canary@canary.example'>y</a>";
    for (const link of document.querySelectorAll("a")) expect(selectorsOf(link).join()).not.toContain("canary");
  });

  test("is left out when it is longer than anybody has use for", () => {
    document.body.innerHTML = `<main id=shop>${"<div>".repeat(60)}<p id=deep></p>`;
    expect(selectorsOf(pick("#deep"))).toEqual(["#deep"]);
    expect(selectorsOf(pick("#deep").parentElement!)).toEqual([]);
  });

  test("goes through shadow roots, with the host's before it", () => {
    document.body.innerHTML = "<my-shop id=shop></my-shop>";
    const outer = pick("my-shop").attachShadow({ mode: "open" });
    outer.innerHTML = "<my-cart><slot></slot></my-cart><button class=buy>Buy</button>";
    const inner = outer.querySelector("my-cart")!.attachShadow({ mode: "open" });
    inner.innerHTML = "<p>1</p><p>2</p>";
    expect(selectorsOf(outer.querySelector("button")!)).toEqual(["#shop >>> .buy", "#shop >>> button"]);
    expect(selectorsOf(inner.querySelectorAll("p")[1]!)).toEqual(["#shop >>> my-cart >>> p:nth-of-type(2)"]);
  });

  test("goes through the frame of a document", () => {
    document.body.innerHTML = "<object id=demo></object>";
    const inner = document.implementation.createHTMLDocument();
    inner.body.innerHTML = "<button id=buy>Buy</button>";
    Object.defineProperty(inner, "defaultView", { value: { frameElement: pick("object") } });
    expect(selectorsOf(inner.querySelector("button")!)).toEqual(["#demo >>> #buy", "#demo >>> html > body > button"]);
  });

  test("does without for what is not in the document", () => {
    const gone = pick("#buy");
    gone.remove();
    expect(selectorsOf(gone)).toEqual([]);
  });

  test.each(["buy", "main-nav", "block__element--large", "searchBox", "style"])("takes %s for a name that somebody gave", (name) => {
    expect(isWordlike(name)).toBe(true);
  });

  test.each(["", "css-1x2y3z", "sc-bdVaJa", "Button_root__3kLmN", "jkqwzxv", "item7", "a b", "1st", "ember\"]"])("doesn't take %j for one", (name) => {
    expect(isWordlike(name)).toBe(false);
  });
});

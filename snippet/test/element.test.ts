// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { numberOf, stopElements, takeDescribed } from "../src/element";
import { isWordlike, selectorsOf } from "../src/selector";

const pick = (selector: string) => document.querySelector(selector)!;
const describeNow = () => {
  const described = [];
  for (let more; (more = takeDescribed(99, true)).length; ) described.push(...more);
  return described;
};

beforeEach(() => {
  document.body.innerHTML = `
    <header style="position: fixed"><nav><a href="/secret?token=canary">Home</a></nav></header>
    <main>
      <div class="css-1x2y3z"><p>canary text</p><p>another <b class="price">canary</b></p></div>
      <form><input name="email" type="email" value="canary@canary.example" placeholder="canary"><textarea>canary</textarea></form>
      <button id="buy" title="canary" aria-label="canary" data-note="canary">Buy now</button>
      <ul><li>one</li><li>two</li><li><img alt="canary" src="data:,"></li></ul>
    </main>`;
});
afterEach(() => stopElements());

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
    expect(parents).toEqual({ b: "main", main: undefined });
  });

  test("is fixed when an ancestor is, interactive when it can be used, an image when it is one", () => {
    ["a", "#buy", "img", "p"].forEach((selector) => numberOf(pick(selector)));
    const flags = Object.fromEntries(describeNow().map(({ tag, flags }) => [tag, flags]));
    expect(flags).toMatchObject({ a: 1 | 4, button: 4, img: 8, p: 0 });
  });

  test("gives its place in the document", () => {
    const button = pick("#buy");
    button.getBoundingClientRect = () => ({ x: 10.4, y: -20.6, width: 120.5, height: 40 }) as DOMRect;
    vi.stubGlobal("scrollY", 500);
    numberOf(button);
    expect(describeNow()[0]).toMatchObject({ x: 10, y: 479, w: 121, h: 40 });
    vi.unstubAllGlobals();
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
    const measure = vi.spyOn(button, "getBoundingClientRect");
    numberOf(button);
    expect(measure).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(takeDescribed(9).length).toBeGreaterThan(0));
  });
});

describe("a selector", () => {
  test("finds the very element, for every element of a page", () => {
    for (const element of document.querySelectorAll("*")) {
      const [selector] = selectorsOf(element);
      expect([...document.querySelectorAll(selector!)], selector).toEqual([element]);
    }
  });

  test("prefers names that people gave over the way there", () => {
    expect(selectorsOf(pick("#buy"))).toEqual(["#buy"]);
    expect(selectorsOf(pick("input"))).toEqual(["[name=email]"]);
    expect(selectorsOf(pick("b"))).toEqual([".price"]);
    expect(selectorsOf(pick("li:nth-of-type(2)"))).toEqual(["li:nth-of-type(2)"]);
    expect(selectorsOf(pick("p"))).toEqual(["p:nth-of-type(1)"]);
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

// @vitest-environment happy-dom
import { beforeAll, expect, test } from "vitest";

const key = (key: string, more: KeyboardEventInit = {}, on: EventTarget = document.body) =>
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
const selected = () => [...document.querySelectorAll("tbody tr")].findIndex((row) => row.classList.contains("sel"));

beforeAll(async () => {
  const row = (n: number) => `<tr><td><a class="go" href="/sites/1/sessions/${n}">${n}</a></td></tr>`;
  document.body.innerHTML = `
    <details class="menu"><summary>Sites</summary><a href="/sites">All</a></details>
    <input id="field"><time datetime="2019-03-04T05:06:07Z" data-local>4 Mar 2019 05:06</time><time data-local datetime="nonsense">x</time>
    <span data-zone>Times in UTC</span>
    <table class="list cards"><tbody>${[1, 2, 3].map(row).join("")}</tbody></table>`;
  Element.prototype.scrollIntoView = () => {};
  await import("../page");
});

test("J and K move through the list and stop at its ends, and the link of the row has the focus", () => {
  expect(selected()).toBe(-1);
  for (const [pressed, row] of [["j", 0], ["j", 1], ["j", 2], ["j", 2], ["k", 1], ["k", 0], ["k", 0]] as const) {
    key(pressed);
    expect(selected()).toBe(row);
    expect(document.activeElement?.textContent).toBe(String(row + 1));
  }
});

test("in a field, or with a modifier, they are letters", () => {
  key("j", {}, document.getElementById("field")!);
  key("j", { ctrlKey: true });
  key("x");
  expect(selected()).toBe(0);
});

test("a menu closes on Escape and gives the focus back, and on a click beside it", () => {
  const menu = document.querySelector("details")!;
  menu.open = true;
  key("Escape");
  expect(menu.open).toBe(false);
  expect(document.activeElement?.tagName).toBe("SUMMARY");
  menu.open = true;
  menu.querySelector("a")!.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  expect(menu.open).toBe(true);
  document.body.click();
  expect(menu.open).toBe(false);
});

test("times stand in the reader's zone, and what is no time stays", () => {
  const [time, nonsense] = document.querySelectorAll("time");
  expect(time!.textContent).toMatch(/^\d{1,2} Mar 2019 \d\d:\d\d$/);
  expect(nonsense!.textContent).toBe("x");
  expect(document.querySelector("[data-zone]")!.textContent).toBe(`Times in ${Intl.DateTimeFormat().resolvedOptions().timeZone}`);
});

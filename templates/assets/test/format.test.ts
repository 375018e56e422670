import { expect, test } from "vitest";
import { clock, moment, number, percent, short, span, tenths } from "../lib/format";

test.each([
  [0, "0:00"],
  [59_999, "0:59"],
  [84_500, "1:24"],
  [3_852_000, "1:04:12"],
  [-5, "0:00"],
])("%i ms on the clock is %s", (ms, text) => expect(clock(ms)).toBe(text));

test("tenths are cut, not rounded: the clock never runs ahead", () => {
  expect([0, 99, 100, 59_999, 3_600_050].map(tenths)).toEqual(["0:00.0", "0:00.0", "0:00.1", "0:59.9", "1:00:00.0"]);
});

test("a span is said in its largest sensible unit", () => {
  expect([400, 14_400, 119_400, 119_600, 3_540_000, 4_800_000].map(span)).toEqual(["0 s", "14 s", "119 s", "2 min", "59 min", "1 h 20 min"]);
});

test("numbers have separators, and short ones two digits that count", () => {
  expect([0, 999.6, 1_234_567].map(number)).toEqual(["0", "1,000", "1,234,567"]);
  expect([0, 0.012_34, 1.26, 9.96, 99.4, 130.4, 12_345].map(short)).toEqual(["0", "0.012", "1.3", "10", "99", "130", "12,345"]);
});

test("a share of nothing is a dash, and a little is not nothing", () => {
  expect([percent(0, 0), percent(0, 7), percent(1, 5_000), percent(1, 3), percent(7, 7)]).toEqual(["–", "0.0 %", "< 0.1 %", "33.3 %", "100.0 %"]);
});

test("a moment has no more of a date than it needs", () => {
  const now = new Date();
  expect(moment(now)).toMatch(/^\d\d:\d\d$/);
  expect(moment(now, true)).toMatch(/^\d\d:\d\d:\d\d$/);
  expect(moment(new Date(2019, 0, 5, 7, 8))).toBe("5 Jan 2019 07:08");
});

import { expect, test } from "vitest";
import type { ElementRow } from "../lib/answer";
import { COLUMNS, sorted } from "../lib/kinds";
import { smallestAt } from "../lib/map";
import { look } from "../lib/settings";
import type { WireElement } from "../lib/wire";

const row = (id: number, of: Partial<ElementRow> = {}): ElementRow => ({ id, label: "", selector: "", placed: true, views: 10, attention_ms: 0, hovers: 0, hover_ms: 0, clicked_hovers: 0, hesitation_ms: 0, clicks: 0, rage: 0, dead: 0, clicked_views: 0, first_click_ms: 0, ...of });
const rows = [row(1, { clicks: 3 }), row(2, { clicks: 9, clicked_views: 2, first_click_ms: 5_000 }), row(3, { clicks: 3, clicked_views: 4, first_click_ms: 8_000 })];
const ids = (of: ElementRow[]) => of.map(({ id }) => id);
const name = ({ id }: ElementRow) => ["", "Buy", "about", "Cart"][id]!;

test("rows are sorted by every column, both ways, and equal ones keep their order", () => {
  expect(ids(sorted(rows, "clicks", true, name))).toEqual([2, 1, 3]);
  expect(ids(sorted(rows, "clicks", false, name))).toEqual([1, 3, 2]);
  expect(ids(sorted(rows, "element", false, name))).toEqual([2, 1, 3]);
});

test("what has no value comes last either way", () => {
  expect(ids(sorted(rows, "first", true, name))).toEqual([2, 3, 1]);
  expect(ids(sorted(rows, "first", false, name))).toEqual([3, 2, 1]);
});

test("means are of what they are means of", () => {
  const say = (key: string, of: Partial<ElementRow>) => COLUMNS.find((column) => column.key === key)!.say(row(1, of));
  expect(say("attention", { attention_ms: 25_000 })).toBe("2.5 s");
  expect(say("rate", { hovers: 8, clicked_hovers: 2 })).toBe("25.0 %");
  expect(say("rate", {})).toBe("–");
  expect(say("hesitation", { clicked_hovers: 4, hesitation_ms: 2_600 })).toBe("0.65 s");
  expect(say("first", { clicked_views: 2, first_click_ms: 260_000 })).toBe("2 min");
});

test("the element at a place is the smallest one there", () => {
  const element = (id: number, rect: [number, number, number, number]) => ({ id, rect }) as WireElement;
  const elements = [element(1, [0, 0, 100, 100]), element(2, [10, 10, 20, 20]), element(3, [0, 0, 50, 50])];
  expect([smallestAt(elements, 15, 15)?.id, smallestAt(elements, 45, 45)?.id, smallestAt(elements, 99, 99)?.id, smallestAt(elements, 101, 5)?.id]).toEqual([2, 3, 1, undefined]);
});

test("the look of the address is taken where it makes sense", () => {
  expect(look(new URLSearchParams("scale=percentile&palette=cividis&smooth=32&opacity=0"), "click")).toEqual({ how: "percentile", palette: "cividis", smooth: 32, opacity: 0 });
  expect(look(new URLSearchParams("scale=x&palette=&smooth=17&opacity=101"), "click")).toEqual({ how: "log", palette: "inferno", smooth: 16, opacity: 85 });
  expect(look(new URLSearchParams(), "reach").how).toBe("linear");
});

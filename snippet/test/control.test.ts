import { expect, test } from "vitest";
import vectors from "../../tests/fixtures/wire/control.json";
import { readControl } from "./control";
import type { ControlVector } from "./wire";

test("there are enough control vectors", () => {
  expect(vectors.length).toBeGreaterThanOrEqual(30);
});

test.each(vectors as ControlVector[])("a control message reads as it should: $name", ({ direction, text, message, error }) => {
  expect(readControl(direction, text)).toEqual(error ?? message);
});

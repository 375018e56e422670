import { beforeEach, expect, test } from "vitest";
import { frames, heldBytes, hold, settle, stopBuffer } from "../src/buffer";
import { createPage } from "./view";

const page = createPage(0);
const seqs = () => frames.map(({ seq }) => seq);

beforeEach(() => {
  stopBuffer();
  for (let seq = 1; seq <= 4; seq++) hold({ page, seq, bytes: new Uint8Array(10 * seq) });
});

test("frames are held in the order in which they were cut, and weighed", () => {
  expect(seqs()).toEqual([1, 2, 3, 4]);
  expect(heldBytes).toBe(100);
});

test("what is settled is let go, and nothing else", () => {
  settle(({ seq }) => seq <= 2);
  expect(seqs()).toEqual([3, 4]);
  settle(({ seq }) => seq === 4);
  expect(seqs()).toEqual([3]);
  expect(heldBytes).toBe(30);
});

test("settling twice changes nothing", () => {
  settle(({ seq }) => seq <= 2);
  settle(({ seq }) => seq <= 2);
  expect(heldBytes).toBe(70);
});

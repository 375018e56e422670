import type { PageView } from "../src/page";

/** A page view that began now, without a browser. */
export function createPage(n: number): PageView {
  const url = "https://shop.example/";
  return { n, beganMs: Math.round(performance.now()), url, about: { n, nonce: "0123456789012345678901234567890123456789", url }, seq: 0 };
}

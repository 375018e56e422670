import type { PageView } from "../src/page";

/** A page view that began now, without a browser: measured already. */
export function createPage(n: number): PageView {
  const url = "https://shop.example/";
  const about = { n, nonce: "0123456789012345678901234567890123456789", url, screen: [1_920, 1_080] };
  return { n, beganMs: Math.round(performance.now()), url, root: null as unknown as Element, about, seq: 0 };
}

import type { PageView } from "../src/page";

/** A page view that began now, without a browser. */
export function createPage(n: number): PageView {
  return { n, beganMs: performance.now(), about: { n, nonce: "AAECAwQFBgcICQoLDA0ODw", url: "https://shop.example/" }, seq: 0 };
}

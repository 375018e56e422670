// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Config } from "../src/config";
import type { Mousetrail, Options } from "../src/index";

/** What the parts underneath were told: the site, the call, its arguments. */
let told: unknown[][];
let configs: Config[];

vi.mock("../src/mousetrail", () => ({
  createMousetrail(config: Config) {
    configs.push(config);
    return new Proxy({}, { get: (_, name) => (...args: unknown[]) => void told.push([config.site, name, ...args]) });
  },
}));

let create: (options?: Partial<Options>) => Mousetrail;

beforeEach(async () => {
  told = [];
  configs = [];
  vi.resetModules();
  const { createMousetrail } = await import("../src/index");
  create = (options) => createMousetrail({ site: "a", collector: "/v1", ...options });
});
afterEach(() => vi.unstubAllGlobals());

/** The page's own code has run to its end. */
const settle = () => Promise.resolve();

describe("the package", () => {
  test("hands its options on, with the collector's address made whole", async () => {
    create({ collector: "mouse/v1/", consent: "required", sample: 0.5, tolerance: 4, respectDnt: false, params: ["q", "page"], mask: "inputs" }).start();
    create({ site: "b", collector: "https://mouse.example.com/v1" }).start();
    await settle();
    expect(configs).toEqual([
      {
        site: "a", collector: new URL("mouse/v1", location.href).href, consent: "required", sample: "0.5", tolerance: "4", respectDnt: "false",
        params: "q,page", mask: "inputs",
      },
      { site: "b", collector: "https://mouse.example.com/v1" },
    ]);
  });

  test("starts once when it is started, stopped and started again in one go, and says once what was said in it", async () => {
    const mousetrail = create();
    for (const isAgain of [false, true]) {
      mousetrail.tag("variant", "B");
      mousetrail.start();
      if (!isAgain) mousetrail.stop();
    }
    expect(told).toEqual([]);
    await settle();
    expect(told).toEqual([["a", "start"], ["a", "tag", "variant", "B"]]);
  });

  test("does nothing when it is stopped before it started", async () => {
    const mousetrail = create();
    mousetrail.start();
    mousetrail.stop();
    await settle();
    expect(told).toEqual([]);
  });

  test("keeps the visitor's word over a stop in the same go", async () => {
    const mousetrail = create({ consent: "required" });
    mousetrail.consent(true);
    mousetrail.stop();
    mousetrail.start();
    await settle();
    expect(told).toEqual([["a", "consent", true], ["a", "start"]]);
  });

  test("hands calls on at once while it runs", async () => {
    const mousetrail = create();
    mousetrail.start();
    await settle();
    told = [];
    mousetrail.identify("customer-7");
    mousetrail.event("add to cart", { product: 7 });
    mousetrail.consent(true);
    mousetrail.stop();
    mousetrail.stop();
    expect(told).toEqual([["a", "identify", "customer-7"], ["a", "event", "add to cart", { product: 7 }], ["a", "consent", true], ["a", "stop"]]);
  });

  test("passes a withdrawal on at once, whether it runs or not, and forgets what waited", async () => {
    const mousetrail = create();
    mousetrail.event("early");
    mousetrail.start();
    mousetrail.consent(false, true);
    expect(told).toEqual([["a", "consent", false, true]]);
    await settle();
    expect(told.slice(1)).toEqual([["a", "start"]]);
  });

  test("stops the one that ran before", async () => {
    const first = create();
    first.start();
    await settle();
    const second = create({ site: "b" });
    second.start();
    await settle();
    first.event("late");
    expect(told).toEqual([["a", "start"], ["a", "stop"], ["b", "start"]]);
  });

  test("holds no more than a hundred calls before the start", async () => {
    const mousetrail = create();
    for (let i = 0; i < 200; i++) mousetrail.event(`event ${i}`);
    mousetrail.start();
    await settle();
    expect(told.length).toBe(101);
  });

  test("does nothing where there is no document", async () => {
    vi.stubGlobal("document", undefined);
    const mousetrail = create();
    mousetrail.tag("variant", "B");
    mousetrail.consent(true);
    mousetrail.start();
    mousetrail.consent(false, true);
    await settle();
    mousetrail.stop();
    expect(configs).toEqual([]);
  });
});

/** The entry of the script tag. */
import { quiet } from "./bind";
import type { Config } from "./config";
import { createMousetrail, type Mousetrail } from "./mousetrail";

quiet(() => {
  const page = window as Window & { mousetrail?: Mousetrail | [name: keyof Mousetrail, ...args: never[]][] };
  const queue = page.mousetrail;
  const script = document.currentScript as HTMLScriptElement | null;
  // A tag that stands in the page twice counts once.
  if ((queue && !Array.isArray(queue)) || !script?.dataset.site) return;
  const { collector } = script.dataset;
  const mousetrail = page.mousetrail = createMousetrail({
    ...(script.dataset as Partial<Config> & { site: string }),
    collector: new URL(collector ?? "v1", collector ? location.href : script.src).href.replace(/\/+$/, ""),
  });
  // What the page called before there was anybody to listen. It may be a refusal, so it comes first.
  queue?.forEach(quiet(([name, ...args]) => (mousetrail[name] as (...args: never[]) => void)(...args)));
  mousetrail.start();
})();

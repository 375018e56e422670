// The figures of the snippet, each beside those of the others, as Markdown.
//
//   npm run bench                    everything
//   npm run bench -- size wire       some parts of it
//   MOUSETRAIL_BALABIT=DIR           where the Balabit data is (or DIR as an argument); what needs it is skipped where it isn't
//   CHROMIUM=FILE                    which browser
import { cpus, loadavg } from "node:os";
import { startChromium } from "../../tests/browser/chromium.mjs";
import { readBalabit } from "./balabit.mjs";
import { benchCost } from "./cost.mjs";
import { benchFidelity } from "./fidelity.mjs";
import { benchLoad } from "./load.mjs";
import { benchMemory } from "./memory.mjs";
import { readScripts } from "./peers.mjs";
import { startShop } from "./shop.mjs";
import { benchSize } from "./size.mjs";
import { benchThin } from "./thin.mjs";
import { benchWire } from "./wire.mjs";

const PARTS = {
  size: async () => benchSize(await scripts()),
  thin: () => benchThin(sessions()),
  wire: () => benchWire(sessions()),
  fidelity: () => benchFidelity(sessions()),
  load: () => inBrowser(benchLoad),
  cost: () => inBrowser(benchCost),
  memory: () => inBrowser(benchMemory),
};

const once = (read) => {
  let value;
  return () => (value ??= read());
};
const inBrowser = async (measure) => {
  const all = await scripts();
  const shop = await startShop(all);
  const browser = await startChromium();
  try {
    await measure(browser, shop, all);
  } finally {
    await browser.close();
    shop.close();
  }
};
const words = process.argv.slice(2);
const asked = words.filter((word) => word in PARTS);
const [directory = process.env.MOUSETRAIL_BALABIT ?? "../shared/data/balabit"] = words.filter((word) => !(word in PARTS));
const scripts = once(readScripts);
const sessions = once(() => readBalabit(directory));

// Figures of the browser depend on the machine, and on who else is busy on it.
console.log(`Machine: ${cpus().length} processors, load ${loadavg()[0].toFixed(1)} when the bench began.`);
for (const part of asked.length ? asked : Object.keys(PARTS)) await PARTS[part]();

// What a page has to load.
import { gzipSync } from "node:zlib";
import { heading, table, verdict } from "./table.mjs";

const TARGET_BYTES = 6 * 1_024;

export function benchSize(scripts) {
  heading("Size");
  const weigh = ({ code }) => gzipSync(code, { level: 9 }).length;
  const ours = weigh(scripts[0]);
  table([
    ["script", "bytes", "gzip -9", "times ours", `target ${TARGET_BYTES}`],
    ...scripts.map((script, i) => [script.name, script.code.length, weigh(script), (weigh(script) / ours).toFixed(1), i ? "" : verdict(ours <= TARGET_BYTES)]),
  ]);
}

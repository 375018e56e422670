// Writes random frames to stdout, one JSON object a line: the bytes as the snippet makes them and what they mean. `node … SEED COUNT`.
import { once } from "node:events";
import { makeRandom } from "./fixtures";

const [seed, count] = process.argv.slice(-2).map(Number);
// One after the other, as fast as the reader takes them.
for (const vector of makeRandom(seed, count)) {
  if (!process.stdout.write(`${JSON.stringify(vector)}\n`)) await once(process.stdout, "drain");
}

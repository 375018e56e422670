// Writes tests/fixtures/wire again: `npm run fixtures`. One vector a line, so that a change shows in the diff.
import { mkdirSync, writeFileSync } from "node:fs";
import { makeControl } from "./control_fixtures";
import { makeFrames, makeInvalid } from "./fixtures";

const directory = "tests/fixtures/wire";
mkdirSync(directory, { recursive: true });
for (const [name, vectors] of Object.entries({ frames: makeFrames(), invalid: makeInvalid(), control: makeControl() })) {
  const lines = vectors.map((vector) => JSON.stringify(vector));
  writeFileSync(`${directory}/${name}.json`, `[\n${lines.join(",\n")}\n]\n`);
  console.log(`${name}.json: ${vectors.length} vectors`);
}

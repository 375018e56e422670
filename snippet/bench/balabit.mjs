// Real mouse movement: ten sessions of the Balabit data set, which is not part of this project. MOUSETRAIL_BALABIT says where it is.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { Kind } from "../src/frame";

const BUTTONS = { Pressed: Kind.Down, Released: Kind.Up };

/** The sessions, or nothing (and a word about it) where the data isn't there. */
export function readBalabit(directory) {
  if (!existsSync(directory)) {
    console.log(`Skipped what needs the Balabit data: ${directory} is not present (MOUSETRAIL_BALABIT=DIR says where it is).`);
    return [];
  }
  return readdirSync(directory).filter((name) => name.endsWith(".csv.gz")).map((name) => readSession(path.join(directory, name)));
}

/** Samples in ms and px, those with a button with its kind. 65535 marks an invalid place. */
function readSession(file) {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n").slice(1);
  let last = 0;
  return lines
    .map((line) => line.trim().split(","))
    .filter(([, , button, state, x, y]) => button !== "Scroll" && state !== "Down" && state !== "Up" && x < 65_535 && y < 65_535)
    .map(([, seconds, , state, x, y]) => ({ at: (last = Math.max(last, Math.round(seconds * 1000))), x: +x, y: +y, kind: BUTTONS[state] ?? Kind.Move }));
}

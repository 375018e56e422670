// Builds what browsers load: the snippet, and the scripts of the admin pages.
//
//   node build.mjs            writes the files (they are committed, so that `cargo run` needs no Node)
//   node build.mjs --check    builds in memory, exits 1 and names each file that differs from the committed one
//
// Both print the snippet's size and fail when it is over its limit.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { minify } from "uglify-js";

/** The most that the snippet may weigh, in bytes after gzip -9. docs/snippet.md says what of it weighs how much. */
const SNIPPET_LIMIT_BYTES = 8.25 * 1024;

const SNIPPET = "snippet/dist/mousetrail.js";
const LICENCE = "/*! mousetrail, MIT OR Apache-2.0 */";

/** What is built from what. A page's script stands directly in templates/assets; what scripts share, in its lib/. */
const pages = ["player", "heatmap", "setup", "page", "live", "pages"];
const entries = [
  { from: "snippet/src/start.ts", to: SNIPPET, banner: `${LICENCE}\n` },
  // The npm package is left for the site's own bundler to make small.
  { from: "snippet/src/index.ts", to: "snippet/dist/index.js", options: { format: "esm", minify: false, banner: { js: LICENCE } } },
  { from: "snippet/src/index.ts", to: "snippet/dist/index.d.ts", make: declare },
  ...pages.map((name) => ({ from: `templates/assets/${name}.ts`, to: `templates/assets/dist/${name}.js` })),
];

const root = path.dirname(fileURLToPath(import.meta.url));

/**
 * Names of properties that are ours alone: they stand in no interface of a browser and not on the wire, so that the snippet can do with
 * shorter ones. What is missing here costs bytes; what is wrong here breaks the browser tests.
 */
const OWN_NAMES = /^(isPresent|note|track|beganMs|about|refused|onNamed|kind|state|texts|number|flags|box|rect|measuredMs|exact|flush|bytes|page|last|at|atX|atY)$/;

/** The bytes of one built file. Neither the directory nor the time of the build shows in them. */
async function bundle({ from, to, banner, options }) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [from],
    bundle: true,
    write: false,
    format: "iife",
    target: "es2021",
    charset: "utf8",
    minify: true,
    legalComments: "none",
    mangleProps: to === SNIPPET ? OWN_NAMES : undefined,
    logLevel: "warning",
    ...options,
  });
  const { text } = result.outputFiles[0];
  return Buffer.from(to === SNIPPET ? banner + squeeze(text) : text);
}

/** A second pass, which takes another 5 % off. It dissolves the outer function, so there is a new one: nothing of ours is the page's business. */
function squeeze(text) {
  const { code, error } = minify(text, { toplevel: true, mangle: { toplevel: true }, compress: { passes: 4, unsafe: true, pure_getters: true } });
  if (error) throw error;
  return `"use strict";(()=>{${code}})();\n`;
}

/** The types of the npm package, as the compiler reads them out of its entry. Whether they are right is for `npm run check` to say. */
function declare() {
  const folder = mkdtempSync(path.join(tmpdir(), "mousetrail-types-"));
  try {
    execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "snippet/tsconfig.types.json", "--outDir", folder], { cwd: root, stdio: "inherit" });
    return readFileSync(path.join(folder, "index.d.ts"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function main(check) {
  const stale = [];
  for (const entry of entries.filter(({ from }) => existsSync(path.join(root, from)))) {
    const bytes = await (entry.make ?? bundle)(entry);
    const file = path.join(root, entry.to);
    if (entry.to === SNIPPET) weigh(bytes);
    if (!check) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    } else if (!existsSync(file) || !readFileSync(file).equals(bytes)) {
      stale.push(entry.to);
    }
  }
  for (const name of stale) console.error(`${name} is not what its source builds to: run \`npm run build\` and commit it`);
  if (stale.length > 0) process.exitCode = 1;
}

function weigh(bytes) {
  const size = gzipSync(bytes, { level: 9 }).length;
  console.log(`snippet: ${bytes.length} bytes, ${size} after gzip (limit ${SNIPPET_LIMIT_BYTES})`);
  if (size > SNIPPET_LIMIT_BYTES) {
    console.error("the snippet is over its limit");
    process.exitCode = 1;
  }
}

await main(process.argv.includes("--check"));

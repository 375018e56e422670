// Who is measured, each as a page would load it: one script, bundled and minified for browsers of 2020.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

/** What a site's own entry would say. What they record goes where `addresses` point, or for rrweb, which sends nothing itself, nowhere. */
const ENTRIES = {
  "@rrweb/record": `import { record } from "@rrweb/record"; record({ emit() {} });`,
  // The element says where it goes; "content" and "track" are on by default.
  "clarity-js": `import { clarity } from "clarity-js"; clarity.start({ projectId: "bench", upload: "/clarity", delay: 1000, track: true, content: true });`,
  "@openreplay/tracker": `import { tracker } from "@openreplay/tracker";
    tracker.configure({ projectKey: "bench", ingestPoint: location.origin + "/openreplay", __DISABLE_SECURE_MODE: true });
    tracker.start().catch(() => {});`,
};

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

/** `{name, code}` of ours and of each peer. */
export async function readScripts() {
  const peers = await Promise.all(Object.entries(ENTRIES).map(async ([name, contents]) => {
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true, write: false, format: "iife", target: "es2020", minify: true, legalComments: "none", logLevel: "error",
      define: { "process.env.NODE_ENV": '"production"' },
    });
    return { name: `${name} ${version(name)}`, code: Buffer.from(outputFiles[0].contents) };
  }));
  return [{ name: "mousetrail", code: readFileSync("snippet/dist/mousetrail.js") }, ...peers];
}

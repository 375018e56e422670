// node build.mjs           builds dist/main.js
// node build.mjs --serve   serves the shop on http://127.0.0.1:8000
import { readFile } from "node:fs/promises";
import { context } from "esbuild";
import { compileScript, parse } from "vue/compiler-sfc";

/** Enough of a loader for components whose whole logic stands in `<script setup>`. */
const components = {
  name: "components",
  setup(build) {
    build.onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor, errors } = parse(await readFile(path, "utf8"), { filename: path });
      if (errors.length > 0) return { errors: errors.map(({ message }) => ({ text: message })) };
      return { contents: compileScript(descriptor, { id: path, inlineTemplate: true }).content };
    });
  },
};

const shop = await context({
  entryPoints: ["main.js"],
  bundle: true,
  format: "esm",
  outdir: "dist",
  plugins: [components],
  define: { __VUE_OPTIONS_API__: "false", __VUE_PROD_DEVTOOLS__: "false", __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false" },
});
if (process.argv.includes("--serve")) {
  await shop.serve({ servedir: ".", fallback: "index.html", host: "127.0.0.1", port: 8000 });
} else {
  await shop.rebuild();
  await shop.dispose();
}

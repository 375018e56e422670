// node build.mjs           builds dist/main.js
// node build.mjs --serve   serves the shop on http://127.0.0.1:8000
import { context } from "esbuild";

const shop = await context({ entryPoints: ["main.jsx"], bundle: true, format: "esm", outdir: "dist", jsx: "automatic", jsxDev: true });
if (process.argv.includes("--serve")) {
  await shop.serve({ servedir: ".", fallback: "index.html", host: "127.0.0.1", port: 8000 });
} else {
  await shop.rebuild();
  await shop.dispose();
}

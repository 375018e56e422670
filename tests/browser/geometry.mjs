// Measures the demo shop in Chromium and writes src/cli/demo/geometry.json, on which the synthetic visitors move.
//
//   node tests/browser/geometry.mjs            measure and write
//   node tests/browser/geometry.mjs --check    compare with the file; exit 1 where a box differs by more than 2 px
//
// 2 px are for versions of Chromium. The shop's font stacks begin with Liberation, and its stars are DejaVu: without Debian's
// fonts-liberation and fonts-dejavu-core text wraps elsewhere and the check means nothing.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { serveShop, PAGES } from "./shop-server.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const OUTPUT = `${ROOT}src/cli/demo/geometry.json`;
const SIZES = [[1440, 900], [1280, 720], [1920, 1080], [820, 1180], [390, 844]];
const TOLERANCE_PX = 2;
const FROM_SNIPPET = `
  export { numberOf, takeDescribed } from "./snippet/src/element";
  import { encode } from "./snippet/src/frame";
  import { decode } from "./snippet/src/decode";
  export const read = (described) => decode(encode([0, 0, 0, 0, 0, 0, 0, 0], described, [])).elements;
`;

const server = await serveShop();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const snippet = await bundleSnippet();
let exitCode = 0;
try {
  const pages = [];
  for (const path of PAGES) pages.push(await measurePage(path));
  const text = `{"pages":[\n${pages.map(pageText).join(",\n")}\n]}\n`;
  if (process.argv.includes("--check")) {
    const differences = compare(JSON.parse(await readFile(OUTPUT, "utf8")).pages, JSON.parse(text).pages);
    for (const difference of differences.slice(0, 20)) console.error(difference);
    console.error(`${differences.length} differences over ${TOLERANCE_PX} px`);
    exitCode = differences.length ? 1 : 0;
  } else {
    await writeFile(OUTPUT, text);
    console.error(`${OUTPUT}: ${text.length} bytes`);
  }
} finally {
  await browser.close();
  server.close();
}
process.exit(exitCode);

/** The snippet's own describing code, as an expression: real and synthetic visits have to name an element alike. */
async function bundleSnippet() {
  const result = await build({
    stdin: { contents: FROM_SNIPPET, resolveDir: ROOT },
    bundle: true, write: false, format: "iife", globalName: "snippet", target: "es2021", logLevel: "warning",
  });
  return `(() => { ${result.outputFiles[0].text}; return snippet; })()`;
}

/** The page's elements are the same at every size; only boxes differ. A box is null where the element isn't shown. */
async function measurePage(path) {
  let title = "";
  let elements = [];
  const sizes = [];
  for (const [width, height] of SIZES) {
    // On a phone and a tablet the scroll bar takes no room.
    const context = await browser.newContext({ viewport: { width, height }, isMobile: width < 1000, hasTouch: width < 1000 });
    const page = await context.newPage();
    await page.goto(server.origin + path, { waitUntil: "networkidle" });
    const measured = await page.evaluate(`(${measure})(${snippet})`);
    title = measured.title;
    if (!elements.length) elements = measured.elements;
    sizes.push({ viewport: [width, height], document: measured.document, boxes: measured.boxes });
    await context.close();
  }
  return { path, title, elements, sizes };
}

/** Runs in the page. */
function measure({ numberOf, takeDescribed, read }) {
  // What a pointer can be over, as far as a visitor's path tells it apart. It holds all that the snippet describes as an ancestor.
  const INTERACTIVE = "a,button,input,select,textarea,label,summary,[role=button],[onclick]";
  const STRUCTURE = `html,body,header,nav,main,section,article,aside,footer,form,fieldset,ul,ol,dl,li,details,table,dialog,[role],h1,h2,h3,legend,p,dt,dd,img,#gallery,.pair,${INTERACTIVE}`;
  const all = [...document.querySelectorAll(STRUCTURE)].filter((element) => !element.closest("option,[hidden],.toast,.skip,.hide"));
  // The snippet counts elements as it meets them: here in document order, so that a number is the place in `all` and 1.
  all.forEach((element) => numberOf(element));
  const described = [];
  for (let part; (part = takeDescribed(true)).length > 0; ) described.push(...read(part));
  if (described.length > all.length) throw new Error("the snippet describes an ancestor that STRUCTURE has not");
  const isText = (element) => /^(h\d|p|dt|dd|legend|label|summary)$/i.test(element.tagName);
  return {
    title: document.title,
    document: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
    elements: all.map((element, at) => {
      const { parent, text_length, tag, role, selectors } = described[at];
      // What the collector adds by tag and role.
      const flags = described[at].flags | (element.matches(INTERACTIVE) ? 4 : 0) | (element.matches("img,svg,video,canvas,picture") ? 8 : 0);
      const line = isText(element) ? Math.round(parseFloat(getComputedStyle(element).lineHeight)) || 0 : 0;
      return { id: element.id, selectors, tag, role, flags, parent: parent - 1, text: text_length, line, href: element.getAttribute("href") ?? "" };
    }),
    boxes: all.map((element) => {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || !element.checkVisibility()) return null;
      const numbers = [box.x + scrollX, box.y + scrollY, box.width, box.height].map(Math.round);
      // How far it scrolls by itself.
      const overflow = getComputedStyle(element).overflowY;
      const range = overflow === "auto" || overflow === "scroll" ? element.scrollHeight - element.clientHeight : 0;
      return element !== document.documentElement && element !== document.body && range > 0 ? [...numbers, range] : numbers;
    }),
  };
}

/** One line an element and one a size, so that a change of the shop makes a readable difference. */
function pageText({ path, title, elements, sizes }) {
  const lines = (rows) => rows.map((row) => JSON.stringify(row)).join(",\n");
  return `{"path":${JSON.stringify(path)},"title":${JSON.stringify(title)},"elements":[\n${lines(elements)}\n],"sizes":[\n${lines(sizes)}\n]}`;
}

function compare(old, now) {
  const differences = [];
  const differ = (what) => differences.push(what);
  if (old.length !== now.length) differ(`${old.length} pages before, ${now.length} now`);
  now.forEach((page, at) => {
    const before = old[at];
    if (JSON.stringify(before?.elements) !== JSON.stringify(page.elements)) return differ(`${page.path}: other elements`);
    page.sizes.forEach((size, sizeAt) => {
      const sizeBefore = before.sizes[sizeAt];
      const where = `${page.path} at ${size.viewport[0]} px`;
      if (!near(sizeBefore.document, size.document)) differ(`${where}: document ${sizeBefore.document} before, ${size.document} now`);
      size.boxes.forEach((box, boxAt) => {
        if (!near(sizeBefore.boxes[boxAt], box)) differ(`${where}: ${page.elements[boxAt].selectors} was ${sizeBefore.boxes[boxAt]}, is ${box}`);
      });
    });
  });
  return differences;
}

function near(a, b) {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((value, at) => Math.abs(value - b[at]) <= TOLERANCE_PX);
}

// Measures the demo shop in Chromium and writes src/cli/demo/geometry.json, on which the synthetic visitors move.
//
//   node tests/browser/geometry.mjs            measure and write
//   node tests/browser/geometry.mjs --check    compare with the file; exit 1 where a box differs by more than 2 px
//
// 2 px are for versions of Chromium. The shop's font stacks begin with Liberation, and its stars are DejaVu: without Debian's
// fonts-liberation and fonts-dejavu-core text wraps elsewhere and the check means nothing.
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serveShop, PAGES } from "./shop-server.mjs";

const OUTPUT = fileURLToPath(new URL("../../src/cli/demo/geometry.json", import.meta.url));
const SIZES = [[1440, 900], [1280, 720], [1920, 1080], [820, 1180], [390, 844]];
const TOLERANCE_PX = 2;

const server = await serveShop();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const finder = (await readFile(fileURLToPath(import.meta.resolve("@medv/finder")), "utf8")).replaceAll(/^export /gm, "");
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
    const measured = await page.evaluate(`(() => {${finder}; return (${measure})(finder, idName)})()`);
    title = measured.title;
    if (!elements.length) elements = measured.elements;
    sizes.push({ viewport: [width, height], document: measured.document, boxes: measured.boxes });
    await context.close();
  }
  return { path, title, elements, sizes };
}

/** Runs in the page. Describes elements as snippet/src/element.ts does, so that real and synthetic visits name them alike. */
function measure(finder, idName) {
  const INTERACTIVE = "a,button,input,select,textarea,label,summary,option,[role=button],[role=link],[role=tab],[onclick]";
  const STRUCTURE = `html,body,header,nav,main,section,article,aside,footer,form,fieldset,ul,ol,dl,li,details,[role],h1,h2,h3,legend,p,dt,dd,img,#gallery,.pair,${INTERACTIVE}`;
  const all = [...document.querySelectorAll(STRUCTURE)].filter((element) => !element.closest("option,[hidden],.toast,.skip,.hide"));
  const index = new Map(all.map((element, at) => [element, at]));
  const name = (element) => {
    let names = 12;
    const isName = (text) => idName(text) && names-- > 0;
    // No time limit as in the snippet: the same page has to give the same file on a slow machine.
    return finder(element, {
      idName: isName, className: isName, attr: (key, value) => (key === "role" || key === "name") && isName(value),
      timeoutMs: 10_000, maxNumberOfPathChecks: 64,
    });
  };
  const positionOf = (element) => {
    let flags = 0;
    for (let at = element; at; at = at.parentElement) {
      const { position } = getComputedStyle(at);
      flags |= position === "fixed" ? 1 : position === "sticky" ? 2 : 0;
    }
    return flags;
  };
  const parentOf = (element) => {
    let parent = element.parentElement;
    while (parent && !index.has(parent)) parent = parent.parentElement;
    return parent ? index.get(parent) : -1;
  };
  const isText = (element) => /^(h\d|p|dt|dd|legend|label|summary)$/i.test(element.tagName);
  return {
    title: document.title,
    document: [document.documentElement.scrollWidth, document.documentElement.scrollHeight],
    elements: all.map((element) => ({
      id: element.id,
      selector: name(element),
      tag: element.tagName.toLowerCase(),
      role: element.getAttribute("role") ?? element.type ?? "",
      flags: positionOf(element) | (element.matches(INTERACTIVE) ? 4 : 0) | (element.matches("img") ? 8 : 0),
      parent: parentOf(element),
      text: element.matches("input,select,textarea") ? 0 : element.textContent.length,
      line: isText(element) ? Math.round(parseFloat(getComputedStyle(element).lineHeight)) || 0 : 0,
      href: element.getAttribute("href") ?? "",
    })),
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
        if (!near(sizeBefore.boxes[boxAt], box)) differ(`${where}: ${page.elements[boxAt].selector} was ${sizeBefore.boxes[boxAt]}, is ${box}`);
      });
    });
  });
  return differences;
}

function near(a, b) {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((value, at) => Math.abs(value - b[at]) <= TOLERANCE_PX);
}

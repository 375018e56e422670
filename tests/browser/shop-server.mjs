// Serves the demo shop without the collector: knows just enough of askama (extends, block, {{ value }}) for its templates.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";

const FOLDER = new URL("../../templates/", import.meta.url);
export const PAGES = ["/demo", "/demo/product", "/demo/basket", "/demo/checkout"];
const TYPES = { css: "text/css", js: "text/javascript", svg: "image/svg+xml", html: "text/html; charset=utf-8" };
/** The policy that the collector sends with the shop: what breaks here would break there. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'";

export async function serveShop(port = 0) {
  const server = createServer(async (request, response) => {
    try {
      const path = new URL(request.url, "http://shop").pathname;
      const isPage = PAGES.includes(path);
      const file = path === "/demo" ? "demo/shop.html" : `${path.slice(1)}${isPage ? ".html" : ""}`;
      const body = isPage ? await render(file) : await read(file);
      response.writeHead(200, { "content-type": TYPES[file.split(".").pop()] ?? "text/plain", "content-security-policy": POLICY });
      response.end(body);
    } catch {
      // The snippet's own file is not here, and the shop has to work without it.
      response.writeHead(404).end();
    }
  });
  await new Promise((ready) => server.listen(port, "127.0.0.1", ready));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

const read = (file) => readFile(new URL(file, FOLDER), "utf8");

async function render(file) {
  const text = await read(file);
  const [, parent] = text.match(/{% extends "(.+?)" %}/);
  const blocks = Object.fromEntries([...text.matchAll(/{% block (\w+) %}([^]*?){% endblock %}/g)].map(([, name, body]) => [name, body]));
  const values = { base: "/demo", key: "demo", script_src: "/mousetrail.js" };
  return (await read(parent))
    .replaceAll(/{% block (\w+) %}{% endblock %}/g, (_, name) => blocks[name] ?? "")
    .replaceAll(/{{ (\w+) }}/g, (_, name) => values[name]);
}

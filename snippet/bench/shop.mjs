// The page that is measured, and what it talks to: scripts, our collector, and an answer for whatever the others send.
import { createServer } from "node:http";
import { acknowledgeFrames } from "./socket.mjs";

const CARDS = 164;
export const NODES = 1_500;

/** A shop with so many cards that the document has about 1,500 elements. */
function page(head) {
  const card = (_, i) => `<li class="card" data-sku="${i}"><a href="#${i}"><img alt="" width="180" height="120" src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>">
    <h3>Thing number ${i}</h3></a><p>Plain, sturdy, <em>and</em> made to last.</p><p class="price"><span>${i + 5}.90</span></p><button type="button">Add</button></li>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>${head}<style>
    body { margin: 0; font: 16px/1.4 sans-serif } header, footer { padding: 16px; background: #eee } nav a { margin-right: 12px }
    ul { display: grid; grid-template-columns: repeat(5, 1fr); gap: 12px; list-style: none; padding: 12px } .card { border: 1px solid #ccc; padding: 8px }
    .hero { font-size: 60px; margin: 0; padding: 80px 20px; background: #def }</style></head><body>
    <header><nav>${["Home", "Things", "About", "Help"].map((name) => `<a href="#${name}">${name}</a>`).join("")}</nav></header>
    <main><p class="hero">Everything that one needs, and a few things that one doesn't</p><form><input name="q"><button>Find</button></form>
    <ul>${Array.from({ length: CARDS }, card).join("")}</ul></main><footer><p>The end</p></footer></body></html>`;
}

/** Serves `/page/N` with script N deferred in its head (none where there is no such script), and `/script/N`. */
export async function startShop(scripts) {
  const frames = { count: 0, bytes: 0 };
  const server = createServer((asked, answer) => {
    const [, kind, name] = new URL(asked.url, "http://shop").pathname.split("/");
    const send = (type, body) => answer.writeHead(200, { "content-type": type, "cache-control": "no-store" }).end(body);
    asked.resume();
    if (kind === "page") return send("text/html; charset=utf-8", page(scripts[name] ? tagOf(name) : ""));
    if (kind === "script") return send("text/javascript", scripts[name]?.code ?? "");
    // What OpenReplay wants to hear before it records.
    if (asked.url === "/openreplay/v1/web/start") {
      return send("application/json", JSON.stringify({ token: "t", userUUID: "u", sessionID: "1", projectID: "1", delay: 0, startTimestamp: Date.now(), beaconSizeLimit: 1e6, compressionThreshold: 24_000 }));
    }
    if (asked.url.startsWith("/openreplay/v1/web/tags")) return send("application/json", '{"tags":[]}');
    send("text/plain", "");
  });
  server.on("upgrade", (request, socket) => {
    acknowledgeFrames(request, socket, (bytes) => {
      frames.count++;
      frames.bytes += bytes;
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What our collector got. */
    frames,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

/** The tag of script N; a name that is no number has no script. */
export function tagOf(name) {
  return `<script defer src="/script/${name}" data-site="bench" data-collector="/v1"></script>`;
}

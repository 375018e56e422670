// The page's own origin, and a proxy that lets no WebSocket through.
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`)));

/** Serves pages/*.html with `values` filled in; `/product/anything` is heat.html, too. */
export async function startPages(values) {
  const server = createServer((asked, answer) => {
    const name = new URL(asked.url, 'http://page').pathname.slice(1).replace(/^product\/[a-z0-9-]+$/, 'heat.html');
    if (!/^[a-z]+\.html$/.test(name)) return answer.writeHead(404).end();
    let html = readFileSync(new URL(`pages/${name}`, import.meta.url), 'utf8');
    for (const [key, value] of Object.entries(values)) html = html.replaceAll(`{{${key}}}`, value);
    answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  });
  return { url: await listen(server), values, close: () => server.closeAllConnections() ?? server.close() };
}

/** Hands every request on to `target`, but no upgrade: what a company's proxy does to WebSockets. */
export async function startProxyWithoutSockets(target) {
  const server = createServer((asked, answer) => {
    const onward = request(new URL(asked.url, target), { method: asked.method, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
    });
    onward.on('error', () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  server.on('upgrade', (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n'));
  return { url: await listen(server), close: () => server.closeAllConnections() ?? server.close() };
}

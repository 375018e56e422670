// Stands between a page and the collector: keeps what the page posts, holds back what the collector answers on sockets, and can speak in its place.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

export async function startTap(target) {
  const { hostname, port } = new URL(target);
  const sockets = new Set();
  let isHeld = false;

  const server = createServer((asked, answer) => {
    const chunks = [];
    asked.on('data', (chunk) => chunks.push(chunk));
    asked.on('end', () => {
      const body = Buffer.concat(chunks);
      if (asked.method === 'POST') tap.posts.push({ path: asked.url, headers: asked.headers, body });
      const onward = request(new URL(asked.url, target), { method: asked.method, headers: asked.headers }, (got) => {
        answer.writeHead(got.statusCode, got.headers);
        got.pipe(answer);
      });
      onward.on('error', () => answer.writeHead(502).end());
      onward.end(body);
    });
  });

  server.on('upgrade', ({ url, rawHeaders, method }, page, head) => {
    const collector = connect(Number(port), hostname);
    const pair = { page, held: [], flush() { for (const chunk of pair.held.splice(0)) page.write(chunk); } };
    sockets.add(pair);
    const lines = rawHeaders.reduce((all, part, at) => all + part + (at % 2 ? '\r\n' : ': '), `${method} ${url} HTTP/1.1\r\n`);
    collector.write(`${lines}\r\n`);
    collector.write(head);
    page.pipe(collector);
    collector.on('data', (chunk) => (isHeld ? pair.held.push(chunk) : page.write(chunk)));
    const end = () => {
      sockets.delete(pair);
      page.destroy();
      collector.destroy();
    };
    for (const side of [page, collector]) side.on('close', end).on('error', end);
  });

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const tap = {
    url: `http://127.0.0.1:${server.address().port}`,
    /** All that was posted: {path, headers, body}. */
    posts: [],
    /** From now on the page hears nothing on its sockets, until `release`. */
    hold() { isHeld = true; },
    release() {
      isHeld = false;
      sockets.forEach((pair) => pair.flush());
    },
    /** Says something to every page in the collector's name, as one text message of less than 126 bytes. */
    say(message) {
      const text = Buffer.from(JSON.stringify(message));
      for (const { page } of sockets) page.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
    },
    close() {
      for (const { page } of sockets) page.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
  return tap;
}

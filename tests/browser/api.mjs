// The JSON API as a signed in person has it, without a browser.
import assert from 'node:assert/strict';

/** Makes the first account of a collector by the link that it prints, and returns somebody who may ask. */
export async function signIn(collector) {
  const link = collector.said.match(/http\S+\/welcome\/\S+/)[0];
  const body = new URLSearchParams({ email: 'owner@example.com', password: 'correct horse battery' });
  const answer = await fetch(link, { method: 'POST', body, redirect: 'manual', headers: { origin: collector.url } });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  assert.ok(cookie, `the link makes an account: ${answer.status}`);
  const get = (path) => fetch(collector.url + path, { headers: { cookie } });
  return {
    get,
    /** Sends a form of a page. */
    async post(path, fields) {
      const answer = await fetch(collector.url + path, {
        method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers: { cookie, origin: collector.url },
      });
      assert.ok(answer.status < 400, `${path}: ${answer.status} ${await answer.text()}`);
    },
    async json(path) {
      const answer = await get(path);
      const text = await answer.text();
      assert.equal(answer.status, 200, `${path}: ${text}`);
      return JSON.parse(text);
    },
  };
}

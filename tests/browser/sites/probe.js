// First script of every fixture site: notes what the host's world is like before the snippet runs, and says afterwards what has changed.
// It listens for errors, but changes nothing that it watches, except that `Math.random` mostly gives small numbers: retries then come
// soon, so that a visit of a second sees several of them.
(() => {
  const { getOwnPropertyDescriptor: describe, getPrototypeOf, isExtensible, is } = Object;
  const { ownKeys } = Reflect;
  const textOf = Function.prototype.toString;
  const freeRandom = Math.random;
  Math.random = () => Number('{{random_most}}') * freeRandom();

  /** Uncaught errors and unhandled rejections, what a policy refused, and what didn't load: as the page itself can see them. */
  const seen = { errors: [], refused: [], unloaded: [] };
  addEventListener('error', ({ message, filename, target }) => {
    if (target === window) seen.errors.push(`${message} (${filename})`);
    else seen.unloaded.push(target.src ?? target.href);
  }, true);
  addEventListener('unhandledrejection', ({ reason }) => seen.errors.push(`unhandled: ${reason}`));
  addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => seen.refused.push(`${effectiveDirective} ${blockedURI}`), true);

  /** Everything that belongs to the host and that a script could change, by name: each interface, its prototype, and the objects that all pages share. */
  function world() {
    const things = new Map([[window, 'window'], [document, 'document'], [document.documentElement, 'html'], [navigator, 'navigator'], [history, 'history']]);
    for (const object of [location, screen, console, performance, crypto, customElements, visualViewport]) things.set(object, object[Symbol.toStringTag]);
    for (const key of ownKeys(window)) {
      const value = describe(window, key).value;
      // A frame is a world of its own, with a probe of its own.
      if (/^(\d+|mousetrail|probe)$/.test(String(key)) || value === null || !/^(object|function)$/.test(typeof value) || things.has(value)) continue;
      things.set(value, String(key));
      if (typeof value === 'function' && value.prototype) things.set(value.prototype, `${String(key)}.prototype`);
    }
    return things;
  }

  const handlersOf = (target) => new Map((() => {
    const handlers = [];
    for (const key in target) if (/^on/.test(key)) handlers.push([key, target[key]]);
    return handlers;
  })());

  const pictureOf = (object) => ({
    prototype: getPrototypeOf(object),
    isExtensible: isExtensible(object),
    properties: new Map(ownKeys(object).map((key) => [key, describe(object, key)])),
  });

  const isSame = (a, b) => ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'].every((key) => is(a[key], b[key]));

  let before;
  let handlers;
  const mark = () => {
    before = new Map([...world()].map(([object, name]) => [object, [name, pictureOf(object)]]));
    handlers = [window, document].map((target) => [target, handlersOf(target)]);
  };

  /** The names of all that differs from the time of `mark`. */
  function changes() {
    const found = [];
    for (const [object, [name, then]] of before) {
      const now = pictureOf(object);
      if (now.prototype !== then.prototype) found.push(`${name}: another prototype`);
      if (now.isExtensible !== then.isExtensible) found.push(`${name}: frozen`);
      for (const key of new Set([...then.properties.keys(), ...now.properties.keys()])) {
        const [a, b] = [then.properties.get(key), now.properties.get(key)];
        if (object === window && key === 'mousetrail') continue;
        if (!a || !b || !isSame(a, b)) found.push(`${name}.${String(key)}: ${!a ? 'added' : !b ? 'removed' : 'changed'}`);
      }
    }
    for (const [target, then] of handlers) {
      for (const [key, handler] of handlersOf(target)) if (handler !== then.get(key)) found.push(`${target === window ? 'window' : 'document'}.${key}: set`);
    }
    return found;
  }

  /** What pages and tools most often find replaced. */
  const WELL_KNOWN = {
    fetch: () => fetch, XMLHttpRequest: () => XMLHttpRequest, open: () => XMLHttpRequest.prototype.open, send: () => XMLHttpRequest.prototype.send,
    addEventListener: () => EventTarget.prototype.addEventListener, removeEventListener: () => removeEventListener,
    dispatchEvent: () => document.dispatchEvent, pushState: () => history.pushState, replaceState: () => history.replaceState,
    attachShadow: () => Element.prototype.attachShadow, sendBeacon: () => navigator.sendBeacon, setTimeout: () => setTimeout,
    requestAnimationFrame: () => requestAnimationFrame, Promise: () => Promise, then: () => Promise.prototype.then, stringify: () => JSON.stringify,
    WebSocket: () => window.WebSocket, log: () => console.log, error: () => console.error, matches: () => Element.prototype.matches,
  };
  const replaced = () => Object.keys(WELL_KNOWN).filter((name) => !/\[native code\]/.test(textOf.call(WELL_KNOWN[name]() ?? (() => {}))));

  /** Names of everything that is stored for this origin. A sandboxed frame may have no storage at all. */
  async function stored() {
    try {
      return [
        ...document.cookie.split(';').filter(Boolean), ...Object.keys(localStorage), ...Object.keys(sessionStorage),
        ...(await indexedDB.databases()).map(({ name }) => name), ...await caches.keys(),
      ];
    } catch (error) {
      return [error.name];
    }
  }

  /** Asks the probe of a frame inside this page, of whatever origin. */
  const ask = (frame) => new Promise((answer) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answer(data);
    frame.postMessage('probe', '*', [port2]);
  });
  async function askAll() {
    const answers = [];
    for (let i = 0; i < window.length; i++) answers.push(await ask(window[i]));
    return answers;
  }
  addEventListener('message', async ({ data, ports: [port] }) => {
    if (data === 'probe') port.postMessage(await report());
  });

  async function report() {
    return {
      ...seen, changes: changes(), replaced: replaced(), stored: await stored(),
      isThere: typeof window.mousetrail, works: window.site ? await window.site.works() : undefined,
      inside: await askAll(),
    };
  }

  Object.defineProperty(window, 'probe', { value: { mark, report } });
})();

// A clock for a page that runs as fast as the page can: it stands in for the browser's timers and says what time it is.

/** Script for the page, before any other: afterwards time only passes in `bench.advance(ms)`, which runs the timers that fall due on the way. */
export const CLOCK = `{
  const begin = Date.now();
  const timers = new Map();
  let now = performance.now();
  let count = 0;
  const set = (every) => (call, ms = 0, ...args) => {
    timers.set(++count, { at: now + Math.max(1, ms), every: every && Math.max(1, ms), call: () => call(...args) });
    return count;
  };
  const clear = (id) => void timers.delete(id);
  bench.soon = window.setTimeout.bind(window);
  Object.assign(window, { setTimeout: set(false), setInterval: set(true), clearTimeout: clear, clearInterval: clear });
  performance.now = () => now;
  Date.now = () => begin + Math.round(now);
  bench.advance = (ms) => {
    const end = now + ms;
    for (;;) {
      let id;
      let next = { at: Infinity };
      for (const [key, timer] of timers) if (timer.at < next.at) [id, next] = [key, timer];
      if (next.at > end) break;
      now = Math.max(now, next.at);
      if (next.every) next.at += next.every;
      else timers.delete(id);
      next.call();
    }
    now = end;
  };
}`;

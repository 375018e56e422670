// Compares what was dispatched with what is stored.
import assert from 'node:assert/strict';

/** Half of the whole ms to which both times are rounded, twice. */
const CLOCK_MS = 1;
const POINTER_KINDS = new Set(['move', 'down', 'up', 'click', 'enter', 'leave']);
const EXACT_KINDS = ['down', 'up', 'click'];

/** Distance of (x, y) from the straight way between two events during the given time, px. */
function distance(a, b, from, to, x, y) {
  const share = (t) => (b.t === a.t ? 0 : Math.min(1, Math.max(0, (t - a.t) / (b.t - a.t))));
  const [s0, s1] = a.t === b.t ? [0, 1] : [share(from), share(to)];
  const at = (s) => [a.x + (b.x - a.x) * s, a.y + (b.y - a.y) * s];
  const [[x0, y0], [x1, y1]] = [at(s0), at(s1)];
  const length = (x1 - x0) ** 2 + (y1 - y0) ** 2;
  const s = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length));
  return Math.hypot(x0 + (x1 - x0) * s - x, y0 + (y1 - y0) * s - y);
}

/**
 * Every dispatched point lies within `tolerance` px of the stored path at its time; every down, up and click stands there exactly once, at
 * its place. `events`: rows of pointer_event of one page view. Returns figures for the log.
 */
export function compare(ledger, events, tolerance) {
  const stored = events.map((event) => ({ ...event, t: event.offset_ms }));
  // Both clocks tick alike; only their zero differs. The downs are exact, so they tell it.
  const downs = (list) => list.filter(({ kind }) => kind === 'down');
  const shifts = downs(ledger).map(({ ms }, index) => (downs(stored)[index]?.t ?? NaN) - ms).sort((a, b) => a - b);
  const zero = shifts[shifts.length >> 1];
  assert.ok(shifts.length > 0 && shifts.at(-1) - shifts[0] <= 2, `the downs' times don't fit: ${shifts[0]} to ${shifts.at(-1)}`);

  for (const kind of EXACT_KINDS) {
    const was = ledger.filter((event) => event.kind === kind).map(({ ms, x, y }) => ({ t: ms + zero, x, y }));
    const is = stored.filter((event) => event.kind === kind);
    assert.equal(is.length, was.length, `${kind}: each exactly once`);
    was.forEach((one, index) => {
      const { t, x, y } = is[index];
      assert.deepEqual([x, y], [one.x, one.y], `${kind} ${index} at its place`);
      assert.ok(Math.abs(t - one.t) <= 2 * CLOCK_MS, `${kind} ${index} at its time: ${t} instead of ${one.t}`);
    });
  }

  const path = stored.filter(({ kind }) => POINTER_KINDS.has(kind)).sort((a, b) => a.t - b.t);
  let worst = 0;
  let first = 0;
  for (const { ms, x, y, kind } of ledger) {
    const [from, to] = [ms + zero - CLOCK_MS, ms + zero + CLOCK_MS];
    while (first + 1 < path.length && path[first + 1].t < from) first += 1;
    let nearest = Infinity;
    for (let index = first; index + 1 < path.length && path[index].t <= to; index += 1) {
      nearest = Math.min(nearest, distance(path[index], path[index + 1], from, to, x, y));
    }
    // The last point of all has no segment behind it.
    const last = path.at(-1);
    if (last.t >= from - CLOCK_MS && last.t <= to + CLOCK_MS) nearest = Math.min(nearest, Math.hypot(last.x - x, last.y - y));
    assert.ok(nearest <= tolerance + 1e-6, `a ${kind} at ${ms + zero} ms, (${x}, ${y}) is ${nearest.toFixed(2)} px off the stored path`);
    worst = Math.max(worst, nearest);
  }
  return { dispatched: ledger.length, stored: stored.length, path: path.length, worst_px: Number(worst.toFixed(2)) };
}

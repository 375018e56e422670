// A seeded walk of the pointer with known times and places: smooth strokes, flicks, tremor, rests, clicks.

/** mulberry32: 32 bits of state are enough for a test, and the seed is printed. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Moves of one stroke between two places: `[ms since its begin, x, y]` at 125 to 250 Hz, whole px as a mouse has. */
export function stroke(next, [x0, y0], [x1, y1]) {
  const distance = Math.hypot(x1 - x0, y1 - y0);
  const duration = 80 + 90 * Math.log2(1 + distance / 20) * (0.5 + next());
  const bend = (next() - 0.5) * distance * 0.3;
  const moves = [];
  for (let t = 4; ; t += 4 + 4 * next()) {
    const s = Math.min(1, t / duration);
    // Minimum jerk, bent to one side, with a px of tremor.
    const along = s ** 3 * (10 - 15 * s + 6 * s * s);
    const aside = bend * Math.sin(Math.PI * along);
    const x = x0 + (x1 - x0) * along - ((y1 - y0) / (distance || 1)) * aside + (next() - 0.5) * 2;
    const y = y0 + (y1 - y0) * along + ((x1 - x0) / (distance || 1)) * aside + (next() - 0.5) * 2;
    moves.push([t, Math.round(x), Math.round(y)]);
    if (s === 1) return moves;
  }
}
